// SPDX-License-Identifier: MIT
// An ONNX file as a network: what PyTorch (both exporters), tf2onnx, Keras and ferlab itself write. The graph is
// followed from the input on; names mean nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/exchange/network.hpp"
#include "ferlab/exchange/onnx_arithmetic.hpp"
#include "ferlab/exchange/onnx_axes.hpp"
#include "ferlab/exchange/onnx_folding.hpp"
#include "ferlab/exchange/onnx_graph.hpp"
#include "ferlab/exchange/onnx_windows.hpp"
#include "ferlab/formats/onnx.hpp"

namespace ferlab::exchange {

namespace detail {

/// What is done with a node of that type: computed if all of its inputs are constant, else read as a layer. A nullptr
/// where it cannot be.
struct OnnxOperation {
  std::string_view op_type;
  Constant (*fold)(OnnxGraph&, const onnx::Node&);
  void (*read)(OnnxGraph&, const onnx::Node&);
};
inline constexpr OnnxOperation onnx_operations[] = {
    {"Add", fold_binary, read_binary},
    {"AveragePool", nullptr, read_average_pool},
    {"BatchNormalization", nullptr, read_batch_normalization},
    {"Cast", fold_cast, read_cast},
    {"CastLike", fold_cast, read_cast_like},
    {"Clip", nullptr, read_clip},
    {"Concat", fold_concat, nullptr},
    {"Constant", fold_constant, nullptr},
    {"ConstantOfShape", fold_constant_of_shape, nullptr},
    {"Conv", nullptr, read_conv},
    {"Div", fold_binary, read_binary},
    {"Dropout", nullptr, read_dropout},
    {"Expand", fold_expand, nullptr},
    {"Flatten", nullptr, read_flatten},
    {"Gather", fold_gather, nullptr},
    {"Gemm", nullptr, read_gemm},
    {"GlobalAveragePool", nullptr, read_global_average_pool},
    {"Identity", fold_cast, read_identity},
    {"MatMul", nullptr, read_mat_mul},
    {"MaxPool", nullptr, read_max_pool},
    {"Mul", fold_binary, read_binary},
    {"Pad", nullptr, read_pad},
    {"ReduceMean", nullptr, read_reduce_mean},
    {"Relu", nullptr, read_relu},
    {"Reshape", fold_reshape, read_reshape},
    {"Slice", fold_slice, nullptr},
    {"Softmax", nullptr, read_softmax},
    {"Squeeze", fold_squeeze, read_squeeze},
    {"Sub", fold_binary, read_binary},
    {"Transpose", fold_transpose, read_transpose},
    {"Unsqueeze", fold_unsqueeze, read_unsqueeze},
};

[[gnu::cold]] inline void read_onnx_node(OnnxGraph& graph, const onnx::Node& node) {
  if (node.op_type == "Shape") return read_shape(graph, node);
  if (!node.domain.empty() && node.domain != "ai.onnx")
    graph.fail(node, "expected operations of ONNX itself, got one of \"" + node.domain + "\"");
  const auto* found = std::find_if(std::begin(onnx_operations), std::end(onnx_operations),
                                   [&](const OnnxOperation& known) { return known.op_type == node.op_type; });
  if (found == std::end(onnx_operations)) graph.fail(node, "ferlab has no such layer");
  if (const bool constant = graph.all_constant(node); constant && found->fold)
    graph.set(node, found->fold(graph, node));
  else if (found->read)
    found->read(graph, node);
  else
    graph.fail(node, "expected constant inputs: ferlab has no such layer");
}

/// Whether a file's input of four axes has its channels last. The first node that cares tells.
inline bool has_channels_last(const onnx::Model& model, const onnx::ValueInfo& input) {
  const bool last_is_shorter = input.dims[3] < input.dims[1];
  std::string value = input.name;
  for (const onnx::Node& node : model.nodes) {
    if (std::find(node.inputs.begin(), node.inputs.end(), value) == node.inputs.end()) continue;
    const std::string& op = node.op_type;
    if (op == "Shape") continue;
    if (op == "Transpose") {
      const onnx::Attribute* perm = node.find("perm");
      return perm && perm->ints.size() == 4 && perm->ints[1] == 3;
    }
    if (op == "Reshape" || op == "Flatten") return last_is_shorter;  // of one channel, moved; or a net of Dense only
    const bool keeps_axes =
        op == "Cast" || op == "Mul" || op == "Add" || op == "Sub" || op == "Div" || op == "Identity";
    if (!keeps_axes || node.outputs.empty()) return false;
    value = node.outputs[0];
  }
  return false;
}

/// The graph's one input that is no initializer, as the network's first node.
[[gnu::cold]] inline void read_onnx_input(OnnxGraph& graph) {
  const onnx::ValueInfo* input = nullptr;
  for (const onnx::ValueInfo& value : graph.model.inputs) {
    if (graph.find(value.name)) continue;  // old files list the initializers here too
    if (input) graph.fail("expected one input, got \"" + input->name + "\" and \"" + value.name + "\"");
    input = &value;
  }
  if (!input) graph.fail("expected one input, there is none");
  const std::string where = "input \"" + input->name + "\": ";
  const auto& dims = input->dims;
  Data x;
  if (dims.size() == 2)
    x.axes = "NC";
  else if (dims.size() == 4)
    x.axes = has_channels_last(graph.model, *input) ? "NHWC" : "NCHW";
  else
    graph.fail(where + "expected [n, c, h, w], [n, h, w, c] or [n, c], got " + to_text(dims));
  Shape shape;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] > most_of_a_size || (i > 0 && dims[i] < 1))
      graph.fail(where + "expected fixed numbers from 1 to " + std::to_string(most_of_a_size) +
                 " (but for the batch), got " + to_text(dims));
    x.dims.push_back(std::size_t(std::max(dims[i], std::int64_t(1))));
    (x.axes[i] == 'H' ? shape.height : x.axes[i] == 'W' ? shape.width : shape.channels) = int(x.dims[i]);
  }
  x.bytes = input->type == std::int64_t(onnx::Type::UINT8);
  if (const auto type = onnx::Type(input->type); !x.bytes && (onnx::size_of(type) == 0 || onnx::is_integer(type)))
    graph.fail(where + "expected floats or uint8, got elements of type " + std::to_string(input->type));
  x.flat = dims.size() == 2;
  graph.network.nodes.push_back({input->name, InputLayer{shape}, {}, {}, shape});
  graph.set(input->name, std::move(x));
}

}  // namespace detail

/// The network of an ONNX file. A BatchNorm that an exporter has folded into a convolution is missing; one that it has
/// folded to a Mul and an Add is back, with mean 0 and a variance that makes its root 1. FormatError, with `name` and
/// the node's, for what ferlab has no layer for.
[[gnu::cold]] inline Network read_onnx(std::string_view bytes, const std::string& name) {
  const formats::onnx::Model model = formats::onnx::parse(bytes, name);
  detail::OnnxGraph graph(model, name, bytes.size());
  if (model.opset < 7)
    graph.fail("expected operations of ONNX's version 7 or newer, got " + std::to_string(model.opset));
  detail::read_onnx_input(graph);
  for (const formats::onnx::Node& node : model.nodes) detail::read_onnx_node(graph, node);

  if (model.outputs.size() != 1) graph.fail("expected one output, got " + std::to_string(model.outputs.size()));
  const std::string& output = model.outputs[0].name;
  auto* value = graph.find(output);
  auto* data = value ? std::get_if<detail::Data>(value) : nullptr;
  if (!data || data->bytes || data->border) graph.fail("output \"" + output + "\" is not what a layer gives");
  graph.finish(*data);
  const std::vector<Node>& layers = graph.network.nodes;
  std::vector<bool> leads(layers.size());
  leads[data->layer] = true;
  for (std::size_t i = layers.size(); i-- > 0;) {
    if (!leads[i]) graph.fail("layer \"" + layers[i].name + "\" does not lead to the output \"" + output + "\"");
    for (const std::size_t input : layers[i].inputs) leads[input] = true;
  }
  graph.network.flattens_channels_first = graph.flattens_channels_first.value_or(false);
  graph.network.may_be_folded = true;
  graph.network.metadata = model.metadata;
  return std::move(graph.network);
}

}  // namespace ferlab::exchange
