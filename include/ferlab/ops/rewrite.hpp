// SPDX-License-Identifier: MIT
// Rewrites: what a backend runs in one go. A rewrite is a function from ops that follow each other to the op that
// replaces them:
//
//   constexpr ops::Conv2D conv2d_relu(ops::Conv2D, const ops::ReLU&);
//
// Its parameters are the pattern, of any length: neighbours on the list, each of which reads what the one before wrote.
// It is applied where nobody else reads what would no longer be written. Where forward and backward pass must change
// together, the first parameter of the backward part is a Later<Op> (the same layer's, further down the list), and the
// result is a Both. A rewrite that fits some numbers only returns std::optional.
#pragma once

#include <optional>
#include <tuple>

namespace ferlab::ops {

/// An op of the same layer as the one before it in the pattern, somewhere later on the list.
template <class Op>
struct Later : Op {};

/// One op for each of the two places of a pattern with a Later.
template <class First, class Second>
struct Both {
  First first;
  Second second;
};

/// A backend's table, as a value: `static constexpr ops::Rewrites rewrites{conv2d_relu, ...};`. Tried in this order,
/// each over the whole list.
template <class... Functions>
struct Rewrites {
  std::tuple<Functions...> functions;
  constexpr Rewrites(Functions... f) : functions{f...} {}
};
template <class... Functions>
Rewrites(Functions...) -> Rewrites<Functions...>;

/// One table before another: `Rewrites{add_relu} + Cpu::rewrites`.
template <class... As, class... Bs>
constexpr Rewrites<As..., Bs...> operator+(const Rewrites<As...>& a, const Rewrites<Bs...>& b) {
  return std::apply([](auto... functions) { return Rewrites<As..., Bs...>(functions...); },
                    std::tuple_cat(a.functions, b.functions));
}

}  // namespace ferlab::ops
