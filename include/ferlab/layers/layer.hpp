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
// initializer, penalty): a weight array; g.setting("name", number, range): a number that tunes,
// refused where it is out of its range (ops::from_0_below_1; default: any finite one); g.gradient(value or weight).
// The list is made from a default-constructed layer: a field of the layer reaches an op through g.setting only.
// g.run(op) appends to the forward pass, g.run_backward(op) to the backward pass. Each run begins a group of backward
// ops; groups run in the reverse of their order, the ops of one group as given. Where two ops write the gradient of one
// value, `lowers_to` must also name ops::Accumulate; the gradient of a weight must be written by one op only.
// g.training: is there a backward pass (a layer may return x where there is none, as Dropout); g.layer: this layer's
// number, for its random numbers: put it into the op, whose run hands it to m.stream(op.layer).
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
