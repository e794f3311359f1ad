// SPDX-License-Identifier: MIT
// A first look at what a network lowers to: how many ops and tensors at most, so that a program can be made in one go
// and kept in arrays.
#pragma once

#include <algorithm>
#include <array>

#include "ferlab/model/apply_rewrites.hpp"
#include "ferlab/model/lowering.hpp"

namespace ferlab::detail {

template <class Graph>
class OpCounter;

/// Stands in for Graph<Ops...> where a network is lowered.
template <class... Ops>
class OpCounter<Graph<Ops...>> : public Lowering {
  template <class Op>
  static constexpr std::size_t type_of = std::size_t(place_of<Op, Ops...>);

 public:
  struct Room {
    std::array<std::size_t, sizeof...(Ops)> of_type{};
    std::size_t ops = 0, tensors = 0;
  };
  Room room;

  constexpr ops::Value value(Shape shape) { return room.tensors += 2, ops::Value{0, shape}; }  // and its gradient
  constexpr ops::Bytes bytes(std::size_t) { return ++room.tensors, ops::Bytes{0}; }
  constexpr ops::Scalars scalars(std::size_t) { return ++room.tensors, ops::Scalars{0}; }
  constexpr ops::Weight weight(const Parameter&, Initializer, L2 = {}) { return room.tensors += 2, ops::Weight{0}; }
  template <class Op>
  constexpr void run(const Op&) {
    add<Op>(1);
  }
  template <class Op>
  constexpr void run_backward(const Op&) {
    if (training) add<Op>(1);
  }
  /// Any backward op may be one that adds to a gradient instead of writing it.
  constexpr void finish_backward() {
    const std::size_t most = room.ops;
    if constexpr (type_of<ops::Accumulate> < sizeof...(Ops)) add<ops::Accumulate>(most), room.tensors += most;
  }
  constexpr void rewrite_loss(const auto& table) { add_rewritten(table); }

  /// A rewrite applies at most as often as there are ops of the rarest type in its pattern.
  template <class... Fs>
  constexpr void add_rewritten(const ops::Rewrites<Fs...>&) {
    (add_rewrite(typename Rewrite<Fs>::pattern{}, typename Rewrite<Fs>::makes{}), ...);
  }
  /// Scratch and packed weights for every op.
  constexpr void add_backend_needs() {
    room.tensors += 2 * room.ops;
    (add_packs<Ops>(), ...);
  }

 private:
  template <class Op>
  constexpr void add(std::size_t n) {
    if constexpr (type_of<Op> < sizeof...(Ops)) room.of_type[type_of<Op>] += n;
    room.ops += n;
  }
  template <class... Pattern, class... Results>
  constexpr void add_rewrite(ops::OpTypes<Pattern...>, ops::OpTypes<Results...>) {
    if constexpr (((type_of<Pattern> < sizeof...(Ops)) && ...)) {
      const std::size_t most = std::min({room.of_type[type_of<Pattern>]...});
      (add<Results>(most), ...);
    }
  }
  template <class Op>
  constexpr void add_packs() {
    if constexpr (type_of<ops::PackWeights<Op>> < sizeof...(Ops)) add<ops::PackWeights<Op>>(room.of_type[type_of<Op>]);
  }
};

}  // namespace ferlab::detail
