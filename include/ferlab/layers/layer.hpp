// SPDX-License-Identifier: MIT
// What a layer is: a type that says which ops it becomes. It knows no backend. Everything but `lower` and `lowers_to`
// has a default:
//
//   static constexpr const char* name             "conv2d"; numbered by the model: conv2d, conv2d_1, ...
//   static constexpr bool accepts(Shape in)       can this shape enter? (default: always)
//   template <Shape In> struct rejected           holds the static_assert whose text the user reads when it cannot
//   static constexpr Shape output(Shape in)       (default: the same shape)
//   using lowers_to = ops::OpTypes<...>           the types of op that `lower` names
//   constexpr ops::Value lower(auto& g, ops::Value x) const
//                                                 appends ops to g, returns the output's value
//
// What g offers: g.value(shape), g.scalars(count), g.bytes(per_sample): tensors between ops; g.weight(parameter,
// initializer, penalty): a weight array; g.setting("name", number): a number that tunes; g.gradient(value or weight);
// g.run(op), and g.run_backward(op), which runs in the backward pass, after what later layers gave and in the order
// given here; g.training: is there a backward pass; g.layer: this layer's number, which addresses its random numbers.
#pragma once

#include "ferlab/core/shape.hpp"
#include "ferlab/layers/parameter.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

template <class L>
inline constexpr const char* layer_name = [] {
  if constexpr (requires { L::name; })
    return L::name;
  else
    return "layer";
}();

template <class L>
constexpr bool layer_accepts(Shape in) {
  if constexpr (requires { L::accepts(in); })
    return L::accepts(in);
  else
    return true;
}

template <class L>
constexpr Shape layer_output(Shape in) {
  if constexpr (requires { L::output(in); })
    return L::output(in);
  else
    return in;
}

}  // namespace ferlab::detail
