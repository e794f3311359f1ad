// SPDX-License-Identifier: MIT
// ONNX's nodes that only order or name a value's axes: Transpose, Reshape, Flatten, Squeeze, Unsqueeze, Cast, Identity;
// and the means over height and width, after which those two axes are gone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/exchange/onnx_graph.hpp"

namespace ferlab::exchange::detail {

/// Makes x the flat [n, c] of its elements in their order: a Flatten, unless it is flat already.
inline void flatten(OnnxGraph& graph, const onnx::Node& node, Data x) {
  std::string order;
  for (std::size_t i = 1; i < x.axes.size(); ++i)
    if (x.dims[i] != 1) order += x.axes[i];
  const auto is_part_of = [&](const char* whole) {
    std::size_t found = 0;
    for (const char* axis = whole; *axis; ++axis) found += found < order.size() && order[found] == *axis;
    return found == order.size();
  };
  const bool first = is_part_of("CHW"), last = is_part_of("HWC");
  if (x.axes[0] != 'N' || (!first && !last))
    graph.fail(node, "expected axes NCHW or NHWC where a value is made flat, got " + x.axes);
  if (first != last && graph.flattens_channels_first.value_or(first) != first)
    graph.fail(node, "expected the order of axes of the Flatten before it, got axes " + x.axes);
  if (first != last) graph.flattens_channels_first = first;
  const Shape in = graph.shape(x);
  if (!x.flat) graph.add(x, OnnxGraph::called(node), FlattenLayer{});
  x.flat = true;
  x.axes = "NC";
  x.dims = {x.dims[0], in.size()};
  graph.set(node, std::move(x));
}

/// The same elements in the same order under other dims.
inline void reshape(OnnxGraph& graph, const onnx::Node& node, std::vector<std::size_t> dims) {
  Data x = graph.unfinished(node);
  if (dims == x.dims) return graph.set(node, std::move(x));
  x = graph.data(node);
  const auto fail = [&] {
    graph.fail(node, "expected the batch, then all the rest as one axis or axes of 1 more or less, got " +
                         to_text(x.dims) + " to " + to_text(dims));
  };
  if (dims.empty() || dims[0] != x.dims[0] || x.axes[0] != 'N') fail();
  if (dims.size() == 2) return flatten(graph, node, std::move(x));
  // Axes longer than 1 keep their meaning; those of 1 come and go, and mean what is left.
  std::string longer, left, axes = "N";
  std::vector<std::size_t> lengths;
  for (const char axis : {'H', 'W', 'C'}) {
    const std::size_t at = x.axis(axis);
    if (at == std::string::npos || x.dims[at] == 1) left += axis;
  }
  for (std::size_t i = 1; i < x.dims.size(); ++i) {
    if (x.dims[i] == 1) continue;
    longer += x.axes[i];
    lengths.push_back(x.dims[i]);
  }
  std::size_t next = 0, next_left = 0;
  for (std::size_t i = 1; i < dims.size(); ++i) {
    if (dims[i] == 1 ? next_left == left.size() : next == longer.size() || lengths[next] != dims[i]) fail();
    axes += dims[i] == 1 ? left[next_left++] : longer[next++];
  }
  if (next != longer.size()) fail();
  x.axes = axes;
  x.dims = std::move(dims);
  graph.set(node, std::move(x));
}

inline void read_reshape(OnnxGraph& graph, const onnx::Node& node) {
  const auto shape = whole(graph.constant(node, 1));
  const auto dims = reshaped(graph.unfinished(node).dims, shape, graph.integer(node, "allowzero", 0) != 0);
  if (!dims)
    graph.fail(node, "expected a shape for " + to_text(graph.unfinished(node).dims) + ", got " + to_text(shape));
  reshape(graph, node, *dims);
}

inline void read_flatten(OnnxGraph& graph, const onnx::Node& node) {
  graph.require(node, "axis", 1, 1);
  const Data& x = graph.unfinished(node);
  reshape(graph, node, {x.dims[0], product(x.dims) / std::max(x.dims[0], std::size_t(1))});
}

/// The axes that a node names: an input since opset 13 (18 for a mean), an attribute before.
inline std::vector<std::size_t> axes_of(OnnxGraph& graph, const onnx::Node& node, std::size_t rank) {
  const auto given = graph.has_input(node, 1) ? whole(graph.constant(node, 1)) : graph.integers(node, "axes", {});
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) {
    const auto found = axis_of(axis, rank);
    if (!found) graph.fail(node, "expected axes of " + std::to_string(rank) + ", got " + to_text(given));
    axes.push_back(*found);
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

/// The dims without those axes, each of 1; without any of 1 if there are no axes.
inline std::vector<std::size_t> squeezed(OnnxGraph& graph, const onnx::Node& node,
                                         const std::vector<std::size_t>& dims) {
  const auto axes = axes_of(graph, node, dims.size());
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const bool named = std::binary_search(axes.begin(), axes.end(), i);
    if (named && dims[i] != 1) graph.fail(node, "expected to leave out axes of 1, got " + to_text(dims));
    if (!(axes.empty() ? dims[i] == 1 : named)) out.push_back(dims[i]);
  }
  return out;
}

/// The dims with axes of 1 at those places.
inline std::vector<std::size_t> unsqueezed(OnnxGraph& graph, const onnx::Node& node, std::vector<std::size_t> dims) {
  const std::size_t n =
      graph.has_input(node, 1) ? graph.constant(node, 1).values.size() : graph.integers(node, "axes", {}).size();
  for (const std::size_t axis : axes_of(graph, node, dims.size() + n)) {
    if (axis > dims.size()) graph.fail(node, "expected axes that differ");
    dims.insert(dims.begin() + std::ptrdiff_t(axis), 1);
  }
  return dims;
}

inline void read_squeeze(OnnxGraph& graph, const onnx::Node& node) {
  reshape(graph, node, squeezed(graph, node, graph.unfinished(node).dims));
}
inline void read_unsqueeze(OnnxGraph& graph, const onnx::Node& node) {
  reshape(graph, node, unsqueezed(graph, node, graph.unfinished(node).dims));
}

/// A Transpose's order of axes; reversed if it says nothing.
inline std::vector<std::size_t> order_of(OnnxGraph& graph, const onnx::Node& node, std::size_t rank) {
  std::vector<std::int64_t> reversed;
  for (std::size_t i = rank; i-- > 0;) reversed.push_back(std::int64_t(i));
  const auto perm = graph.integers(node, "perm", reversed);
  auto sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  std::reverse(reversed.begin(), reversed.end());
  if (sorted != reversed)
    graph.fail(node, "expected an order of " + std::to_string(rank) + " axes, got " + to_text(perm));
  return {perm.begin(), perm.end()};
}

inline void read_transpose(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.unfinished(node);
  const Data before = x;
  const auto order = order_of(graph, node, x.dims.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    x.axes[i] = before.axes[order[i]];
    x.dims[i] = before.dims[order[i]];
  }
  graph.set(node, std::move(x));
}

/// The mean over height and width, which become axes of 1, or go.
inline void global_average_pool(OnnxGraph& graph, const onnx::Node& node, bool keep_axes) {
  Data x = graph.data(node);
  graph.add(x, OnnxGraph::called(node), GlobalAveragePoolLayer{});
  for (const char axis : {'H', 'W'}) {
    const std::size_t at = x.axis(axis);
    if (at == std::string::npos) continue;
    x.dims[at] = 1;
    if (keep_axes) continue;
    x.axes.erase(at, 1);
    x.dims.erase(x.dims.begin() + std::ptrdiff_t(at));
  }
  x.flat = true;
  graph.set(node, std::move(x));
}

inline void read_global_average_pool(OnnxGraph& graph, const onnx::Node& node) {
  if (const Data& x = graph.unfinished(node); x.axes != "NCHW")
    graph.fail(node, "expected its input to be [n, c, h, w], got axes " + x.axes);
  global_average_pool(graph, node, true);
}

inline void read_reduce_mean(OnnxGraph& graph, const onnx::Node& node) {
  const Data& x = graph.unfinished(node);
  std::string over;
  for (const std::size_t axis : axes_of(graph, node, x.dims.size())) over += x.axes[axis];
  if (over != "HW" && over != "WH")
    graph.fail(node, "expected a mean over height and width, got one over axes \"" + over + "\"");
  global_average_pool(graph, node, graph.integer(node, "keepdims", 1) != 0);
}

inline void read_identity(OnnxGraph& graph, const onnx::Node& node) { graph.set(node, graph.unfinished(node)); }

/// To floats of any width; ferlab computes with its own.
inline void read_cast(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.unfinished(node);
  const auto to = onnx::Type(graph.integer(node, "to", 0));
  if (to != onnx::Type::FLOAT && to != onnx::Type::DOUBLE && to != onnx::Type::FLOAT16)
    graph.fail(node, "expected a Cast to float, got one to type " + std::to_string(std::int64_t(to)));
  x.bytes = false;
  graph.set(node, std::move(x));
}

}  // namespace ferlab::exchange::detail
