// SPDX-License-Identifier: MIT
// onnx_samples write FOLDER: networks as NAME.onnx, each with an input and ferlab's output in NAME.safetensors.
// onnx_samples read FILES.onnx...: reads each, runs it on the input beside it, and compares the output.
// onnx_samples try FILES.onnx...: likewise, but a file may also be refused; prints how many were read.
// onnx_peers.py is the other side of both.
#include <ferlab/exchange/read_onnx.hpp>
#include <ferlab/exchange/write_onnx.hpp>
#include <ferlab/formats/atomic_file.hpp>
#include <ferlab/formats/safetensors.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ferlab/core/mapped_file.hpp>
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

static void write(const std::string& path, const exchange::Network& network, exchange::OnnxOptions options) {
  std::vector<float> input(2 * network.nodes[0].output.size());
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = float(i * 53 % 256);
  const std::vector<float> output = outputs(network, input);
  formats::write_file(path + ".onnx", exchange::write_onnx(network, options));
  formats::write_safetensors(
      path + ".safetensors",
      std::vector<formats::TensorView>{{"input", formats::DType::F32, {2, input.size() / 2}, input.data()},
                                       {"output", formats::DType::F32, {2, output.size() / 2}, output.data()}},
      {});
}

/// Whether the network of the file computes what its writer did.
static bool read(const std::string& path) {
  const MappedFile bytes(path);
  const exchange::Network network = exchange::read_onnx(bytes.text(), path);
  const formats::SafetensorsFile beside(path.substr(0, path.size() - 5) + ".safetensors");
  const auto values = [&](const char* name) {
    const formats::TensorView* tensor = beside.find(name);
    if (!tensor) beside.fail("there is no " + std::string(name));
    std::vector<float> found(tensor->elements());
    formats::convert(beside, *tensor, std::span<float>(found));
    return found;
  };
  const std::vector<float> found = outputs(network, values("input")), expected = values("output");
  double worst = found.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < found.size() && i < expected.size(); ++i)
    worst = std::max(worst, double(std::abs(found[i] - expected[i])) / (1 + double(std::abs(expected[i]))));
  if (worst > 1e-5) std::fprintf(stderr, "onnx_samples: %s: the outputs differ by %g\n", path.c_str(), worst);
  return worst <= 1e-5;
}

int main(int count, char** words) try {
  const std::string what = count > 2 ? words[1] : "";
  if (what == "write") {
    const std::string folder = words[2];
    for (const auto& [name, network] : test::some_networks()) write(folder + "/" + name, network, {});
    write(folder + "/bytes", test::flat_network(), {.uint8_input = true});
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
  std::fprintf(stderr, "onnx_samples: %s\n", error.what());
  return 1;
}
