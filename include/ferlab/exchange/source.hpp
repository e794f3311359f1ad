// SPDX-License-Identifier: MIT
// A Network as C++ source: from somebody's model file to a program that compiles.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/compat.hpp"
#include "ferlab/exchange/shapes.hpp"

namespace ferlab::exchange {

namespace detail {

/// "0.25f"
inline std::string float_literal(float value) {
  char digits[32];
  std::string text(digits, compat::to_chars(digits, digits + sizeof digits, value).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

/// "Conv2D<64, 3>{}", with only those arguments that are not the default.
class LayerSource {
 public:
  static std::string of(const Layer& layer) {
    return std::visit([](const auto& kind) { return write(kind); }, layer);
  }

 private:
  static std::string list(std::vector<std::string> arguments, const std::vector<std::string>& defaults) {
    while (!arguments.empty() && arguments.back() == defaults[arguments.size() - 1]) arguments.pop_back();
    std::string text;
    for (const std::string& argument : arguments) text += (text.empty() ? "" : ", ") + argument;
    return "<" + text + ">";
  }
  static std::string number(int value) { return std::to_string(value); }
  static std::string word(Padding padding) { return padding == Padding::same ? "Padding::same" : "Padding::valid"; }
  static std::string word(bool bias) { return bias ? "Bias::yes" : "Bias::no"; }
  static std::string fields(float l2) {
    return l2 == 0 ? "{}" : "{.kernel_regularizer = L2{" + float_literal(l2) + "}}";
  }

  static std::string write(const InputLayer& layer) {
    const Shape s = layer.shape;
    return "Input" + list({number(s.height), number(s.width), number(s.channels)}, {"", "", ""}) + "{}";
  }
  static std::string write(const Conv2DLayer& layer) {
    return "Conv2D" +
           list({number(layer.filters), number(layer.kernel), word(layer.padding), number(layer.stride),
                 word(layer.bias)},
                {"", "", "Padding::same", "1", "Bias::yes"}) +
           fields(layer.l2);
  }
  static std::string write(const DenseLayer& layer) {
    return "Dense" + list({number(layer.units), word(layer.bias)}, {"", "Bias::yes"}) + fields(layer.l2);
  }
  static std::string write(const BatchNormLayer& layer) {
    std::string text;
    if (layer.epsilon != 1e-3f) text += ".epsilon = " + float_literal(layer.epsilon);
    if (layer.momentum != 0.99f)
      text = ".momentum = " + float_literal(layer.momentum) + (text.empty() ? "" : ", ") + text;
    return "BatchNorm{" + text + "}";
  }
  static std::string write(const ReLULayer&) { return "ReLU{}"; }
  static std::string write(const SoftmaxLayer&) { return "Softmax{}"; }
  static std::string write(const DropoutLayer& layer) { return "Dropout{" + float_literal(layer.rate) + "}"; }
  template <class Pool>
  static std::string pool(const Pool& layer) {
    const std::string window = number(layer.window);
    return list({window, number(layer.stride), word(layer.padding)}, {"", window, "Padding::valid"}) + "{}";
  }
  static std::string write(const MaxPoolLayer& layer) { return "MaxPool" + pool(layer); }
  static std::string write(const AveragePoolLayer& layer) { return "AveragePool" + pool(layer); }
  static std::string write(const GlobalAveragePoolLayer&) { return "GlobalAveragePool{}"; }
  static std::string write(const FlattenLayer&) { return "Flatten{}"; }
  static std::string write(const RescalingLayer&) { return ""; }  // of the model, not of the net
  static std::string write(const AddLayer&) { return ""; }        // a Residual
};

/// A class whose arguments are deduced takes no comma at its end.
inline std::string without_last_comma(std::string text) {
  if (const std::size_t comma = text.rfind(','); comma != std::string::npos) text.erase(comma, 1);
  return text;
}

/// The layers of a network in their order, an Add and its branches as one Residual.
class NetSource {
 public:
  explicit NetSource(const Network& network) : network_(network), before_(network.nodes.size()) {
    for (std::size_t i = 1; i < before_.size(); ++i) before_[i] = is_add(i) ? fork_of(i) : network.nodes[i].inputs[0];
  }

  /// Lines of layers after the input, each of `indent` spaces.
  std::string text(int indent) const { return lines(chain(network_.nodes.size() - 1, 0), std::size_t(indent)); }

 private:
  const Network& network_;
  std::vector<std::size_t> before_;  ///< what stands before each node: of an Add the node where its branches part

  bool is_add(std::size_t i) const { return std::holds_alternative<AddLayer>(network_.nodes[i].layer); }

  /// Both branches of node i walked back until they meet.
  std::size_t fork_of(std::size_t i) const {
    std::size_t a = network_.nodes[i].inputs[0], b = network_.nodes[i].inputs[1];
    while (a != b) (a > b ? a : b) = before_[std::max(a, b)];
    return a;
  }
  /// The nodes from behind `first` up to `last`.
  std::vector<std::size_t> chain(std::size_t last, std::size_t first) const {
    std::vector<std::size_t> nodes;
    for (; last != first; last = before_[last]) nodes.push_back(last);
    std::reverse(nodes.begin(), nodes.end());
    return nodes;
  }

  std::string lines(const std::vector<std::size_t>& nodes, std::size_t indent) const {
    const std::string margin(indent, ' ');
    std::string text, line;
    const auto end_line = [&] {
      if (!line.empty()) text += margin + line + "\n";
      line.clear();
    };
    for (std::size_t i : nodes) {
      if (is_add(i)) {
        end_line();
        text += residual(i, indent);
        continue;
      }
      const std::string layer = LayerSource::of(network_.nodes[i].layer);
      if (layer.empty()) continue;
      const bool begins = std::holds_alternative<Conv2DLayer>(network_.nodes[i].layer) ||
                          std::holds_alternative<DenseLayer>(network_.nodes[i].layer);
      if (begins || line.size() + layer.size() > 90) end_line();
      line += (line.empty() ? "" : " ") + layer + ",";
    }
    end_line();
    return text;
  }
  std::string residual(std::size_t i, std::size_t indent) const {
    const std::size_t fork = before_[i];
    auto body = chain(network_.nodes[i].inputs[0], fork), shortcut = chain(network_.nodes[i].inputs[1], fork);
    if (body.size() < shortcut.size()) std::swap(body, shortcut);
    const std::string margin(indent, ' ');
    std::string inside = lines(body, indent + 4);
    if (!shortcut.empty())
      inside += margin + "    Projection{\n" + without_last_comma(lines(shortcut, indent + 8)) + margin + "    },\n";
    return margin + "Residual{\n" + without_last_comma(inside) + margin + "},\n";
  }
};

}  // namespace detail

/// A program that has the network and fills it from `path` by the function `load`; of a file of weights only, what they
/// tell as comments.
[[gnu::cold]] inline std::string source(const Network& network, const std::string& path, const std::string& load) {
  if (!network.has_graph) {
    std::string text = "// " + path + " holds weights only; the layers that have them, by their weights:\n";
    for (const Node& node : network.nodes) {
      text += "//   " + node.name + ": " + std::string(type_name(node.layer));
      for (const Array& array : node.weights) text += ", " + array.name + " " + formats::to_string(array.shape);
      text += "\n";
    }
    return text;
  }
  const Shape output = network.nodes.back().output;
  std::string preprocessing;
  for (const Node& node : network.nodes)
    if (const auto* layer = std::get_if<RescalingLayer>(&node.layer))
      preprocessing = "  model.preprocessing = {\"rescaling\", " + detail::float_literal(layer->scale) + ", " +
                      detail::float_literal(layer->offset) + "};\n";
  return "// The network of " + path + ": " + to_string(network.nodes[0].output) + " -> " + to_string(output) +
         "\n"
         "#include <ferlab/exchange.hpp>\n"
         "#include <ferlab/ferlab.hpp>\n"
         "#include <iostream>\n"
         "using namespace ferlab;\n\n"
         "inline auto net() {\n"
         "  return Sequential{\n"
         "      " +
         detail::LayerSource::of(network.nodes[0].layer) + ",\n" +
         detail::without_last_comma(detail::NetSource(network).text(6)) +
         "  };\n"
         "}\n\n"
         "int main() {\n"
         "  Model model{net(), Cpu{}};\n" +
         preprocessing + "  " + load + "(" + formats::json_quoted(path) +
         ", model);\n"
         "  std::cout << summary(model);\n"
         "}\n";
}

}  // namespace ferlab::exchange
