// SPDX-License-Identifier: MIT
#include "foreign_model.hpp"

#include <ferlab/exchange/into_model.hpp>

#include <algorithm>
#include <charconv>

#include "nets.hpp"

namespace fer2013 {

using namespace ferlab;

data::Preprocessing parse_preprocessing(const std::string& text) {
  if (text == "raw") return data::Preprocessing::raw();
  if (text == "rescale") return data::Preprocessing::rescale();
  data::Preprocessing found{"given", 0, 0};
  const char *first = text.data(), *last = first + text.size();
  const auto scale = std::from_chars(first, last, found.scale);
  const bool comma = scale.ec == std::errc{} && scale.ptr != last && *scale.ptr == ',';
  const auto offset = comma ? std::from_chars(scale.ptr + 1, last, found.offset) : scale;
  if (!comma || offset.ec != std::errc{} || offset.ptr != last)
    throw ArgumentError("--preprocessing: expected raw, rescale, or SCALE,OFFSET (pixel * SCALE + OFFSET), got " +
                        text);
  return found;
}

namespace {

template <class Net>
std::string why_not(const Net& net, const exchange::Network& network, const std::string& path) {
  try {
    exchange::match(exchange::to_network(Model{net, Cpu{1}}), network, path);
    return "";
  } catch (const FormatError& error) {
    return std::string(error.what()).substr(path.size() + 2);
  }
}

}  // namespace

std::string net_of(const exchange::Network& network, const std::string& path) {
  const std::string not_compact = why_not(compact_net(), network, path);
  if (not_compact.empty()) return "compact";
  const std::string not_tutorial = why_not(tutorial_net(), network, path);
  if (not_tutorial.empty()) return "tutorial";
  throw FormatError(path + ": not the compact net: " + not_compact + "; not the tutorial's: " + not_tutorial +
                    " (fer2013 inspect writes a program with this file's own net)");
}

bool says_preprocessing(const exchange::Network& network) {
  return network.metadata.count(std::string(exchange::metadata_prefix) + "preprocessing") ||
         std::any_of(network.nodes.begin(), network.nodes.end(), [](const exchange::Node& node) {
           return std::holds_alternative<exchange::RescalingLayer>(node.layer);
         });
}

}  // namespace fer2013
