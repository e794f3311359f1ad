// SPDX-License-Identifier: MIT
// Model files of other programs, and configs of Keras models, on any bytes: they give a FormatError, or a network whose
// nodes fit together, that can be written as source, and that matches itself.
#include <ferlab/exchange/match.hpp>
#include <ferlab/exchange/read_network.hpp>
#include <ferlab/exchange/source.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace ferlab;
using namespace ferlab::exchange;

static void require(bool truth) {
  if (!truth) std::abort();
}

static void check(const Network& network) {
  require(!network.nodes.empty());
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    for (const std::size_t input : node.inputs) require(input < i);
    for (const Array& array : node.weights) require(array.values.size() == formats::elements(array.shape));
    if (network.has_graph) require(output_of(network, node) == node.output);
  }
  require(source(network, "fuzz.file", "load").starts_with("// "));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    if (text.starts_with('{')) {
      check(exchange::detail::KerasConfigReader().read(text).network);
      return 0;
    }
    const Network network = read_network(text, "fuzz.file");
    check(network);
    for (const Node& node : network.nodes)
      if (network.has_graph) check_weights(network, node);
    match(network, network, "fuzz.file");  // refused where a weight is not finite
  } catch (const FormatError& error) {
    require(text.starts_with('{') || std::string_view(error.what()).starts_with("fuzz.file: "));
  }
  return 0;
}
