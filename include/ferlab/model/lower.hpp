// SPDX-License-Identifier: MIT
// A network as ops: each layer appends its own, in the order of the flat list.
#pragma once

#include "ferlab/model/sequential.hpp"

namespace ferlab::detail {

/// Appends all of a network's ops to g, which is a Graph or what stands in for one. Returns the output.
template <class Net>
constexpr ops::Value lower_network(auto& g, const Net& net, ops::Value input) {
  using List = typename Net::List;
  std::array<ops::Value, List::size + 1> values{};  // as in LayerGraph
  values[0] = input;
  const auto lower = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    using L = typename List::template at<I>;
    constexpr Node node = Net::graph.nodes[I];
    if constexpr (kind_of<L> == NodeKind::join) {
      g.layer = node.index, g.layer_name = layer_name<L>;
      values[I + 1] = L::lower(g, values[std::size_t(node.input)], values[std::size_t(node.shortcut)]);
    } else if constexpr (kind_of<L> == NodeKind::layer) {
      g.layer = node.index, g.layer_name = layer_name<L>;
      values[I + 1] = get<I>(net.layers).lower(g, values[std::size_t(node.input)]);
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) { (lower(std::integral_constant<std::size_t, I>{}), ...); }
  (std::make_index_sequence<List::size>{});
  return values[std::size_t(Net::graph.output)];
}

}  // namespace ferlab::detail
