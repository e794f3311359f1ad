// SPDX-License-Identifier: MIT
// The ONNX reader on any bytes: it gives a FormatError, or a network that fits together, which can be written and read
// again.
#include <ferlab/exchange/read_onnx.hpp>
#include <ferlab/exchange/write_onnx.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace ferlab;

static void require(bool truth) {
  if (!truth) std::abort();
}

static void require_named(const FormatError& error) {
  require(std::string_view(error.what()).substr(0, 11) == "fuzz.file: ");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  exchange::Network network;
  try {
    network = exchange::read_onnx({reinterpret_cast<const char*>(bytes), size}, "fuzz.file");
  } catch (const FormatError& error) {
    require_named(error);
    return 0;
  }
  require(!network.nodes.empty());
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const exchange::Node& node = network.nodes[i];
    for (const std::size_t from : node.inputs) require(from < i);
    require(exchange::output_of(network, node) == node.output);
    exchange::check_weights(network, node);
  }
  const exchange::Network again = exchange::read_onnx(exchange::write_onnx(network), "fuzz.file");
  require(again.nodes.front().output == network.nodes.front().output);
  require(again.nodes.back().output == network.nodes.back().output);
  return 0;
}
