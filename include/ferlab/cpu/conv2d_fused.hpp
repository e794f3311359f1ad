// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/batch_norm.hpp"
#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/conv2d.hpp"
#include "ferlab/ops/conv2d_fused.hpp"

namespace ferlab::ops {

constexpr std::size_t packed_size(const Cpu* cpu, const Conv2DStatistics& op) { return packed_size(cpu, op.conv); }
constexpr std::size_t scratch_size(const Cpu* cpu, const Conv2DStatistics& op) {
  return scratch_size(cpu, op.statistics);
}
constexpr std::size_t scratch_size(const Cpu*, const Conv2DBackwardDataReLUBias& op) {
  return detail::conv2d_backward_data_scratch(op.geometry);
}

template <class T>
void run(const Cpu& cpu, const PackWeights<Conv2DStatistics>& pack, const Memory<T>& m) {
  Conv2D conv = pack.op.conv;
  conv.packed = pack.op.packed;
  run(cpu, PackWeights<Conv2D>{conv}, m);
}
template <class T>
void run(const Cpu& cpu, const Conv2DStatistics& op, const Memory<T>& m) {
  Conv2D conv = op.conv;
  conv.packed = op.packed;
  run(cpu, conv, m);
  BatchStatistics statistics = op.statistics;
  statistics.scratch = op.scratch;
  run(cpu, statistics, m);
}
template <class T>
void run(const Cpu& cpu, const Conv2DBackwardDataReLUBias& op, const Memory<T>& m) {
  run(cpu, Conv2DBackwardData{op.geometry, op.dy, op.kernel, op.dx, op.scratch}, m);
  detail::mask_and_sum<T>(cpu, m.rows(op.dx), op.dx.shape.channels, m[op.x], m[op.dx], m[op.dbias]);
}

}  // namespace ferlab::ops
