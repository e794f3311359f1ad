// SPDX-License-Identifier: MIT
// The order in which Keras keeps the layers of a functional model, and pairs them with weights.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "ferlab/exchange/network.hpp"

namespace ferlab::exchange {

/// The places of the nodes in Keras's order: by their distance to the output, the farthest first; of equal ones the
/// first that a walk from the output back, first input first, meets. Source: Keras 3, ops/function.py, map_graph.
[[gnu::cold]] inline std::vector<std::size_t> keras_order(const Network& network) {
  const std::size_t n = network.nodes.size();
  std::vector<std::size_t> distance(n, 0), met(n, n), stack{n - 1};
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t input : network.nodes[i].inputs) distance[input] = std::max(distance[input], distance[i] + 1);
  for (std::size_t count = 0; !stack.empty();) {
    const std::size_t i = stack.back();
    stack.pop_back();
    if (met[i] != n) continue;
    met[i] = count++;
    const auto& inputs = network.nodes[i].inputs;
    stack.insert(stack.end(), inputs.rbegin(), inputs.rend());
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return distance[a] != distance[b] ? distance[a] > distance[b] : met[a] < met[b];
  });
  return order;
}

/// The same network with its nodes in Keras's order.
[[gnu::cold]] inline Network in_keras_order(const Network& network) {
  const std::vector<std::size_t> order = keras_order(network);
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  Network sorted = network;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.nodes[i] = network.nodes[order[i]];
    for (std::size_t& input : sorted.nodes[i].inputs) input = place[input];
  }
  return sorted;
}

}  // namespace ferlab::exchange
