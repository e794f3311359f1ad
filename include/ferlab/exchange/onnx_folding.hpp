// SPDX-License-Identifier: MIT
// ONNX's nodes whose inputs are all known, computed: what exporters write to find a shape or the pads of a Pad.
// Source of each: github.com/onnx/onnx, docs/Operators.md.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/exchange/onnx_axes.hpp"
#include "ferlab/exchange/onnx_graph.hpp"

namespace ferlab::exchange::detail {

inline Constant list_of(const auto& numbers, bool integers = true) {
  return {{numbers.size()}, {numbers.begin(), numbers.end()}, integers};
}

inline Constant fold_constant(OnnxGraph& graph, const onnx::Node& node) {
  for (const onnx::Attribute& a : node.attributes) {
    if (a.name == "value" && !a.t.empty()) return graph.constant_of(a.t[0]);
    if (a.name == "value_float") return {{}, {double(a.f)}};
    if (a.name == "value_int") return {{}, {double(a.i)}, true};
    if (a.name == "value_floats") return list_of(a.floats, false);
    if (a.name == "value_ints") return list_of(a.ints);
  }
  graph.fail(node, "expected numbers as its value");
}

/// Also of what depends on the network's input: its shape does not.
inline void read_shape(OnnxGraph& graph, const onnx::Node& node) {
  const auto dims = graph.is_data(node, 0) ? graph.unfinished(node).dims : graph.constant(node, 0).dims;
  const auto within = [&](std::int64_t end) {
    if (end < 0) end += std::int64_t(dims.size());
    return std::clamp(end, std::int64_t(0), std::int64_t(dims.size()));
  };
  const std::int64_t first = within(graph.integer(node, "start", 0));
  const std::int64_t last = std::max(first, within(graph.integer(node, "end", std::int64_t(dims.size()))));
  graph.set(node, list_of(std::vector<std::size_t>(dims.begin() + first, dims.begin() + last)));
}

inline Constant fold_constant_of_shape(OnnxGraph& graph, const onnx::Node& node) {
  const onnx::Attribute* value = node.find("value");
  const Constant element = value && value->t.size() == 1 ? graph.constant_of(value->t[0]) : Constant{{1}, {0}};
  std::vector<std::size_t> dims;
  for (const std::int64_t d : whole(graph.constant(node, 0))) {
    if (d < 0) graph.fail(node, "a dimension is " + std::to_string(d));
    dims.push_back(std::size_t(d));
  }
  if (element.values.size() != 1) graph.fail(node, "expected one number as its value");
  const std::size_t n = product(dims);
  graph.spend(n);
  return {std::move(dims), std::vector<double>(n, element.values[0]), element.integers};
}

inline Constant fold_gather(OnnxGraph& graph, const onnx::Node& node) {
  const Constant& in = graph.constant(node, 0);
  const Constant& indices = graph.constant(node, 1);
  if (in.dims.size() != 1 || graph.integer(node, "axis", 0) != 0)
    graph.fail(node, "expected to gather from a list, got an array " + to_text(in.dims));
  graph.spend(indices.values.size());
  Constant out{indices.dims, {}, in.integers};
  for (const std::int64_t index : whole(indices)) {
    const auto at = axis_of(index, in.values.size());
    if (!at) graph.fail(node, "index " + std::to_string(index) + " of " + std::to_string(in.values.size()));
    out.values.push_back(in.values[*at]);
  }
  return out;
}

inline Constant fold_slice(OnnxGraph& graph, const onnx::Node& node) {
  const Constant& in = graph.constant(node, 0);
  const auto numbers = [&](std::size_t input, const char* attribute, std::vector<std::int64_t> otherwise) {
    return graph.has_input(node, input) ? whole(graph.constant(node, input))
                                        : graph.integers(node, attribute, std::move(otherwise));
  };
  const auto starts = numbers(1, "starts", {}), ends = numbers(2, "ends", {});
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < starts.size(); ++i) all.push_back(std::int64_t(i));
  const auto axes = numbers(3, "axes", all), steps = numbers(4, "steps", std::vector<std::int64_t>(starts.size(), 1));
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    graph.fail(node, "expected as many starts as ends, axes and steps");

  std::vector<std::size_t> dims = in.dims;
  std::vector<std::int64_t> strides = row_major_strides(in.dims);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = axis_of(axes[i], dims.size());
    if (!axis || steps[i] == 0) graph.fail(node, "expected an axis of its input and a step, got " + to_text(axes));
    const std::int64_t n = std::int64_t(in.dims[*axis]), step = std::clamp(steps[i], -n - 1, n + 1);
    const auto from_front = [&](std::int64_t place, std::int64_t least, std::int64_t most) {
      return std::clamp(place < 0 ? place + n : place, least, most);
    };
    const std::int64_t start = step > 0 ? from_front(starts[i], 0, n) : from_front(starts[i], 0, n - 1);
    const std::int64_t end = step > 0 ? from_front(ends[i], 0, n) : from_front(ends[i], -1, n - 1);
    const std::int64_t distance = step > 0 ? end - start : start - end, stride = step > 0 ? step : -step;
    dims[*axis] = n == 0 || distance <= 0 ? 0 : std::size_t((distance + stride - 1) / stride);
    first += start * strides[*axis];
    strides[*axis] *= step;
  }
  graph.spend(in.values.size());
  return strided(in, std::move(dims), first, strides);
}

inline Constant fold_concat(OnnxGraph& graph, const onnx::Node& node) {
  Constant out = graph.constant(node, 0);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Constant& part = graph.constant(node, i);
    if (part.dims.size() != 1) graph.fail(node, "expected lists, got an array " + to_text(part.dims));
    graph.spend(part.values.size());
    if (i > 0) out.values.insert(out.values.end(), part.values.begin(), part.values.end());
  }
  out.dims = {out.values.size()};
  return out;
}

/// The first input under other dims.
inline Constant with_dims(OnnxGraph& graph, const onnx::Node& node, std::vector<std::size_t> dims) {
  Constant out = graph.constant(node, 0);
  graph.spend(out.values.size());
  out.dims = std::move(dims);
  return out;
}

inline Constant fold_reshape(OnnxGraph& graph, const onnx::Node& node) {
  const auto& dims = graph.constant(node, 0).dims;
  const auto shape = whole(graph.constant(node, 1));
  const auto found = reshaped(dims, shape, graph.integer(node, "allowzero", 0) != 0);
  if (!found) graph.fail(node, "expected a shape for " + to_text(dims) + ", got " + to_text(shape));
  return with_dims(graph, node, *found);
}

inline Constant fold_squeeze(OnnxGraph& graph, const onnx::Node& node) {
  return with_dims(graph, node, squeezed(graph, node, graph.constant(node, 0).dims));
}
inline Constant fold_unsqueeze(OnnxGraph& graph, const onnx::Node& node) {
  return with_dims(graph, node, unsqueezed(graph, node, graph.constant(node, 0).dims));
}

inline Constant fold_transpose(OnnxGraph& graph, const onnx::Node& node) {
  const Constant& in = graph.constant(node, 0);
  graph.spend(in.values.size());
  const auto from = row_major_strides(in.dims);
  std::vector<std::size_t> dims;
  std::vector<std::int64_t> strides;
  for (const std::size_t axis : order_of(graph, node, in.dims.size())) {
    dims.push_back(in.dims[axis]);
    strides.push_back(from[axis]);
  }
  return strided(in, std::move(dims), 0, strides);
}

inline Constant fold_cast(OnnxGraph& graph, const onnx::Node& node) {
  Constant out = with_dims(graph, node, graph.constant(node, 0).dims);
  if (node.op_type == "Cast") out.integers = onnx::is_integer(onnx::Type(graph.integer(node, "to", 0)));
  if (out.integers)
    for (double& value : out.values) value = std::trunc(value);
  return out;
}

/// Of floats like its second input's, which may depend on the network's input.
inline void read_cast_like(OnnxGraph& graph, const onnx::Node& node) {
  if (graph.is_data(node, 0))
    graph.set(node, graph.data(node));
  else
    graph.set(node, fold_cast(graph, node));
}

inline Constant fold_expand(OnnxGraph& graph, const onnx::Node& node) {
  const Constant& in = graph.constant(node, 0);
  std::vector<std::size_t> wanted;
  for (const std::int64_t d : whole(graph.constant(node, 1)))
    wanted.push_back(std::size_t(std::max(d, std::int64_t(0))));
  const auto dims = broadcast(in.dims, wanted);
  if (!dims) graph.fail(node, "cannot stretch " + to_text(in.dims) + " to " + to_text(wanted));
  graph.spend(product(*dims));
  return expanded(in, *dims);
}

inline Constant fold_binary(OnnxGraph& graph, const onnx::Node& node) {
  const Constant &a = graph.constant(node, 0), &b = graph.constant(node, 1);
  const auto dims = broadcast(a.dims, b.dims);
  if (!dims) graph.fail(node, "arrays " + to_text(a.dims) + " and " + to_text(b.dims) + " do not fit");
  graph.spend(product(*dims));
  graph.spend(product(*dims));
  Constant out = expanded(a, *dims);
  const Constant other = expanded(b, *dims);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    double& x = out.values[i];
    const double y = other.values[i];
    x = node.op_type == "Add" ? x + y : node.op_type == "Sub" ? x - y : node.op_type == "Mul" ? x * y : x / y;
    if (a.integers) x = std::trunc(x);
  }
  return out;
}

}  // namespace ferlab::exchange::detail
