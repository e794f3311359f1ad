// SPDX-License-Identifier: MIT
// A network as data: what a file of another program says, or what is to be written to one. Each format is read to and
// written from this, and a model is described as, and filled from, this: no format knows of a model's type, and no
// model of a format.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ferlab/core/shape.hpp"
#include "ferlab/layers/window.hpp"

namespace ferlab::exchange {

/// One weight array, in Keras's layout: a Conv2D's kernel is [h, w, in, out], a Dense's [in, out].
struct Array {
  std::string name;  ///< "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance"
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

// The layers that ferlab can exchange, each with what its file says of it. Activations are layers of their own.
struct InputLayer {
  Shape shape{};
};
/// out = in * scale + offset, right after the input: the preprocessing, where a file holds it as a layer.
struct RescalingLayer {
  float scale = 1, offset = 0;
};
struct Conv2DLayer {
  int filters = 0, kernel = 0, stride = 1;
  Padding padding = Padding::valid;
  bool bias = true;
  float l2 = 0;  ///< of the kernel
};
struct DenseLayer {
  int units = 0;
  bool bias = true;
  float l2 = 0;  ///< of the kernel
};
struct BatchNormLayer {
  float epsilon = 1e-3f;  ///< not a number where a file of weights only does not tell
  float momentum = 0.99f;
};
struct ReLULayer {};
struct SoftmaxLayer {};
struct DropoutLayer {
  float rate = 0;
};
struct MaxPoolLayer {
  int window = 0, stride = 0;
  Padding padding = Padding::valid;
};
struct AveragePoolLayer {
  int window = 0, stride = 0;
  Padding padding = Padding::valid;  ///< what is padded is not counted
};
struct GlobalAveragePoolLayer {};
struct FlattenLayer {};
struct AddLayer {};  ///< of two inputs

using Layer =
    std::variant<InputLayer, RescalingLayer, Conv2DLayer, DenseLayer, BatchNormLayer, ReLULayer, SoftmaxLayer,
                 DropoutLayer, MaxPoolLayer, AveragePoolLayer, GlobalAveragePoolLayer, FlattenLayer, AddLayer>;

/// ferlab's name of the layer's type: "Conv2D".
inline std::string_view type_name(const Layer& layer) {
  constexpr std::string_view names[] = {
      "Input",       "Rescaling",         "Conv2D",  "Dense", "BatchNorm", "ReLU", "Softmax", "Dropout", "MaxPool",
      "AveragePool", "GlobalAveragePool", "Flatten", "Add"};
  static_assert(std::size(names) == std::variant_size_v<Layer>);
  return names[layer.index()];
}

struct Node {
  std::string name{};  ///< as the file, or the model, calls it: "conv2d_1"
  Layer layer{};
  std::vector<std::size_t> inputs{};  ///< places in Network::nodes, all before this node's own
  std::vector<Array> weights{};       ///< Conv2D, Dense: kernel, bias if it has one; BatchNorm: all four
  Shape output{};                     ///< of one sample
};

/// Nodes in an order in which they can be run: the first is the input, the last the output.
struct Network {
  std::vector<Node> nodes;
  /// False for a file of weights only: nodes are then those with weights, and of their layers only what the shapes of
  /// the weights tell is known.
  bool has_graph = true;
  /// Without a graph: layers of one type stand in Keras's order. False where only their names are known.
  bool in_order = true;
  /// The rows of a Dense after a Flatten are in the order [c, h, w], as PyTorch's; else [h, w, c].
  bool flattens_channels_first = false;
  /// A BatchNorm right after a convolution may have been folded into its weights, and be missing here (ONNX).
  bool may_be_folded = false;
  /// What else travels in the file: class_names and preprocessing, as in a model file of ferlab's.
  std::map<std::string, std::string> metadata;
};

}  // namespace ferlab::exchange
