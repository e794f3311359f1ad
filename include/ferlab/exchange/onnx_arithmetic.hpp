// SPDX-License-Identifier: MIT
// ONNX's nodes that compute without windows, as layers: Gemm and MatMul, BatchNormalization, Relu and Clip, Softmax,
// Dropout; and Add, Sub, Mul, Div, which are a residual, a bias, the preprocessing, or a BatchNorm folded to two
// numbers a channel.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/exchange/layouts.hpp"
#include "ferlab/exchange/onnx_graph.hpp"

namespace ferlab::exchange::detail {

/// `values` for each of n channels: one for all, or one each.
inline std::vector<double> for_each_channel(OnnxGraph& graph, const onnx::Node& node, const Constant& from,
                                            std::size_t n) {
  if (from.values.size() == n) return from.values;
  if (from.values.size() == 1) return std::vector<double>(n, from.values[0]);
  graph.fail(node, "expected 1 or " + std::to_string(n) + " numbers, got an array " + to_text(from.dims));
}

inline void read_dense(OnnxGraph& graph, const onnx::Node& node, bool transposed_kernel, bool has_bias) {
  Data x = graph.data(node);
  const Shape in = graph.shape(x);
  if (x.axes != "NC" || !in.is_flat())
    graph.fail(node, "expected a flat input [n, c], got axes " + x.axes + " of " + to_string(in));
  const Constant& kernel = graph.constant(node, 1);
  const std::size_t row = transposed_kernel ? 1 : 0;
  if (kernel.dims.size() != 2 || kernel.dims[row] != std::size_t(in.channels) || kernel.values.empty())
    graph.fail(node, "expected a kernel for " + std::to_string(in.channels) + " inputs, got " + to_text(kernel.dims));
  const std::size_t units = kernel.dims[1 - row];
  graph.spend(kernel.values.size());
  std::vector<Array> weights{array_of("kernel", kernel)};
  if (transposed_kernel) weights[0] = out_last(weights[0]);
  if (has_bias) {
    const auto bias = for_each_channel(graph, node, graph.constant(node, 2), units);
    weights.push_back({"bias", {units}, {bias.begin(), bias.end()}});
  }
  graph.add(x, OnnxGraph::called(node), DenseLayer{.units = int(units), .bias = has_bias}, std::move(weights));
  x.dims[1] = units;
  x.flat = true;
  graph.set(node, std::move(x));
}

inline void read_gemm(OnnxGraph& graph, const onnx::Node& node) {
  graph.require(node, "transA", 0, 0);
  for (const char* factor : {"alpha", "beta"})
    if (graph.number(node, factor, 1) != 1)
      graph.fail(node, "expected " + std::string(factor) + " 1, got " + std::to_string(graph.number(node, factor, 1)));
  read_dense(graph, node, graph.integer(node, "transB", 0) != 0, graph.has_input(node, 2));
}

inline void read_mat_mul(OnnxGraph& graph, const onnx::Node& node) { read_dense(graph, node, false, false); }

inline void read_batch_normalization(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  graph.require(node, "training_mode", 0, 0);
  graph.require(node, "spatial", 1, 1);
  if (x.axis('C') != 1) graph.fail(node, "expected channels second, got axes " + x.axes);
  const std::size_t c = std::size_t(graph.shape(x).channels);
  std::vector<Array> weights;
  for (const char* name : {"gamma", "beta", "moving_mean", "moving_variance"}) {
    const Constant& values = graph.constant(node, weights.size() + 1);
    if (values.dims != std::vector<std::size_t>{c})
      graph.fail(node,
                 "expected a " + std::string(name) + " of " + std::to_string(c) + ", got " + to_text(values.dims));
    weights.push_back(array_of(name, values));
  }
  const float epsilon = graph.number(node, "epsilon", 1e-5f), momentum = graph.number(node, "momentum", 0.9f);
  graph.spend(4 * c);
  graph.add(x, OnnxGraph::called(node), BatchNormLayer{epsilon, momentum}, std::move(weights));
  graph.set(node, std::move(x));
}

inline void read_relu(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  graph.add(x, OnnxGraph::called(node), ReLULayer{});
  graph.set(node, std::move(x));
}

/// Only as a ReLU: from 0 to beyond.
inline void read_clip(OnnxGraph& graph, const onnx::Node& node) {
  constexpr float most = std::numeric_limits<float>::max();
  const auto bound = [&](std::size_t input, const char* attribute, float otherwise) {
    if (!graph.has_input(node, input)) return double(graph.number(node, attribute, otherwise));
    return for_each_channel(graph, node, graph.constant(node, input), 1)[0];
  };
  const double low = bound(1, "min", -most), high = bound(2, "max", most);
  if (low != 0 || !(high >= double(most)))
    graph.fail(node, "expected a Clip from 0 without an upper bound, as ReLU, got " + std::to_string(low) + " to " +
                         std::to_string(high));
  read_relu(graph, node);
}

inline void read_softmax(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  const std::int64_t axis = graph.integer(node, "axis", graph.model.opset < 13 ? 1 : -1);
  if (x.axes != "NC" || (axis != 1 && axis != -1))
    graph.fail(node,
               "expected a flat input [n, c] and axis 1, got axes " + x.axes + " and axis " + std::to_string(axis));
  graph.add(x, OnnxGraph::called(node), SoftmaxLayer{});
  graph.set(node, std::move(x));
}

inline void read_dropout(OnnxGraph& graph, const onnx::Node& node) {
  Data x = graph.data(node);
  double rate = double(graph.number(node, "ratio", 0.5f));
  if (graph.has_input(node, 1)) rate = for_each_channel(graph, node, graph.constant(node, 1), 1)[0];
  if (graph.has_input(node, 2) && for_each_channel(graph, node, graph.constant(node, 2), 1)[0] != 0)
    graph.fail(node, "expected training_mode false, got true");
  graph.add(x, OnnxGraph::called(node), DropoutLayer{float(rate)});
  graph.set(node, std::move(x));
}

/// Two values that depend on the network's input.
inline void read_residual(OnnxGraph& graph, const onnx::Node& node) {
  for (std::size_t i = 0; i < 2; ++i) {
    Data& side = graph.unfinished(node, i);
    if (side.bytes || side.border) graph.fail(node, "expected floats without a Pad before it");
    graph.finish(side);
  }
  Data x = graph.unfinished(node, 0);
  const Data& y = graph.unfinished(node, 1);
  if (node.op_type != "Add") graph.fail(node, "expected a constant as one of its inputs");
  if (x.axes != y.axes || graph.shape(x) != graph.shape(y))
    graph.fail(node, "expected two inputs of one shape, got " + to_string(graph.shape(x)) + " with axes " + x.axes +
                         " and " + to_string(graph.shape(y)) + " with axes " + y.axes);
  graph.add(x, OnnxGraph::called(node), AddLayer{}, {}, {y.layer});
  x.flat = x.flat && y.flat;
  graph.set(node, std::move(x));
}

/// Add, Sub, Mul or Div of a value by constants, one or one a channel.
inline void read_affine(OnnxGraph& graph, const onnx::Node& node, std::size_t data_input) {
  Data x = graph.unfinished(node, data_input);
  if (x.bytes || x.border) graph.fail(node, x.bytes ? "expected a Cast to float first" : "expected no Pad before it");
  const Constant& numbers = graph.constant(node, 1 - data_input);
  const std::size_t c = std::size_t(graph.shape(x).channels), rank = numbers.dims.size();
  // The axis of the constant that its numbers lie along, counted from the last, must be that of the channels.
  if (rank > x.axes.size())
    graph.fail(node, "expected numbers for each channel, got an array " + to_text(numbers.dims));
  for (std::size_t i = 0; i < rank; ++i)
    if (numbers.dims[i] != 1 && x.axes[x.axes.size() - rank + i] != 'C')
      graph.fail(node, "expected one number or one for each channel, got an array " + to_text(numbers.dims) +
                           " for axes " + x.axes);
  const std::vector<double> values = for_each_channel(graph, node, numbers, c);
  graph.spend(8 * c);

  if (!x.affine) x.affine = {OnnxGraph::called(node), std::vector<double>(c, 1), std::vector<double>(c, 0)};
  const bool mirrored = data_input == 1;  // constant - x, constant / x
  for (std::size_t i = 0; i < c; ++i) {
    double &scale = x.affine->scale[i], &offset = x.affine->offset[i];
    const double value = values[i];
    if (node.op_type == "Add") {
      offset += value;
    } else if (node.op_type == "Sub") {
      scale = mirrored ? -scale : scale;
      offset = mirrored ? value - offset : offset - value;
    } else {
      if (node.op_type == "Div" && mirrored) graph.fail(node, "expected the constant to be the divisor");
      const double factor = node.op_type == "Mul" ? value : 1 / value;
      scale *= factor;
      offset *= factor;
    }
  }

  // Added to a Dense or Conv2D without a bias, which nobody else reads, it is the bias.
  Node& before = graph.network.nodes[x.layer];
  const auto take_bias = [&](auto& layer) {
    layer.bias = true;
    before.weights.push_back({"bias", {c}, {values.begin(), values.end()}});
    x.affine.reset();
  };
  if (node.op_type == "Add" && !graph.unfinished(node, data_input).affine && x.read_once) {
    if (auto* dense = std::get_if<DenseLayer>(&before.layer); dense && !dense->bias) take_bias(*dense);
    if (auto* conv = std::get_if<Conv2DLayer>(&before.layer); conv && !conv->bias) take_bias(*conv);
  }
  graph.set(node, std::move(x));
}

/// Add, Sub, Mul, Div.
inline void read_binary(OnnxGraph& graph, const onnx::Node& node) {
  if (graph.is_data(node, 0) && graph.is_data(node, 1)) return read_residual(graph, node);
  read_affine(graph, node, graph.is_data(node, 0) ? 0 : 1);
}

}  // namespace ferlab::exchange::detail
