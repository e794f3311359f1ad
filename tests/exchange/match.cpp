// SPDX-License-Identifier: MIT
// Which weights of a file a model takes, and what it refuses, unchanged.
#include <ferlab/exchange/into_model.hpp>

#include <limits>

#include "nets.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using Catch::Matchers::Contains;
using exchange::Network, exchange::Node;

namespace {

Node* find(Network& network, const std::string& name) {
  for (Node& node : network.nodes)
    if (node.name == name) return &node;
  throw std::runtime_error("no node " + name);
}

/// The network without one of its layers, which has one input and keeps the shape.
Network without(Network network, const std::string& name) {
  const auto at = std::size_t(find(network, name) - network.nodes.data());
  for (Node& node : network.nodes)
    for (std::size_t& input : node.inputs)
      if (input >= at) --input;
  network.nodes.erase(network.nodes.begin() + std::ptrdiff_t(at));
  return network;
}

template <class M>
void refused(const Network& file, M& model, const std::string& why) {
  const auto before = model.get_weights();
  CHECK_THROWS_WITH(exchange::into_model(file, "f.h5", model), "f.h5: " + why);
  CHECK(model.get_weights() == before);
}

}  // namespace

TEST_CASE("a model takes all that another one of its network has") {
  const auto check = [](const auto& net) {
    const auto from = test::filled(net, 1);
    auto into = test::filled(net, 2);
    into.class_names = {};
    into.preprocessing = data::Preprocessing::raw();
    into.notes = {{"kept", "yes"}};
    exchange::into_model(exchange::to_network(from), "f", into);
    CHECK(into.get_weights() == from.get_weights());
    CHECK(into.class_names == from.class_names);
    CHECK(into.preprocessing == from.preprocessing);
    CHECK(into.notes == std::map<std::string, std::string>{{"kept", "yes"}, {"source", "test"}});
  };
  check(test::flat_net());
  check(test::pooled_net());
  check(test::residual_net());
}

TEST_CASE("a Rescaling layer of a file is the model's preprocessing") {
  auto from = test::filled(test::flat_net(), 1), into = test::filled(test::flat_net(), 2);
  Network file = exchange::to_network(from, {.preprocessing = true});
  for (const Node& node : file.nodes) {
    CHECK(exchange::output_of(file, node) == node.output);
    CHECK_NOTHROW(exchange::check_weights(file, node));
  }
  file.metadata.clear();
  into.preprocessing = data::Preprocessing::raw();
  exchange::into_model(file, "f", into);
  CHECK(into.preprocessing == data::Preprocessing{"rescaling", 0.02f, -1.5f});
}

TEST_CASE("what computes nothing in a prediction may be missing, or be more") {
  auto from = test::filled(test::flat_net(), 1), into = test::filled(test::flat_net(), 2);
  exchange::into_model(without(without(exchange::to_network(from), "dropout"), "dropout_1"), "f", into);
  CHECK(into.get_weights() == from.get_weights());

  Model bare{Sequential{Input<4, 4, 1>{}, GlobalAveragePool{}, Dense<2>{}, Softmax{}}, Cpu{1}};
  Network file = exchange::to_network(
      test::filled(Sequential{Input<4, 4, 1>{}, GlobalAveragePool{}, Flatten{}, Dropout{}, Dense<2>{}, Softmax{}}, 3));
  exchange::into_model(file, "f", bare);
  CHECK(bare.get_weights("dense/kernel") == find(file, "dense")->weights[0].values);
  exchange::into_model(without(file, "softmax"), "f", bare);  // a file of logits
}

TEST_CASE("the branches of a Residual may come in any order") {
  auto from = test::filled(test::residual_net(), 1), into = test::filled(test::residual_net(), 2);
  Network file = exchange::to_network(from);
  for (const char* add : {"add", "add_1", "add_2"}) std::swap(find(file, add)->inputs[0], find(file, add)->inputs[1]);
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights() == from.get_weights());
}

TEST_CASE("same and valid are one where neither pads") {
  auto from = test::filled(Sequential{Input<6, 6, 1>{}, Conv2D<2, 1, Padding::valid>{}, Flatten{}, Dense<2>{}}, 1);
  Model into{Sequential{Input<6, 6, 1>{}, Conv2D<2, 1>{}, Flatten{}, Dense<2>{}}, Cpu{1}};
  exchange::into_model(exchange::to_network(from), "f", into);
  CHECK(into.get_weights() == from.get_weights());
}

TEST_CASE("a file of another network is refused, and the layer named") {
  auto model = test::filled(test::flat_net(), 2);
  const Network right = exchange::to_network(test::filled(test::flat_net(), 1));
  const auto refuse = [&](const auto& change, const std::string& why) {
    Network file = right;
    change(file);
    refused(file, model, why);
  };
  refuse([](Network& n) { std::get<exchange::Conv2DLayer>(find(n, "conv2d_1")->layer).stride = 1; },
         "layer \"conv2d_1\" (Conv2D), the model's conv2d_1: stride: expected 2, got 1");
  refuse([](Network& n) { std::get<exchange::Conv2DLayer>(find(n, "conv2d")->layer).padding = Padding::same; },
         "layer \"conv2d\" (Conv2D), the model's conv2d: padding: expected valid, got same");
  refuse([](Network& n) { std::get<exchange::MaxPoolLayer>(find(n, "max_pool")->layer).window = 3; },
         "layer \"max_pool\" (MaxPool), the model's max_pool: window: expected 2, got 3");
  refuse([](Network& n) { std::get<exchange::DenseLayer>(find(n, "dense")->layer).units = 7; },
         "layer \"dense\" (Dense), the model's dense: units: expected 6, got 7");
  refuse(
      [](Network& n) {
        n.nodes[0].layer = exchange::InputLayer{{13, 11, 3}};
      },
      "layer \"input\" (Input), the model's input: shape: expected 13x11x2, got 13x11x3");
  refuse([](Network& n) { find(n, "conv2d")->weights.pop_back(); },
         "layer \"conv2d\" (Conv2D), the model's conv2d: expected a bias, got none; write Bias::no");
  refuse(
      [](Network& n) {
        find(n, "conv2d_1")->weights.push_back({"bias", {4}, {1, 2, 3, 4}});
      },
      "layer \"conv2d_1\" (Conv2D), the model's conv2d_1: expected no bias, got one");
  refuse(
      [](Network& n) {
        find(n, "dense_1")->weights[0].shape = {5, 6};
      },
      "layer \"dense_1\" (Dense), the model's dense_1: kernel: expected [6, 5], got [5, 6]");
  refuse([](Network& n) { find(n, "dense")->weights[1].values[3] = std::numeric_limits<float>::infinity(); },
         "layer \"dense\" (Dense), the model's dense: bias: value 3 is inf");
  refuse([](Network& n) { n.metadata["ferlab.class_names"] = "[1]"; },
         "metadata \"class_names\" is not a JSON array of strings");
  refuse([](Network& n) { n.metadata["ferlab.class_names"] = "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]"; },
         "expected at most 5 class names, got 6");
  refused(without(right, "relu"), model, "layer \"conv2d\" (Conv2D): expected ReLU, the model's relu");
  refused(exchange::to_network(test::filled(test::pooled_net(), 1)), model,
          "layer \"dense\" (Dense), the model's dense_1: units: expected 5, got 7");
}

TEST_CASE("what one epsilon has more than another is the variance's") {
  const Sequential net{Input<3, 3, 2>{}, Conv2D<2, 1>{}, BatchNorm{.epsilon = 1e-5f}, Flatten{}};
  auto from = test::filled(net, 1);
  Model into{Sequential{Input<3, 3, 2>{}, Conv2D<2, 1>{}, BatchNorm{}, Flatten{}}, Cpu{1}};
  exchange::into_model(exchange::to_network(from), "f", into);
  const auto theirs = from.get_weights("batch_norm/moving_variance"),
             ours = into.get_weights("batch_norm/moving_variance");
  for (std::size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] + 1e-3f == Approx(theirs[i] + 1e-5f).epsilon(1e-7));

  Network file = exchange::to_network(from);  // of weights only, that do not tell
  file.has_graph = false;
  std::get<exchange::BatchNormLayer>(find(file, "batch_norm")->layer).epsilon = std::numeric_limits<float>::quiet_NaN();
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights() == from.get_weights());
}

TEST_CASE("a BatchNorm that was folded into the layer before it leaves one that changes nothing") {
  const Sequential net{Input<3, 3, 2>{},
                       Conv2D<2, 3>{},
                       BatchNorm{},
                       ReLU{},
                       Conv2D<3, 3, Padding::same, 1, Bias::no>{},
                       BatchNorm{.epsilon = 0.01f},
                       Flatten{},
                       Dense<2>{},
                       BatchNorm{}};
  auto from = test::filled(net, 1), into = test::filled(net, 2);
  Network file = exchange::to_network(from);
  for (const char* name : {"batch_norm", "batch_norm_1", "batch_norm_2"}) file = without(file, name);
  find(file, "conv2d_1")->weights.push_back({"bias", {3}, {7, 8, 9}});
  refused(file, into, "layer \"dense\" (Dense): expected BatchNorm, the model's batch_norm_2");
  file.may_be_folded = true;
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights("conv2d/bias") == from.get_weights("conv2d/bias"));
  CHECK(into.get_weights("batch_norm/beta") == std::vector<float>{0, 0});
  CHECK(into.get_weights("batch_norm/gamma") == std::vector<float>{1, 1});
  CHECK(into.get_weights("batch_norm_1/beta") == std::vector<float>{7, 8, 9});
  CHECK(into.get_weights("batch_norm_1/moving_variance")[0] + 0.01f == Approx(1));
  CHECK(into.get_weights("dense/kernel") == from.get_weights("dense/kernel"));
}

TEST_CASE("rows for the features of PyTorch's Flatten are put into ferlab's order") {
  auto from = test::filled(test::flat_net(), 1), into = test::filled(test::flat_net(), 2);
  Network file = exchange::to_network(from);
  const Shape image = find(file, "dropout")->output;
  CHECK(image == Shape{3, 2, 4});
  for (exchange::Array& array : find(file, "batch_norm_2")->weights)
    array = exchange::channels_first_features(array, image);
  auto& kernel = find(file, "dense")->weights[0];
  kernel = exchange::channels_first_features(kernel, image);
  file.flattens_channels_first = true;
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights() == from.get_weights());
}

TEST_CASE("a file of weights only is matched by type and order, or by shape") {
  const Sequential net{Input<5, 5, 2>{}, Conv2D<3, 3>{}, BatchNorm{}, Conv2D<3, 3>{},
                       Flatten{},        Dense<4>{},     Dense<4>{}};
  auto from = test::filled(net, 1), into = test::filled(net, 2);
  Network file = exchange::to_network(from);
  std::erase_if(file.nodes, [](const Node& node) { return node.weights.empty(); });
  file.has_graph = false;
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights() == from.get_weights());

  std::swap(*find(file, "conv2d"), *find(file, "conv2d_1"));
  refused(file, into,
          "layer \"conv2d_1\" (Conv2D), the model's conv2d: kernel: expected [3, 3, 2, 3], got [3, 3, 3, 3]");
  file.in_order = false;
  into = test::filled(net, 2);
  exchange::into_model(file, "f", into);
  CHECK(into.get_weights() == from.get_weights());

  std::erase_if(file.nodes, [](const Node& node) { return node.name == "dense"; });
  refused(file, into, "expected 2 layers of type Dense, got 1");
  Model dense{Sequential{Input<1, 1, 3>{}, Dense<4>{}}, Cpu{1}};
  refused(file, dense, "expected 0 layers of type Conv2D, got 2");
}

TEST_CASE("many Residuals do not make a comparison long") {
  Network ours;
  ours.nodes.push_back({.name = "input", .layer = exchange::InputLayer{{2, 2, 1}}, .output = {2, 2, 1}});
  for (std::size_t i = 0; i < 60; ++i) {
    ours.nodes.push_back({.name = "relu", .layer = exchange::ReLULayer{}, .inputs = {2 * i}, .output = {2, 2, 1}});
    ours.nodes.push_back(
        {.name = "add", .layer = exchange::AddLayer{}, .inputs = {2 * i + 1, 2 * i}, .output = {2, 2, 1}});
  }
  Network theirs = ours;
  theirs.nodes[1].layer = exchange::DropoutLayer{};
  CHECK_NOTHROW(exchange::match(ours, ours, "f"));
  CHECK_THROWS_AS(exchange::match(ours, theirs, "f"), FormatError);  // 2^60 ways, if each were tried
}
