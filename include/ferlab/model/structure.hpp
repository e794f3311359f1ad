// SPDX-License-Identifier: MIT
// Block and Residual, and how a list that holds them becomes one flat list of layers. A Residual leaves three marks in
// that list: Fork where the shortcut leaves, Shortcut where the projection's layers begin (if it has any), Join where
// both meet.
#pragma once

#include <tuple>

#include "ferlab/layers/layer.hpp"
#include "ferlab/model/type_list.hpp"
#include "ferlab/ops/add.hpp"

namespace ferlab {

template <class... Items>
struct Projection;

namespace detail {
template <class Item>
inline constexpr bool is_projection = false;
template <class... Items>
inline constexpr bool is_projection<Projection<Items...>> = true;

/// How many of the items are Projections, and whether the last one is.
template <class... Items>
inline constexpr int projections = (0 + ... + int(is_projection<Items>));
template <class... Items>
inline constexpr bool ends_in_projection = (false, ..., is_projection<Items>);
}  // namespace detail

/// Several layers under one name of the user's: `const Block stage{Conv2D<64, 3>{}, ReLU{}};`. Spliced where it stands.
template <class... Items>
struct Block {
  static_assert(detail::projections<Items...> == 0, "ferlab: a Projection stands last in a Residual and nowhere else");
  std::tuple<Items...> items;
  constexpr Block(Items... list) : items{std::move(list)...} {}
};

/// The layers on the shortcut of a Residual, where its body changes the shape; the last word in the Residual.
template <class... Items>
struct Projection {
  static_assert(detail::projections<Items...> == 0, "ferlab: a Projection stands last in a Residual and nowhere else");
  std::tuple<Items...> items;
  constexpr Projection(Items... list) : items{std::move(list)...} {}
};

/// y = body(x) + x, or body(x) + projection(x) when the last item is a Projection.
template <class... Items>
struct Residual {
  static_assert(detail::projections<Items...> == int(detail::ends_in_projection<Items...>),
                "ferlab: a Projection stands last in a Residual and nowhere else");
  std::tuple<Items...> items;
  constexpr Residual(Items... list) : items{std::move(list)...} {}
};

namespace detail {

struct Fork {};
struct Shortcut {};

/// The sum of a Residual's two branches.
struct Join {
  static constexpr const char* name = "add";
  using lowers_to = ops::OpTypes<ops::Add, ops::Copy, ops::Accumulate>;

  static constexpr ops::Value lower(auto& g, ops::Value body, ops::Value shortcut) {
    const ops::Value y = g.value(body.shape);
    g.run(ops::Add{.a = body, .b = shortcut, .y = y});
    g.run_backward(ops::Copy{.x = g.gradient(y), .y = g.gradient(shortcut)});
    g.run_backward(ops::Copy{.x = g.gradient(y), .y = g.gradient(body)});
    return y;
  }
};

template <class L>
inline constexpr bool is_mark = std::is_same_v<L, Fork> || std::is_same_v<L, Shortcut>;

template <class Item>
constexpr auto flatten(const Item& item) {
  return std::tuple<Item>{item};
}
template <class... Items>
constexpr auto flatten(const Block<Items...>& block);
template <class... Items>
constexpr auto flatten(const Projection<Items...>& projection);
template <class... Items>
constexpr auto flatten(const Residual<Items...>& residual);

template <class... Items>
constexpr auto flatten_all(const std::tuple<Items...>& items) {
  return std::apply([](const auto&... item) { return std::tuple_cat(flatten(item)...); }, items);
}
template <class... Items>
constexpr auto flatten(const Block<Items...>& block) {
  return flatten_all(block.items);
}
template <class... Items>
constexpr auto flatten(const Projection<Items...>& projection) {
  return std::tuple_cat(std::tuple<Shortcut>{}, flatten_all(projection.items));
}
template <class... Items>
constexpr auto flatten(const Residual<Items...>& residual) {
  return std::tuple_cat(std::tuple<Fork>{}, flatten_all(residual.items), std::tuple<Join>{});
}

template <class Item>
inline constexpr bool is_composite = false;
template <class... Items>
inline constexpr bool is_composite<Block<Items...>> = true;
template <class... Items>
inline constexpr bool is_composite<Residual<Items...>> = true;
template <class... Items>
inline constexpr bool is_composite<Projection<Items...>> = true;

template <class Tuple>
struct AsList;
template <class... Ts>
struct AsList<std::tuple<Ts...>> {
  using list = TypeList<Ts...>;
  using pack = ValueList<Ts...>;
};

/// The flat list of a network's items. Only a network that has composites pays for the tuples.
template <bool AnyComposite, class... Items>
struct Flat : AsList<decltype(flatten_all(std::declval<std::tuple<Items...>>()))> {
  static constexpr auto make(Items... items) {
    return std::apply([](auto... layer) { return typename Flat::pack{{{std::move(layer)}...}}; },
                      flatten_all(std::tuple<Items...>{items...}));
  }
};
template <class... Items>
struct Flat<false, Items...> {
  using list = TypeList<Items...>;
  using pack = ValueList<Items...>;
  static constexpr auto make(Items... items) { return pack{{{std::move(items)}...}}; }
};

template <class... Items>
using FlatList = Flat<(is_composite<Items> || ...), Items...>;

}  // namespace detail

}  // namespace ferlab
