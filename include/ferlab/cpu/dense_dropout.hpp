// SPDX-License-Identifier: MIT
#pragma once

#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/dense.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/ops/dense_dropout.hpp"

namespace ferlab::ops {

/// The product alone, into the memory of the result.
constexpr Dense dense_part(const DenseDropout& op) {
  Dense dense = op.dense;
  dense.packed = op.packed, dense.y = op.dropout.y;
  return dense;
}

constexpr std::size_t packed_size(const Cpu* cpu, const DenseDropout& op) { return packed_size(cpu, dense_part(op)); }

template <class T>
void run(const Cpu& cpu, const PackWeights<DenseDropout>& pack, const Memory<T>& m) {
  run(cpu, PackWeights<Dense>{dense_part(pack.op)}, m);
}
/// Dropout follows on the small output while it is in cache.
template <class T>
void run(const Cpu& cpu, const DenseDropout& op, const Memory<T>& m) {
  run(cpu, dense_part(op), m);
  Dropout dropout = op.dropout;
  dropout.x = dropout.y;
  run(cpu, dropout, m);
}
template <class T>
void run(const Cpu& cpu, const DropoutReLUBiasBackward& op, const Memory<T>& m) {
  DropoutBackward dropout = op.dropout;
  dropout.dx = op.dx;
  run(cpu, dropout, m);
  run(cpu, ReLUBiasBackward{.y = op.y, .dy = op.dx, .dx = op.dx, .dbias = op.dbias}, m);
}

}  // namespace ferlab::ops
