// SPDX-License-Identifier: MIT
// What an op names. An op holds no pointer, and the batch in a geometry is 0 until it runs: it is data, known when the
// program compiles. Its members are references by kind, and one function `operands(op, each)` says what it does with
// them:
//
//   each.reads(r)           r is read
//   each.writes(r)          every element of r is written
//   each.writes_over(r, x)  the same, and r may be x's memory if nobody reads x afterwards
//   each.changes(r)         r is read and written
//   each.scratch(r)         r is used while the op runs
//   each.reports()          it works on the step's numbers: never left out
//
// Only tensors are named there. A Setting, Moment, MetricSum or Target is not; an op that works on one of the last
// three, or on the state, metrics or flat weights of ops::Memory, says reports().
//
// Lifetimes, ops that nobody needs, shared memory and rewrites all follow from that one function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "ferlab/core/shape.hpp"

namespace ferlab::ops {

/// [batch][shape] between two ops: an activation, or its gradient. In the backend's Element type.
struct Value {
  int id = -1;
  Shape shape{};
  constexpr explicit operator bool() const { return id >= 0; }
};

/// Everything else, by what it refers to. Bytes grow with the batch, and Scratch where a backend asks for it per
/// sample.
template <class Kind>
struct Ref {
  int id = -1;
  constexpr explicit operator bool() const { return id >= 0; }
};
using Weight = Ref<struct WeightKind>;      ///< a weight array, as the optimizer keeps it
using Gradient = Ref<struct GradientKind>;  ///< the gradient of one, in the flat buffer
using Scalars = Ref<struct ScalarsKind>;    ///< statistics of a batch
using Packed = Ref<struct PackedKind>;      ///< weights in the order that one backend's op reads
using Bytes = Ref<struct BytesKind>;        ///< bytes per sample, kept for the backward pass
using Scratch = Ref<struct ScratchKind>;    ///< memory that one op needs while it runs

/// A number that tunes (a rate, an epsilon). The list of ops is made when the program compiles, the number is the
/// user's when it runs: this is its place in the program's table of them.
struct Setting {
  int id = -1;
};

/// The numbers that a setting may be; never one that is not finite.
struct SettingRange {
  float least = std::numeric_limits<float>::lowest(), most = std::numeric_limits<float>::max();
  bool below_most = false;  ///< `most` itself is out
};
inline constexpr SettingRange any_number{}, not_negative{0}, from_0_to_1{0, 1}, from_0_below_1{0, 1, true};

/// The k-th of the optimizer's moments: a flat buffer like that of the trainable weights.
struct Moment {
  int id = -1;
};

/// Where a metric sums over the samples seen.
struct MetricSum {
  int id = -1;
  constexpr explicit operator bool() const { return id >= 0; }
};

/// What a batch's samples should give, in the form that a loss or a metric takes: see core/target.hpp.
template <class Kind>
struct Target {};

/// Brings weights into the order that `Op` reads. Run when the weights have changed, where a backend says
/// packed_size(backend, op) > 0.
template <class Op>
struct PackWeights {
  static constexpr const char* name = "pack_weights";
  Op op;
  static constexpr void operands(auto& self, auto& each) { each.writes(self.op.packed); }
};

/// The types of op that a layer, a loss, a metric or an optimizer lowers to.
template <class... Ops>
struct OpTypes {};

/// The parts of a list of ops, in the order they run.
enum class Section { prepare, begin, forward, loss, backward, exchange, update, finish };
inline constexpr int section_count = 8;

}  // namespace ferlab::ops
