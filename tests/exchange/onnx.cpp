// SPDX-License-Identifier: MIT
// A network written as ONNX and read again.
#include <ferlab/exchange/read_onnx.hpp>
#include <ferlab/exchange/write_onnx.hpp>

#include <set>
#include <string>

#include "exchange/check_networks.hpp"

using namespace ferlab;
using namespace ferlab::test;

namespace {

Network again(const Network& network, OnnxOptions options = {}) {
  return read_onnx(write_onnx(network, options), "again.onnx");
}

/// The same network with the rows behind its Flatten in the order [c, h, w].
Network with_channels_first(Network network) {
  for (Node& node : network.nodes)
    if (const auto image = flattened_image(network, node))
      for (Array& array : node.weights)
        if (array.name != "bias" || !std::holds_alternative<DenseLayer>(node.layer))
          array = channels_first_features(array, *image);
  network.flattens_channels_first = true;
  return network;
}

bool contains(const std::string& bytes, const std::string& word) { return bytes.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("every layer comes back from ONNX as it was written") {
  for (const auto& [name, network] : some_networks()) {
    INFO(name);
    const Network found = again(network);
    CHECK(found.may_be_folded);
    check_same_output(found, network);
    check_equal(found, found.flattens_channels_first ? with_channels_first(network) : network);
    CHECK(found.flattens_channels_first == (name == "flat"));  // the only one whose weights are reordered
    check_equal(again(found), found);
  }
}

TEST_CASE("Dense rows that are channels first already are written as they are") {
  const Network network = with_channels_first(flat_network());
  const Network found = again(network);
  CHECK(found.flattens_channels_first);
  check_equal(found, network);
}

TEST_CASE("a flattened image that is added or given out keeps its order") {
  NetworkMaker maker({4, 3, 2});
  const std::size_t image = maker.add(Conv2DLayer{.filters = 3, .kernel = 2});
  const std::size_t flat = maker.add(FlattenLayer{}, {image});
  const std::size_t side = maker.add(DenseLayer{.units = 18}, {flat});
  maker.add(AddLayer{}, {flat, side});
  maker.add(DenseLayer{.units = 2});
  const Network found = again(maker.network);
  CHECK_FALSE(found.flattens_channels_first);
  check_equal(found, maker.network);
}

TEST_CASE("Dropout is left out, also as the last layer; Flatten of flat data too") {
  Network network = NetworkMaker({3, 3, 1})
                        .then(DropoutLayer{0.5f})
                        .then(Conv2DLayer{.filters = 2, .kernel = 3})
                        .then(FlattenLayer{})
                        .then(FlattenLayer{})
                        .then(DenseLayer{.units = 2})
                        .then(DropoutLayer{0.5f})
                        .network;
  const Network found = again(network);
  check_same_output(found, network);
  std::string types;
  for (const Node& node : found.nodes) types += std::string(type_name(node.layer)) + " ";
  CHECK(types == "Input Conv2D Flatten Dense ");
}

TEST_CASE("metadata travel in ONNX files") {
  Network network = table_network();
  network.metadata = {{"class_names", "[\"a\", \"b\"]"}, {"", "\xc3\xa9"}, {"empty", ""}};
  CHECK(again(network).metadata == network.metadata);
}

TEST_CASE("the file names its writer, and its input and output; names that stand twice are told apart") {
  Network network = flat_network();
  for (Node& node : network.nodes) node.name = "output";
  const std::string bytes = write_onnx(network);
  const auto model = formats::onnx::parse(bytes, "file.onnx");
  CHECK(model.producer == "ferlab");
  CHECK_FALSE(contains(bytes, "pytorch"));  // OpenCV 4.6 counts the padding of AveragePool for that name
  CHECK(model.ir_version == 8);
  CHECK(model.opset == 17);
  REQUIRE(model.inputs.size() == 1);
  CHECK(model.inputs[0].name == "input");
  CHECK(model.inputs[0].dims == std::vector<std::int64_t>{-1, 13, 11, 2});
  CHECK(model.inputs[0].type == std::int64_t(formats::onnx::Type::FLOAT));
  REQUIRE(model.outputs.size() == 1);
  CHECK(model.outputs[0].name == "output");
  CHECK(model.outputs[0].dims == std::vector<std::int64_t>{-1, 5});
  std::set<std::string> values, nodes;
  for (const formats::onnx::Node& node : model.nodes) {
    CHECK(node.op_type != "Reshape");  // which OpenCV reads in a few cases only
    CHECK(nodes.insert(node.name).second);
    for (const std::string& output : node.outputs) CHECK(values.insert(output).second);
  }
  for (const formats::onnx::Tensor& tensor : model.initializers) CHECK(values.insert(tensor.name).second);
  check_same_output(again(network), network);
}

TEST_CASE("an input of uint8 is cast first") {
  const std::string bytes = write_onnx(flat_network(), {.uint8_input = true});
  CHECK(formats::onnx::parse(bytes, "file.onnx").inputs[0].type == std::int64_t(formats::onnx::Type::UINT8));
  const Network found = read_onnx(bytes, "file.onnx");
  check_equal(found, again(flat_network()));
}

TEST_CASE("a network that does not fit together is not written") {
  const auto error = [](const Network& network) -> std::string {
    try {
      write_onnx(network);
    } catch (const FormatError& e) {
      return e.what();
    }
    return "written";
  };
  Network network = flat_network();
  network.nodes[2].weights.pop_back();
  CHECK(error(network) == "layer \"layer_2\" (Conv2D): expected 2 weight arrays, got 1");
  network = flat_network();
  network.nodes[3].output.height = 7;
  CHECK(error(network) == "layer \"layer_3\" (ReLU): expected an output 11x9x3, got 7x9x3");
  network = flat_network();
  network.nodes[3].inputs = {3};
  CHECK(error(network) == "layer \"layer_3\" (ReLU): expected to read what comes before it");
  network = flat_network();
  network.has_graph = false;
  CHECK(error(network) == "write_onnx: expected a network from its input to its output, got weights only");
  CHECK(error({}) == "write_onnx: expected a network from its input to its output, got weights only");
}

TEST_CASE("an ONNX file holds less than 2 GiB") {
  CHECK_NOTHROW(formats::OnnxWriter::require_room((std::size_t(1) << 31) - 1));
  CHECK_THROWS_AS(formats::OnnxWriter::require_room(std::size_t(1) << 31), ArgumentError);
}
