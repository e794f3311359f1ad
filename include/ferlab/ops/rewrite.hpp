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

/// A backend's table: `static constexpr ops::Rewrites<conv2d_relu, ...> rewrites{};`. Tried in this order, each over
/// the whole list.
template <auto... Functions>
struct Rewrites {};

/// One table before another: `Rewrites<add_relu>{} + Cpu::rewrites`.
template <auto... As, auto... Bs>
constexpr Rewrites<As..., Bs...> operator+(Rewrites<As...>, Rewrites<Bs...>) {
  return {};
}

}  // namespace ferlab::ops
