// SPDX-License-Identifier: MIT
// exchange_samples write FOLDER: networks as NAME.onnx, NAME.keras, NAME.h5, NAME.weights.h5 and, of chains,
// NAME.pytorch.safetensors, each with an input and ferlab's output in NAME.values.safetensors.
// exchange_samples read FILES...: reads each, runs it on the values of its NAME, and compares the output. The network
// of a file of weights only is that of NAME.keras. exchange_samples try FILES...: likewise, but a file may also be
// refused; prints how many were read. keras_peers.py, onnx_peers.py and pytorch_peers.py are the other side.
#include <ferlab/exchange/match.hpp>
#include <ferlab/exchange/read_network.hpp>
#include <ferlab/exchange/write_keras.hpp>
#include <ferlab/exchange/write_onnx.hpp>
#include <ferlab/formats/atomic_file.hpp>
#include <ferlab/formats/safetensors.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "exchange/run_network.hpp"
#include "exchange/some_networks.hpp"

using namespace ferlab;

static std::vector<float> outputs(const exchange::Network& network, const std::vector<float>& input) {
  std::vector<float> output;
  const std::size_t sample = network.nodes[0].output.size();
  for (std::size_t first = 0; first < input.size(); first += sample)
    for (const double value : test::run_network(network, std::span(input).subspan(first, sample)))
      output.push_back(float(value));
  return output;
}

static bool is_chain(const exchange::Network& network) {
  return std::all_of(network.nodes.begin(), network.nodes.end(),
                     [](const exchange::Node& node) { return node.inputs.size() < 2; });
}

static void write_values(const std::string& path, const exchange::Network& network) {
  const Shape shape = network.nodes[0].output;
  std::vector<float> input(2 * shape.size());
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = float(i * 53 % 256);
  const std::vector<float> output = outputs(network, input);
  std::vector<std::size_t> sizes{2, std::size_t(shape.height), std::size_t(shape.width), std::size_t(shape.channels)};
  if (shape.is_flat()) sizes = {2, shape.size()};
  formats::write_safetensors(
      path + ".values.safetensors",
      std::vector<formats::TensorView>{{"input", formats::DType::F32, sizes, input.data()},
                                       {"output", formats::DType::F32, {2, output.size() / 2}, output.data()}},
      {});
}

static void write(const std::string& path, const exchange::Network& network) {
  write_values(path, network);
  formats::write_file(path + ".onnx", exchange::write_onnx(network, {}));
  formats::write_file(path + ".keras", exchange::write_keras_archive(network));
  formats::write_file(path + ".h5", exchange::write_keras_h5(network));
  formats::write_file(path + ".weights.h5", exchange::write_keras_weights(network));
  if (is_chain(network)) exchange::write_pytorch(path + ".pytorch.safetensors", network);
}

/// The network of a file; of one with weights only that of NAME.keras with them.
static exchange::Network network_of(const std::string& path, const std::string& name) {
  const exchange::Network found = exchange::read_network(path);
  if (found.has_graph) return found;
  exchange::Network network = exchange::read_network(name + ".keras");
  const auto weights = exchange::match(network, found, path);
  for (std::size_t i = 0; i < weights.size(); ++i) network.nodes[i].weights = weights[i];
  return network;
}

/// Whether the network of the file computes what its writer did.
static bool read(const std::string& path) {
  const std::string name = path.substr(0, path.find('.', path.rfind('/') + 1));
  const exchange::Network network = network_of(path, name);
  const formats::SafetensorsFile beside(name + ".values.safetensors");
  const auto values = [&](const char* what) {
    const formats::TensorView* tensor = beside.find(what);
    if (!tensor) beside.fail("there is no " + std::string(what));
    std::vector<float> found(tensor->elements());
    formats::convert(beside, *tensor, std::span<float>(found));
    return found;
  };
  const std::vector<float> found = outputs(network, values("input")), expected = values("output");
  double worst = found.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < found.size() && i < expected.size(); ++i)
    worst = std::max(worst, double(std::abs(found[i] - expected[i])) / (1 + double(std::abs(expected[i]))));
  if (worst > 1e-5) std::fprintf(stderr, "exchange_samples: %s: the outputs differ by %g\n", path.c_str(), worst);
  return worst <= 1e-5;
}

int main(int count, char** words) try {
  const std::string what = count > 2 ? words[1] : "";
  if (what == "write") {
    const std::string folder = words[2];
    for (const auto& [name, network] : test::some_networks()) write(folder + "/" + name, network);
    write_values(folder + "/bytes", test::flat_network());
    formats::write_file(folder + "/bytes.onnx", exchange::write_onnx(test::flat_network(), {.uint8_input = true}));
    return 0;
  }
  if (what != "read" && what != "try") return 2;
  int files = 0, bad = 0;
  for (int i = 2; i < count; ++i) try {
      if (!read(words[i])) ++bad;
      ++files;
    } catch (const FormatError&) {
      if (what == "read") throw;
    }
  std::printf("%d\n", files);
  return bad == 0 ? 0 : 1;
} catch (const Error& error) {
  std::fprintf(stderr, "exchange_samples: %s\n", error.what());
  return 1;
}
