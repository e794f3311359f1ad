// SPDX-License-Identifier: MIT
// ONNX's nodes with windows, as layers: Conv, MaxPool, AveragePool, and the Pad before a Conv.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/exchange/layouts.hpp"
#include "ferlab/exchange/onnx_graph.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab::exchange::detail {

/// How a node's windows lie, in ferlab's words.
struct Windows {
  int size = 0, stride = 0;
  Padding padding = Padding::valid;
};

/// One axis: where the first window begins, and how many there are.
struct WindowAxis {
  std::int64_t before = 0, count = 0;
};

/// Source: ONNX, Conv and MaxPool: pads, auto_pad and ceil_mode.
inline WindowAxis window_axis(std::int64_t in, std::int64_t size, std::int64_t stride, std::int64_t before,
                              std::int64_t after, const std::string& auto_pad, bool ceil) {
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const std::int64_t count = (in + stride - 1) / stride,
                       total = std::max((count - 1) * stride + size - in, std::int64_t(0));
    return {auto_pad == "SAME_UPPER" ? total / 2 : (total + 1) / 2, count};
  }
  if (auto_pad == "VALID") before = after = 0;
  const std::int64_t room = in + before + after - size;
  if (room < 0) return {before, 0};
  std::int64_t count = room / stride + 1;
  if (ceil && room % stride != 0 && count * stride < in + before) ++count;  // a window may not begin in the padding
  return {before, count};
}

/// "NOTSET" if the node says nothing.
inline std::string auto_pad_of(OnnxGraph& graph, const onnx::Node& node) {
  const onnx::Attribute* auto_pad = node.find("auto_pad");
  if (!auto_pad || auto_pad->s.empty()) return "NOTSET";
  for (const char* known : {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"})
    if (auto_pad->s == known) return known;
  graph.fail(node, "auto_pad is the unknown \"" + auto_pad->s.substr(0, 60) + "\"");
}

/// Top, left, bottom, right, as the node itself says.
inline std::vector<std::int64_t> pads_of(OnnxGraph& graph, const onnx::Node& node) {
  const auto pads = graph.integers(node, "pads", {0, 0, 0, 0});
  const bool fit = std::all_of(pads.begin(), pads.end(), [](auto p) { return p >= 0 && p <= most_of_a_size; });
  if (pads.size() != 4 || !fit) graph.fail(node, "expected 4 pads, 0 and more, got " + to_text(pads));
  return pads;
}

/// FormatError where they do not lie as ferlab's, neither "valid" nor "same". `kernel`: [h, w], or nothing where the
/// node alone says it.
inline Windows read_windows(OnnxGraph& graph, const onnx::Node& node, const Data& x, std::vector<std::int64_t> kernel) {
  if (x.axes != "NCHW") graph.fail(node, "expected its input to be [n, c, h, w], got axes " + x.axes);
  const auto kernel_shape = graph.integers(node, "kernel_shape", kernel);
  if (kernel.empty()) kernel = kernel_shape;
  const auto strides = graph.integers(node, "strides", {1, 1}), dilations = graph.integers(node, "dilations", {1, 1});
  for (const auto& [name, pair] : {std::pair{"kernel_shape", kernel}, {"strides", strides}})
    if (pair.size() != 2 || pair[0] != pair[1] || pair[0] < 1 || pair[0] > most_of_a_size)
      graph.fail(node, "expected " + std::string(name) + " of two equal numbers, got " + to_text(pair));
  if (kernel_shape != kernel)
    graph.fail(node, "expected kernel_shape " + to_text(kernel) + " as its weights', got " + to_text(kernel_shape));
  if (dilations != std::vector<std::int64_t>{1, 1})
    graph.fail(node, "expected dilations [1, 1], got " + to_text(dilations));

  std::string auto_pad = auto_pad_of(graph, node);
  auto pads = pads_of(graph, node);
  if (x.border) {
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER")
      graph.fail(node, "expected no auto_pad after a Pad, got " + auto_pad);
    for (std::size_t i = 0; i < 4; ++i) pads[i] = (auto_pad == "VALID" ? 0 : pads[i]) + (*x.border)[i];
    auto_pad = "NOTSET";
  }

  const Shape in = graph.shape(x);
  const bool ceil = graph.integer(node, "ceil_mode", 0) != 0;
  const int size = int(kernel[0]), stride = int(strides[0]);
  const WindowAxis down = window_axis(in.height, size, stride, pads[0], pads[2], auto_pad, ceil);
  const WindowAxis across = window_axis(in.width, size, stride, pads[1], pads[3], auto_pad, ceil);
  if (down.count < 1 || across.count < 1)
    graph.fail(node, "its windows of " + std::to_string(size) + " do not fit into " + to_string(in));
  for (const Padding padding : {Padding::valid, Padding::same}) {
    const auto fits = [&](int n, const WindowAxis& axis) {
      return axis.count == ferlab::detail::window_count(n, size, stride, padding) &&
             axis.before == ferlab::detail::window_padding(n, size, stride, padding);
    };
    if (fits(in.height, down) && fits(in.width, across)) return {size, stride, padding};
  }
  const auto same = [&](int n) {
    const int count = ferlab::detail::window_count(n, size, stride, Padding::same);
    const int before = ferlab::detail::window_padding(n, size, stride, Padding::same);
    return std::pair(before, std::max((count - 1) * stride + size - n, 0) - before);
  };
  const auto [top, bottom] = same(in.height);
  const auto [left, right] = same(in.width);
  graph.fail(node, "expected pads as of Keras's valid, [0, 0, 0, 0], or same, " +
                       to_text(std::array{top, left, bottom, right}) + ", for windows of " + std::to_string(size) +
                       " with stride " + std::to_string(stride) + " on " + to_string(in) + "; got " +
                       (auto_pad == "NOTSET" ? to_text(pads) + (ceil ? " and ceil_mode" : "") : auto_pad));
}

inline void set_windows(OnnxGraph& graph, const onnx::Node& node, Data y) {
  const Shape out = graph.shape(y);
  y.dims = {y.dims[0], std::size_t(out.channels), std::size_t(out.height), std::size_t(out.width)};
  y.flat = false;
  y.border.reset();
  graph.set(node, std::move(y));
}

inline void read_conv(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.padded_data(node);
  const Constant& kernel = graph.constant(node, 1);
  graph.require(node, "group", 1, 1);
  if (kernel.dims.size() != 4) graph.fail(node, "expected a kernel [out, in, h, w], got " + to_text(kernel.dims));
  if (kernel.dims[1] != std::size_t(graph.shape(x).channels) || kernel.values.empty())
    graph.fail(node, "expected a kernel [out, in, h, w] for " + std::to_string(graph.shape(x).channels) +
                         " channels, got " + to_text(kernel.dims));
  const int filters = int(kernel.dims[0]);
  const Windows windows = read_windows(graph, node, x, {std::int64_t(kernel.dims[2]), std::int64_t(kernel.dims[3])});
  graph.spend(kernel.values.size());
  std::vector<Array> weights{out_last(array_of("kernel", kernel))};
  const bool bias = graph.has_input(node, 2);
  if (bias) {
    const Constant& values = graph.constant(node, 2);
    if (values.dims != std::vector<std::size_t>{kernel.dims[0]})
      graph.fail(node, "expected a bias of " + std::to_string(filters) + ", got " + to_text(values.dims));
    weights.push_back(array_of("bias", values));
  }
  graph.add(x, OnnxGraph::called(node),
            Conv2DLayer{.filters = filters,
                        .kernel = windows.size,
                        .stride = windows.stride,
                        .padding = windows.padding,
                        .bias = bias},
            std::move(weights));
  set_windows(graph, node, std::move(x));
}

inline void read_max_pool(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  const Windows windows = read_windows(graph, node, x, {});
  graph.add(x, OnnxGraph::called(node), MaxPoolLayer{windows.size, windows.stride, windows.padding});
  set_windows(graph, node, std::move(x));
}

inline void read_average_pool(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  const Windows windows = read_windows(graph, node, x, {});
  if (windows.padding == Padding::same) graph.require(node, "count_include_pad", 0, 0);
  graph.add(x, OnnxGraph::called(node), AveragePoolLayer{windows.size, windows.stride, windows.padding});
  set_windows(graph, node, std::move(x));
}

/// Zeros around an image; the Conv that follows takes them.
inline void read_pad(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.unfinished(node);
  const onnx::Attribute* mode = node.find("mode");
  std::vector<std::int64_t> pads =
      graph.has_input(node, 1) ? whole(graph.constant(node, 1)) : graph.integers(node, "pads", {});
  if (graph.has_input(node, 3)) graph.fail(node, "expected pads of all axes, got axes");
  const std::size_t rank = x.axes.size();
  if (pads.size() != 2 * rank) graph.fail(node, "expected " + std::to_string(2 * rank) + " pads, got " + to_text(pads));
  if (std::all_of(pads.begin(), pads.end(), [](std::int64_t p) { return p == 0; }))
    return graph.set(node, std::move(x));

  x = graph.padded_data(node);
  if (x.border) graph.fail(node, "expected one Pad before a Conv, got two");
  if (mode && !mode->s.empty() && mode->s != "constant") graph.fail(node, "expected mode constant, got " + mode->s);
  double value = double(graph.number(node, "value", 0));
  if (graph.has_input(node, 2) && graph.constant(node, 2).values.size() == 1) value = graph.constant(node, 2).values[0];
  if (value != 0) graph.fail(node, "expected to pad with 0, got " + std::to_string(value));
  std::array<std::int64_t, 4> border{};
  for (std::size_t i = 0; i < 2 * rank; ++i) {
    const char axis = x.axes[i % rank];
    const bool spatial = axis == 'H' || axis == 'W';
    if (pads[i] < 0 || pads[i] > most_of_a_size || (pads[i] > 0 && !spatial))
      graph.fail(node, "expected pads of height and width, 0 and more, got " + to_text(pads));
    x.dims[i % rank] += std::size_t(pads[i]);
    if (spatial) border[(i < rank ? 0 : 2) + (axis == 'W' ? 1 : 0)] = pads[i];
  }
  x.border = border;
  graph.set(node, std::move(x));
}

}  // namespace ferlab::exchange::detail
