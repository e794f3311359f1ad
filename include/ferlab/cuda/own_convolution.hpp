// SPDX-License-Identifier: MIT
// Our own convolutions on the tensor cores (kernels/conv2d_tensor.cuh), as one of the ways to run a Convolution.
#pragma once

#include "ferlab/cuda/convolution.hpp"
#include "kernels/kernels.hpp"

namespace ferlab::cuda {

/// Is there a kernel of ours for it? In bfloat16.
inline bool own_takes(const Convolution& c) {
  return c.is_gradient() ? kernels::conv2d_tensor_takes_gradient(c.g) : kernels::conv2d_tensor_takes(c.g);
}

inline std::size_t own_workspace_bytes(const Convolution& c) {
  return c.kind == Convolution::Kind::filter_gradient
             ? sizeof(float) * kernels::conv2d_tensor_backward_filter_scratch_size(c.g)
         : c.statistics ? sizeof(float) * kernels::conv2d_tensor_statistics_scratch_size(c.g)
                        : 0;
}

inline void run_own(cudaStream_t stream, const Convolution& c, const ConvolutionMemory& memory, void* workspace) {
  const auto read = [](const void* at) { return static_cast<const bfloat16*>(at); };
  const auto write = [](const void* at) { return static_cast<bfloat16*>(const_cast<void*>(at)); };
  switch (c.kind) {
    case Convolution::Kind::data_gradient:
    case Convolution::Kind::data_gradient_relu:
      return conv2d_tensor_backward_data(stream, c.g, read(memory.y), read(memory.w), read(memory.relu),
                                         write(memory.x));
    case Convolution::Kind::filter_gradient:
      return kernels::conv2d_tensor_backward_filter(stream, c.g, read(memory.x), read(memory.y), write(memory.w),
                                                    static_cast<float*>(workspace));
    default: {
      const Activation activation = c.has_relu() ? Activation::relu : Activation::none;
      if (c.statistics)
        return kernels::conv2d_tensor_forward_statistics(stream, c.g, read(memory.x), read(memory.w), read(memory.bias),
                                                         activation, write(memory.y), memory.statistics,
                                                         static_cast<float*>(workspace));
      return kernels::conv2d_tensor_forward(stream, c.g, read(memory.x), read(memory.w), read(memory.bias), activation,
                                            write(memory.y));
    }
  }
}

}  // namespace ferlab::cuda
