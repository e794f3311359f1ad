// SPDX-License-Identifier: MIT
// The flat list as a graph: which value every layer reads, and the shape of every value. Value 0 is the network's
// input; value i + 1 is what entry i of the list makes. A chain is the common case; Residual is the only other one.
#pragma once

#include <array>
#include <cstddef>

#include "ferlab/layers/layer.hpp"
#include "ferlab/model/structure.hpp"

namespace ferlab::detail {

/// One entry of the flat list. Marks have input -1 and make nothing.
struct Node {
  int input = -1;     ///< the value it reads
  int shortcut = -1;  ///< the second value a Join reads
  int index = -1;     ///< which layer of the user's it is, from 0; -1 for marks
};

enum class NodeKind { layer, fork, shortcut, join };

template <class L>
inline constexpr NodeKind kind_of = std::is_same_v<L, Fork>       ? NodeKind::fork
                                    : std::is_same_v<L, Shortcut> ? NodeKind::shortcut
                                    : std::is_same_v<L, Join>     ? NodeKind::join
                                                                  : NodeKind::layer;

template <std::size_t N>
struct LayerGraph {
  std::array<Node, N> nodes{};
  std::array<Shape, N + 1> shapes{};  ///< of value i; all zero behind the first misfit and for marks
  std::size_t misfit = N;             ///< the first entry that cannot take what reaches it; N if all fit
  int output = 0;                     ///< the value the network ends in
};

/// Walks the list once; a Residual's fork is remembered until its Join.
template <class... Ls>
constexpr LayerGraph<sizeof...(Ls)> make_layer_graph(Shape input, TypeList<Ls...>) {
  constexpr std::size_t n = sizeof...(Ls);
  LayerGraph<n> graph;
  graph.shapes[0] = input;
  struct Open {
    int fork = 0, body = -1;
  };
  std::array<Open, n + 1> open{};
  std::size_t depth = 0;
  int current = 0, i = 0, index = 0;
  auto visit = [&]<class L>(Type<L>) {
    Node& node = graph.nodes[std::size_t(i)];
    const Shape in = graph.shapes[std::size_t(current)];
    if constexpr (kind_of<L> == NodeKind::fork) {
      open[depth++] = {current, -1};
    } else if constexpr (kind_of<L> == NodeKind::shortcut) {
      open[depth - 1].body = current;
      current = open[depth - 1].fork;
    } else {
      bool fits = true;
      Shape out = in;
      if constexpr (kind_of<L> == NodeKind::join) {
        const Open o = open[--depth];
        node.input = o.body >= 0 ? o.body : current;
        node.shortcut = o.body >= 0 ? current : o.fork;
        fits = graph.shapes[std::size_t(node.input)] == graph.shapes[std::size_t(node.shortcut)];
      } else {
        node.input = current;
        fits = layer_accepts<L>(in);
        if (fits) out = layer_output<L>(in);
      }
      node.index = index++;
      if (graph.misfit != n || !fits) out = {0, 0, 0};
      if (graph.misfit == n && !fits) graph.misfit = std::size_t(i);
      current = i + 1;
      graph.shapes[std::size_t(current)] = out;
    }
    ++i;
  };
  (visit(Type<Ls>{}), ...);
  graph.output = current;
  return graph;
}

}  // namespace ferlab::detail
