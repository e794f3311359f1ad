// SPDX-License-Identifier: MIT
// The Eigen backend: the CPU's threads, memory and copies, and ops that Eigen computes. One op a file, as in cpu/. What
// Eigen has nothing to offer for is Cpu's, since an EigenCpu is a Cpu: the frame of a step (ops/step.hpp),
// AdamStepSize, and all copies (cpu/copy.hpp).
#pragma once

#include "ferlab/cpu/cpu.hpp"

namespace ferlab {

/// The CPU through Eigen: `Model model{net, EigenCpu{}}`. For reading, and for processors that Cpu has no vectors for.
/// One thread, so that sums have one order; it depends on the size of the batch, so one sample's output may differ in
/// its last digits from that of the same sample among others. What runs in one go is what Eigen does well: an epilogue
/// on a product.
class EigenCpu : public Cpu {
 public:
  static constexpr ops::Rewrites<ops::rewrites::conv2d_relu, ops::rewrites::dense_relu,
                                 ops::rewrites::relu_bias_backward>
      rewrites{};

  EigenCpu() : Cpu(1) {}
};

}  // namespace ferlab
