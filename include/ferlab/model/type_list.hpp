// SPDX-License-Identifier: MIT
// A list of types and a list of values that find their I-th entry without recursion: overload resolution picks the
// indexed base. std::tuple costs quadratic compile time at a few hundred entries.
#pragma once

#include <cstddef>
#include <utility>

namespace ferlab::detail {

template <class T>
struct Type {
  using type = T;
};

template <std::size_t I, class T>
struct Indexed : Type<T> {};

template <class Indices, class... Ts>
struct IndexedTypes;
template <std::size_t... I, class... Ts>
struct IndexedTypes<std::index_sequence<I...>, Ts...> : Indexed<I, Ts>... {};

template <std::size_t I, class T>
Type<T> find_type(const Indexed<I, T>&);

template <std::size_t I, class T>
struct Slot {
  T value;
};

template <class Indices, class... Ts>
struct Slots;
template <std::size_t... I, class... Ts>
struct Slots<std::index_sequence<I...>, Ts...> : Slot<I, Ts>... {};

template <class... Ts>
struct TypeList {
  static constexpr std::size_t size = sizeof...(Ts);
  template <std::size_t I>
  using at = typename decltype(find_type<I>(IndexedTypes<std::index_sequence_for<Ts...>, Ts...>{}))::type;
};

/// A flat aggregate of values, one of each type in order.
template <class... Ts>
struct ValueList : Slots<std::index_sequence_for<Ts...>, Ts...> {};

template <std::size_t I, class T>
constexpr const T& get(const Slot<I, T>& slot) {
  return slot.value;
}
template <std::size_t I, class T>
constexpr T& get(Slot<I, T>& slot) {
  return slot.value;
}

}  // namespace ferlab::detail
