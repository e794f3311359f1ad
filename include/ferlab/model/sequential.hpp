// SPDX-License-Identifier: MIT
// A network: a value made of layers, whose shapes are known, and checked, when it compiles.
#pragma once

#include <utility>

#include "ferlab/layers/input.hpp"
#include "ferlab/model/layer_graph.hpp"
#include "ferlab/model/op_store.hpp"

namespace ferlab {

namespace detail {

// The compiler prints the template arguments of what fails: the layer, its index and the shape that reached it.
template <int Index, class L, Shape In>
constexpr bool layer_fits() {
  if constexpr (!layer_accepts<L>(In)) {
    if constexpr (requires { typename L::template rejected<In>; })
      typename L::template rejected<In>{};
    else
      static_assert(layer_accepts<L>(In), "ferlab: this layer does not accept the shape that reaches it");
  }
  return true;
}

template <int Index, Shape Body, Shape Skip>
constexpr bool residual_fits() {
  static_assert(Body == Skip,
                "ferlab: a Residual's two branches must end in the same shape; add a Projection or change the body");
  return true;
}

template <class List, const auto& G, std::size_t I>
constexpr bool entry_fits() {
  if constexpr (I < List::size) {
    using L = typename List::template at<I>;
    constexpr Node node = G.nodes[I];
    if constexpr (kind_of<L> == NodeKind::join)
      return residual_fits<node.index, G.shapes[std::size_t(node.input)], G.shapes[std::size_t(node.shortcut)]>();
    else
      return layer_fits<node.index, L, G.shapes[std::size_t(node.input)]>();
  } else {
    return true;
  }
}

/// The compiler prints the layer.
template <class L>
struct LowersTo {
  static_assert(
      requires { typename L::lowers_to; },
      "ferlab: a layer says what it becomes with `lowers_to` and `lower` (ferlab/layers/layer.hpp); this one does not");
  using types = ops::OpTypes<>;
};
template <class L>
requires requires { typename L::lowers_to; }
struct LowersTo<L> {
  using types = typename L::lowers_to;
};
template <>
struct LowersTo<Fork> {
  using types = ops::OpTypes<>;
};
template <>
struct LowersTo<Shortcut> : LowersTo<Fork> {};

template <class List>
struct LayerOpsOf;
template <class... Ls>
struct LayerOpsOf<TypeList<Ls...>> {
  using types = UnionOf<typename LowersTo<Ls>::types...>;
};
template <class List>
using LayerOps = typename LayerOpsOf<List>::types;

}  // namespace detail

/// Sequential net{Input<48, 48, 1>{}, Conv2D<64, 3>{}, ReLU{}, ...}: layers one after another; Block and Residual may
/// stand among them. A layer that cannot take the shape that reaches it is a compile error that names both.
template <class In, class... Items>
class Sequential {
  static_assert(
      requires { In::shape; }, "ferlab: a Sequential begins with Input<height, width, channels>");
  static_assert(detail::projections<Items...> == 0, "ferlab: a Projection stands last in a Residual and nowhere else");
  static_assert(sizeof...(Items) > 0, "ferlab: a Sequential needs at least one layer after its Input");

 public:
  using List = typename detail::FlatList<Items...>::list;  ///< every layer, composites spliced
  static constexpr auto graph = detail::make_layer_graph(In::shape, List{});
  static constexpr Shape input = In::shape;
  using lowers_to = detail::LayerOps<List>;  ///< the types of op its layers become
  static constexpr Shape output = graph.shapes[std::size_t(graph.output)];

  typename detail::FlatList<Items...>::pack layers{};

  constexpr Sequential() = default;
  constexpr Sequential(In, Items... items) : layers(detail::FlatList<Items...>::make(std::move(items)...)) {}

  /// body(layer) for every layer in order, those in a Block or Residual too: to change the fields of many at once.
  constexpr void for_each_layer(auto&& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (body(get<I>(layers)), ...); }
    (std::make_index_sequence<List::size>{});
  }

 private:
  static_assert(detail::entry_fits<List, graph, graph.misfit>());
};

}  // namespace ferlab
