// SPDX-License-Identifier: MIT
// The set of op types that a program can need, and where ops of different types are kept as plain data.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "ferlab/model/items.hpp"
#include "ferlab/model/type_list.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

/// Its address stands for the type where only identity counts: comparing addresses is cheaper than a template a pair.
template <class T>
inline constexpr char type_tag = 0;

/// The place of T in Ts; sizeof...(Ts) if it is not there.
template <class T, class... Ts>
inline constexpr int place_of = [] {
  constexpr const char* tags[] = {&type_tag<Ts>..., &type_tag<T>};
  int i = 0;
  while (tags[i] != &type_tag<T>) ++i;
  return i;
}();

/// Each type once, in the order in which it comes first.
template <class... Ts>
class Distinct {
  struct First {
    std::array<std::size_t, sizeof...(Ts)> at{};
    std::size_t count = 0;
  };
  static constexpr First first = [] {
    constexpr std::array<const char*, sizeof...(Ts)> tags{&type_tag<Ts>...};
    First found;
    for (std::size_t i = 0; i < tags.size(); ++i)
      if (std::find(tags.begin(), tags.begin() + std::ptrdiff_t(i), tags[i]) == tags.begin() + std::ptrdiff_t(i))
        found.at[found.count++] = i;
    return found;
  }();

 public:
  template <template <class...> class List, std::size_t... I>
  static List<typename TypeList<Ts...>::template at<first.at[I]>...> as(std::index_sequence<I...>);
  template <template <class...> class List>
  using in = decltype(as<List>(std::make_index_sequence<first.count>{}));
};

/// Several lists of ops one after another.
template <class...>
struct Joined {
  using types = ops::OpTypes<>;
};
template <class... As>
struct Joined<ops::OpTypes<As...>> {
  using types = ops::OpTypes<As...>;
};
template <class... As, class... Bs, class... Lists>
struct Joined<ops::OpTypes<As...>, ops::OpTypes<Bs...>, Lists...> : Joined<ops::OpTypes<As..., Bs...>, Lists...> {};

template <class Types>
struct DistinctOps;
template <class... Ops>
struct DistinctOps<ops::OpTypes<Ops...>> {
  using types = typename Distinct<Ops...>::template in<ops::OpTypes>;
};

/// All ops of the lists, each once.
template <class... Lists>
using UnionOf = typename DistinctOps<typename Distinct<Lists...>::template in<Joined>::types>::types;

/// Where an op is kept: which type it has, and which of that type it is.
struct OpPlace {
  int type = -1, at = -1;
};

/// One array for each type of op.
template <class... Ops>
class OpStore {
  template <class Op>
  struct Array : Items<Op> {};
  struct Arrays : Array<Ops>... {};
  Arrays arrays_;

 public:
  static constexpr int types = sizeof...(Ops);
  template <class Op>
  static constexpr int type_of = place_of<Op, Ops...>;

  template <class Op>
  constexpr OpPlace add(const Op& op) {
    static_assert(type_of<Op> < types,
                  "ferlab: a layer, loss, metric or optimizer lowers to an op that its `lowers_to` does not name");
    if constexpr (type_of<Op> < types) {
      auto& array = static_cast<Array<Op>&>(arrays_);
      array.push_back(op);
      return {type_of<Op>, int(array.size()) - 1};
    }
    return {};
  }
  template <class Op>
  constexpr Op& get(OpPlace place) {
    return static_cast<Array<Op>&>(arrays_)[std::size_t(place.at)];
  }

  /// f(op), of whatever type it is.
  template <class F>
  constexpr void visit(OpPlace place, F&& f) {
    using Call = void (*)(OpStore&, OpPlace, F&);
    constexpr Call calls[] = {&OpStore::call<Ops, F>...};
    calls[place.type](*this, place, f);
  }

 private:
  template <class Op, class F>
  static constexpr void call(OpStore& store, OpPlace place, F& f) {
    f(store.template get<Op>(place));
  }
};

}  // namespace ferlab::detail
