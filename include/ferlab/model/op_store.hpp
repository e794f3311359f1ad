// SPDX-License-Identifier: MIT
// The set of op types that a program can need, and where ops of different types are kept as plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "ferlab/model/items.hpp"
#include "ferlab/model/type_list.hpp"
#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

/// A number for a type: the hash of how the compiler writes it. (Addresses of two variables would do, but g++ does not
/// compare them in constant expressions under UndefinedBehaviorSanitizer; std::is_same is a template for each pair.)
template <class T>
constexpr std::uint64_t number_of_type() {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char* c = __PRETTY_FUNCTION__; *c; ++c) hash = (hash ^ std::uint8_t(*c)) * 0x100000001b3u;
  return hash;
}
template <class T>
inline constexpr std::uint64_t type_number = number_of_type<T>();

/// The place of T in Ts; sizeof...(Ts) if it is not there.
template <class T, class... Ts>
inline constexpr int place_of = [] {
  constexpr std::uint64_t types[] = {type_number<Ts>..., type_number<T>};
  int i = 0;
  while (types[i] != type_number<T>) ++i;
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
    constexpr std::uint64_t types[] = {type_number<Ts>..., 0};
    First found;
    for (std::size_t i = 0; i < sizeof...(Ts); ++i) {
      std::size_t before = 0;
      while (types[before] != types[i]) ++before;
      if (before == i) found.at[found.count++] = i;
    }
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
