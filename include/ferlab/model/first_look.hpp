// SPDX-License-Identifier: MIT
// A first, cheap look at what a network lowers to: its weights, and how many ops and tensors a program has at most, so
// that the list itself can be made in one go and kept in arrays. One type for all networks and programs: what a layer
// lowers with is compiled for it once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ferlab/model/apply_rewrites.hpp"
#include "ferlab/model/lowering.hpp"

namespace ferlab::detail {

/// Stands in for Graph where a network is lowered.
class FirstLook : public Lowering {
 public:
  struct Weights {
    Parameter shape{};
    int layer = 0;
  };
  Items<Weights> weights;
  std::size_t ops = 0, tensors = 0;
  bool accumulates = false;  ///< may a backward op add to a gradient instead of writing it?

  constexpr ops::Value value(Shape shape) { return tensors += 2, ops::Value{0, shape}; }  // and its gradient
  constexpr ops::Bytes bytes(std::size_t) { return ++tensors, ops::Bytes{0}; }
  constexpr ops::Scalars scalars(std::size_t) { return ++tensors, ops::Scalars{0}; }
  constexpr ops::Weight weight(const Parameter& shape, Initializer, L2 = {}) {
    weights.push_back({shape, layer});
    return tensors += 2, ops::Weight{0};
  }
  template <class Op>
  constexpr void run(const Op&) {
    add<Op>(1);
  }
  template <class Op>
  constexpr void run_backward(const Op&) {
    if (training) add<Op>(1);
  }
  constexpr void finish_backward() {
    if (const std::size_t most = ops; accumulates) add<ops::Accumulate>(most), tensors += most;
  }
  constexpr void rewrite_loss(const auto& table) { add_rewritten(table); }

  /// A rewrite applies at most as often as there are ops of the rarest type in its pattern.
  template <auto... Functions>
  constexpr void add_rewritten(ops::Rewrites<Functions...>) {
    (add_rewrite(typename Rewrite<decltype(Functions)>::pattern{}, typename Rewrite<decltype(Functions)>::makes{}),
     ...);
  }
  template <class Op>
  constexpr void add(std::size_t n) {
    count_of(type_number<Op>) += n;
    ops += n;
  }
  template <class Op>
  constexpr std::size_t count() {
    return count_of(type_number<Op>);
  }

 private:
  struct Count {
    std::uint64_t type;
    std::size_t ops;
  };
  Items<Count> counts_;

  constexpr std::size_t& count_of(std::uint64_t type) {
    for (Count& count : counts_)
      if (count.type == type) return count.ops;
    counts_.push_back({type, 0});
    return counts_[counts_.size() - 1].ops;
  }
  template <class... Pattern, class... Results>
  constexpr void add_rewrite(ops::OpTypes<Pattern...>, ops::OpTypes<Results...>) {
    const std::size_t most = std::min({count<Pattern>()...});
    if (most > 0) (add<Results>(most), ...);
  }
};

}  // namespace ferlab::detail
