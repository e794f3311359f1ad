// SPDX-License-Identifier: MIT
// Which weights of a file belong to which layer of a model. Both are compared as data; nothing is taken over unless
// everything fits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/exchange/keras_order.hpp"
#include "ferlab/exchange/layouts.hpp"
#include "ferlab/exchange/network.hpp"
#include "ferlab/exchange/shapes.hpp"

namespace ferlab::exchange {

namespace detail {

inline std::string said(Padding padding) { return padding == Padding::same ? "same" : "valid"; }
inline std::string said(int number) { return std::to_string(number); }

/// What differs between two layers of one type at the input `in`; empty if they compute the same.
class Difference {
 public:
  std::string text;

  Difference(const Layer& mine, const Layer& theirs, Shape in) : in_(in) {
    std::visit([&](const auto& layer) { compare(layer, std::get<std::decay_t<decltype(layer)>>(theirs)); }, mine);
  }

 private:
  Shape in_;

  template <class T>
  void differ(const char* what, const T& mine, const T& theirs) {
    if (mine != theirs && text.empty()) text = std::string(what) + ": expected " + said(mine) + ", got " + said(theirs);
  }
  /// "same" and "valid" are one where neither pads.
  void windows(int size, int stride, Padding mine, int their_size, int their_stride, Padding theirs) {
    differ("window", size, their_size);
    differ("stride", stride, their_stride);
    using ferlab::detail::window_count, ferlab::detail::window_padding;
    for (int side : {in_.height, in_.width})
      if (window_count(side, size, stride, mine) != window_count(side, size, stride, theirs) ||
          window_padding(side, size, stride, mine) != window_padding(side, size, stride, theirs))
        differ("padding", mine, theirs);
  }

  void compare(const InputLayer& mine, const InputLayer& theirs) {
    if (mine.shape != theirs.shape)
      text = "shape: expected " + to_string(mine.shape) + ", got " + to_string(theirs.shape);
  }
  void compare(const Conv2DLayer& mine, const Conv2DLayer& theirs) {
    differ("filters", mine.filters, theirs.filters);
    windows(mine.kernel, mine.stride, mine.padding, theirs.kernel, theirs.stride, theirs.padding);
  }
  void compare(const DenseLayer& mine, const DenseLayer& theirs) { differ("units", mine.units, theirs.units); }
  template <class Pool>
  void pools(const Pool& mine, const Pool& theirs) {
    windows(mine.window, mine.stride, mine.padding, theirs.window, theirs.stride, theirs.padding);
  }
  void compare(const MaxPoolLayer& mine, const MaxPoolLayer& theirs) { pools(mine, theirs); }
  void compare(const AveragePoolLayer& mine, const AveragePoolLayer& theirs) { pools(mine, theirs); }
  template <class Other>
  void compare(const Other&, const Other&) {}
};

/// A BatchNorm that changes nothing, or only adds `bias`.
[[gnu::cold]] inline std::vector<Array> folded_batch_norm(const Node& node, const Array* bias) {
  const std::size_t channels = std::size_t(node.output.channels);
  std::vector<Array> weights;
  for (const auto& [name, value] : {std::pair{"gamma", 1.0f},
                                    {"beta", 0.0f},
                                    {"moving_mean", 0.0f},
                                    {"moving_variance", 1 - std::get<BatchNormLayer>(node.layer).epsilon}})
    weights.push_back({name, {channels}, std::vector<float>(channels, value)});
  if (bias) weights[1].values = bias->values;
  return weights;
}

/// A bias of zeros adds nothing: exporters to ONNX leave it out, or write one where there is none.
[[gnu::cold]] inline void match_bias_of_zeros(const Node& mine, Node& theirs) {
  if (!std::holds_alternative<Conv2DLayer>(mine.layer) && !std::holds_alternative<DenseLayer>(mine.layer)) return;
  const auto is_zero = [](float value) { return value == 0; };
  if (theirs.weights.size() == 1 && mine.weights.size() == 2) {
    const Array& bias = mine.weights[1];
    theirs.weights.push_back({bias.name, bias.shape, std::vector<float>(bias.values.size(), 0.0f)});
  } else if (theirs.weights.size() == 2 && mine.weights.size() == 1 &&
             std::all_of(theirs.weights[1].values.begin(), theirs.weights[1].values.end(), is_zero)) {
    theirs.weights.pop_back();
  }
}

/// The weights of one layer of a file, checked against the model's.
[[gnu::cold]] inline std::vector<Array> checked_weights(const Node& mine, const Node& theirs) {
  const auto fail = [&](const std::string& what) {
    throw FormatError(where(theirs) + ", the model's " + mine.name + ": " + what);
  };
  if (theirs.weights.size() > mine.weights.size()) fail("expected no bias, got one");
  if (theirs.weights.size() < mine.weights.size()) fail("expected a bias, got none; write Bias::no");
  for (std::size_t k = 0; k < mine.weights.size(); ++k) {
    const Array &expected = mine.weights[k], &got = theirs.weights[k];
    if (expected.shape != got.shape)
      fail(expected.name + ": expected " + formats::to_string(expected.shape) + ", got " +
           formats::to_string(got.shape));
    for (std::size_t n = 0; n < got.values.size(); ++n)
      if (!std::isfinite(got.values[n]))
        fail(expected.name + ": value " + std::to_string(n) + " is " + std::to_string(got.values[n]));
  }
  return theirs.weights;
}

/// Compares two graphs from their outputs on. Dropout, and a Flatten of what is flat, change nothing and are passed
/// over.
class GraphMatch {
 public:
  GraphMatch(const Network& mine, const Network& theirs) : mine_(mine), theirs_(theirs) {}

  /// For each node of the model the node of the file; none for those that a file may lack.
  std::vector<std::optional<std::size_t>> run() {
    std::size_t mine = skip(mine_, mine_.nodes.size() - 1), theirs = skip(theirs_, theirs_.nodes.size() - 1);
    // Many programs end in logits, with the Softmax as a part of the loss.
    if (is<SoftmaxLayer>(mine_.nodes[mine]) && !is<SoftmaxLayer>(theirs_.nodes[theirs]))
      mine = skip(mine_, mine_.nodes[mine].inputs[0]);
    if (!match(mine, theirs)) throw FormatError(first_difference_);
    std::vector<std::optional<std::size_t>> found(mine_.nodes.size());
    collect(mine, theirs, found);
    return found;
  }

 private:
  const Network &mine_, &theirs_;
  std::map<std::pair<std::size_t, std::size_t>, bool> known_;
  std::map<std::pair<std::size_t, std::size_t>, bool> swapped_;
  std::string first_difference_;

  template <class L>
  static bool is(const Node& node) {
    return std::holds_alternative<L>(node.layer);
  }
  static std::size_t skip(const Network& network, std::size_t at) {
    while (true) {
      const Node& node = network.nodes[at];
      const bool flat = is<FlattenLayer>(node) && network.nodes[node.inputs[0]].output.is_flat();
      if (!is<DropoutLayer>(node) && !is<RescalingLayer>(node) && !flat) return at;
      at = node.inputs[0];
    }
  }
  /// A BatchNorm of the model right after what it can have been folded into, where the file has none.
  bool folded(std::size_t mine, std::size_t theirs) const {
    const Node &a = mine_.nodes[mine], &b = theirs_.nodes[theirs];
    const Node& before = a.inputs.empty() ? a : mine_.nodes[a.inputs[0]];
    return theirs_.may_be_folded && is<BatchNormLayer>(a) && b.layer.index() == before.layer.index() &&
           (is<Conv2DLayer>(b) || is<DenseLayer>(b));
  }

  bool match(std::size_t mine, std::size_t theirs) {
    const auto [entry, is_new] = known_.try_emplace({mine, theirs}, false);
    if (!is_new) return entry->second;
    return entry->second = compare(mine, theirs);
  }
  bool match_inputs(std::size_t mine, std::size_t a, std::size_t theirs, std::size_t b) {
    return match(skip(mine_, mine_.nodes[mine].inputs[a]), skip(theirs_, theirs_.nodes[theirs].inputs[b]));
  }
  bool compare(std::size_t mine, std::size_t theirs) {
    const Node &a = mine_.nodes[mine], &b = theirs_.nodes[theirs];
    if (folded(mine, theirs)) return match(skip(mine_, a.inputs[0]), theirs);
    if (a.layer.index() != b.layer.index())
      return differ(where(b) + ": expected " + std::string(type_name(a.layer)) + ", the model's " + a.name);
    const Shape in = a.inputs.empty() ? a.output : mine_.nodes[a.inputs[0]].output;
    const std::string difference = Difference(a.layer, b.layer, in).text;
    if (!difference.empty()) return differ(where(b) + ", the model's " + a.name + ": " + difference);
    if (a.inputs.size() == 2) {
      if (match_inputs(mine, 0, theirs, 0) && match_inputs(mine, 1, theirs, 1)) return true;
      return swapped_[{mine, theirs}] = match_inputs(mine, 0, theirs, 1) && match_inputs(mine, 1, theirs, 0);
    }
    return a.inputs.empty() || match_inputs(mine, 0, theirs, 0);
  }
  /// Kept is what was found last: the one nearest the input, after all that fits.
  bool differ(const std::string& text) {
    if (first_difference_.empty()) first_difference_ = text;
    return false;
  }

  void collect(std::size_t mine, std::size_t theirs, std::vector<std::optional<std::size_t>>& found) {
    while (true) {
      if (found[mine]) return;
      const Node& node = mine_.nodes[mine];
      if (folded(mine, theirs)) {
        mine = skip(mine_, node.inputs[0]);
        continue;
      }
      found[mine] = theirs;
      if (node.inputs.empty()) return;
      const auto swapped = swapped_.find({mine, theirs});
      const std::size_t first = swapped != swapped_.end() && swapped->second ? 1 : 0;
      const auto& inputs = theirs_.nodes[theirs].inputs;
      if (node.inputs.size() == 2) collect(skip(mine_, node.inputs[1]), skip(theirs_, inputs[1 - first]), found);
      mine = skip(mine_, node.inputs[0]);
      theirs = skip(theirs_, inputs[first]);
    }
  }
};

/// Pairs the layers that have weights, the k-th of a type, in Keras's order, with the k-th; or with the next of its
/// shape.
class WeightMatch {
 public:
  WeightMatch(const Network& mine, const Network& theirs) : mine_(mine), theirs_(theirs) {}

  std::vector<std::optional<std::size_t>> run() {
    const auto our_order = theirs_.in_order ? keras_order(mine_) : as_they_are(mine_);
    for (std::size_t type = 0; type < std::variant_size_v<Layer>; ++type) {
      const auto ours = of_type(mine_, our_order, type), others = of_type(theirs_, as_they_are(theirs_), type);
      if (ours.size() != others.size()) {
        const Node& one = ours.empty() ? theirs_.nodes[others[0]] : mine_.nodes[ours[0]];
        throw FormatError("expected " + std::to_string(ours.size()) + " layers of type " +
                          std::string(type_name(one.layer)) + ", got " + std::to_string(others.size()));
      }
      pair(ours, others);
    }
    return found_;
  }

 private:
  const Network &mine_, &theirs_;
  std::vector<std::optional<std::size_t>> found_ = std::vector<std::optional<std::size_t>>(mine_.nodes.size());

  static std::vector<std::size_t> as_they_are(const Network& network) {
    std::vector<std::size_t> order(network.nodes.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    return order;
  }
  static std::vector<std::size_t> of_type(const Network& network, const std::vector<std::size_t>& order,
                                          std::size_t type) {
    std::vector<std::size_t> places;
    for (std::size_t i : order)
      if (network.nodes[i].layer.index() == type && !network.nodes[i].weights.empty()) places.push_back(i);
    return places;
  }
  static bool same_shapes(const Node& a, const Node& b) {
    if (a.weights.size() != b.weights.size()) return false;
    for (std::size_t k = 0; k < a.weights.size(); ++k)
      if (a.weights[k].shape != b.weights[k].shape) return false;
    return true;
  }
  void pair(const std::vector<std::size_t>& ours, std::vector<std::size_t> others) {
    for (std::size_t mine : ours) {
      auto next = others.begin();
      if (!theirs_.in_order)
        next = std::find_if(others.begin(), others.end(),
                            [&](std::size_t theirs) { return same_shapes(mine_.nodes[mine], theirs_.nodes[theirs]); });
      found_[mine] = next == others.end() ? others.front() : *next;  // the shapes are compared once more, to be named
      others.erase(next == others.end() ? others.begin() : next);
    }
  }
};

}  // namespace detail

/// For each node of `model` the weights that `file` has for it, in Keras's layouts and the order of the model's.
/// Throws FormatError that begins with `path` and names the first layer that differs, or has a weight that is not
/// finite.
[[gnu::cold]] inline std::vector<std::vector<Array>> match(const Network& model, const Network& file,
                                                           const std::string& path) try {
  const auto found = file.has_graph ? detail::GraphMatch(model, file).run() : detail::WeightMatch(model, file).run();
  std::vector<std::vector<Array>> weights(model.nodes.size());
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const Node& mine = model.nodes[i];
    if (mine.weights.empty()) continue;
    if (!found[i]) {  // folded into the layer before it, whose bias it has become where that has none
      const Node& before = model.nodes[mine.inputs[0]];
      const auto& theirs = file.nodes[found[mine.inputs[0]].value()].weights;
      weights[i] = detail::folded_batch_norm(mine, theirs.size() > before.weights.size() ? &theirs.back() : nullptr);
      continue;
    }
    Node theirs = file.nodes[*found[i]];
    const bool absorbs_bias = i + 1 < model.nodes.size() &&
                              std::holds_alternative<BatchNormLayer>(model.nodes[i + 1].layer) && !found[i + 1] &&
                              theirs.weights.size() == 2;
    if (absorbs_bias && mine.weights.size() == 1) theirs.weights.pop_back();
    if (file.may_be_folded) detail::match_bias_of_zeros(mine, theirs);
    weights[i] = detail::checked_weights(mine, theirs);
    const auto* norm = std::get_if<BatchNormLayer>(&mine.layer);
    if (norm)
      if (const float epsilon = std::get<BatchNormLayer>(theirs.layer).epsilon; !std::isnan(epsilon))
        exchange_epsilon(weights[i][3], epsilon, norm->epsilon);
    if (const auto image = file.flattens_channels_first ? flattened_image(model, mine) : std::nullopt)
      for (std::size_t k = 0; k < (norm ? weights[i].size() : 1); ++k)
        weights[i][k] = channels_last_features(weights[i][k], *image);
  }
  return weights;
} catch (const FormatError& error) {
  throw FormatError(path + ": " + error.what());
}

}  // namespace ferlab::exchange
