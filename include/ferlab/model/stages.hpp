// SPDX-License-Identifier: MIT
// The stages a network runs as: each one layer, or several that the backend fuses.
#pragma once

#include <array>
#include <cstddef>

#include "ferlab/model/fusion.hpp"

namespace ferlab {

/// Entries first .. first + count - 1 of the flat list, run as one; values as in Graph.
struct Stage {
  std::size_t first = 0, count = 1;
  int input = 0, shortcut = -1, output = 0;
  Memory memory{};
  Neighbours neighbours{};
  std::size_t parameters = 0;  ///< weight arrays of its layers
  bool trains = false;         ///< has a weight that an optimizer changes
  bool is_join = false;
};

template <std::size_t N>
struct StageList {
  std::array<Stage, N> stages{};
  std::size_t count = 0;
};

namespace detail {

template <class Backend, class List, std::size_t First, std::size_t Count>
constexpr Memory stage_memory(Shape in) {
  if constexpr (Count == 3)
    return Fusion<Backend, typename List::template at<First>, typename List::template at<First + 1>,
                  typename List::template at<First + 2>>::template memory<Backend>(in);
  else if constexpr (Count == 2)
    return Fusion<Backend, typename List::template at<First>,
                  typename List::template at<First + 1>>::template memory<Backend>(in);
  else
    return LayerTraits<typename List::template at<First>>::template memory<Bare<Backend>>(in);
}

template <class Backend, class List, std::size_t First, std::size_t Count>
constexpr Neighbours stage_neighbours() {
  using L = typename List::template at<First>;
  if constexpr (Count == 3)
    return LayerTraits<
        Fusion<Backend, L, typename List::template at<First + 1>, typename List::template at<First + 2>>>::neighbours;
  else if constexpr (Count == 2)
    return LayerTraits<Fusion<Backend, L, typename List::template at<First + 1>>>::neighbours;
  else
    return LayerTraits<L>::neighbours;
}

template <class Backend, class Net, std::size_t... I>
constexpr auto make_stages(std::index_sequence<I...>) {
  using List = typename Net::List;
  StageList<List::size> list;
  std::size_t covered = 0;
  auto visit = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
    using L = typename List::template at<J>;
    if constexpr (!is_mark<L>) {
      const Shape in = Net::graph.shapes[std::size_t(Net::graph.nodes[J].input)];
      if (J >= covered) {
        constexpr std::size_t length = fused_length<Backend, List, J>();
        Stage& stage = list.stages[list.count++];
        stage = {J,
                 length,
                 Net::graph.nodes[J].input,
                 Net::graph.nodes[J].shortcut,
                 int(J + length),
                 stage_memory<Backend, List, J, length>(in),
                 stage_neighbours<Backend, List, J, length>()};
        stage.is_join = kind_of<L> == NodeKind::join;
        covered = J + length;
      }
      Stage& stage = list.stages[list.count - 1];
      for (const Parameter& parameter : LayerTraits<L>::parameters(in)) {
        ++stage.parameters;
        stage.trains = stage.trains || parameter.trainable;
      }
    }
  };
  (visit(std::integral_constant<std::size_t, I>{}), ...);
  return list;
}

}  // namespace detail

/// The stages of Net on Backend (or on Unfused<Backend>), in the order they run forward.
template <class Net, class Backend>
inline constexpr auto stages_of = [] {
  constexpr auto list = detail::make_stages<Backend, Net>(std::make_index_sequence<Net::List::size>{});
  std::array<Stage, list.count> stages{};
  for (std::size_t i = 0; i < list.count; ++i) stages[i] = list.stages[i];
  return stages;
}();

}  // namespace ferlab
