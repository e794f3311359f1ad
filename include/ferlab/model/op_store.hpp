// SPDX-License-Identifier: MIT
// The set of op types that a program can need, and where ops of different types are kept as plain data.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "ferlab/model/items.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

template <class T>
struct Member {};
template <class... Ts>
struct TypeSet : Member<Ts>... {};

template <class... Ts, class T>
constexpr auto operator+(TypeSet<Ts...>, Member<T>) {
  if constexpr (std::is_base_of_v<Member<T>, TypeSet<Ts...>>)
    return TypeSet<Ts...>{};
  else
    return TypeSet<Ts..., T>{};
}
template <class... Ts, class... Ops>
constexpr auto operator+(TypeSet<Ts...> set, Member<ops::OpTypes<Ops...>>) {
  return (set + ... + Member<Ops>{});
}
template <class... Ts>
ops::OpTypes<Ts...> as_types(TypeSet<Ts...>);

/// All ops of the lists, each once.
template <class... Lists>
using UnionOf = decltype(as_types((TypeSet<>{} + ... + Member<Lists>{})));

/// The place of Op in Ops; sizeof...(Ops) if it is not there.
template <class Op, class... Ops>
inline constexpr int place_of = [] {
  constexpr bool is[] = {std::is_same_v<Op, Ops>..., true};
  int i = 0;
  while (!is[i]) ++i;
  return i;
}();

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
