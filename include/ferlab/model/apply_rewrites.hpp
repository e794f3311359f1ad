// SPDX-License-Identifier: MIT
// Applies a table of rewrites (ops/rewrite.hpp) to a list of ops.
#pragma once

#include <optional>
#include <utility>

#include "ferlab/model/op_list.hpp"
#include "ferlab/ops/rewrite.hpp"

namespace ferlab::detail {

template <class Op>
inline constexpr bool is_later = false;
template <class Op>
inline constexpr bool is_later<ops::Later<Op>> = true;
template <class Op>
struct WithoutLater {
  using type = Op;
};
template <class Op>
struct WithoutLater<ops::Later<Op>> {
  using type = Op;
};
template <class Parameter>
using PatternOp = typename WithoutLater<std::remove_cvref_t<Parameter>>::type;

/// The ops that a rewrite makes.
template <class Result>
struct Made {
  using types = ops::OpTypes<Result>;
};
template <class Result>
struct Made<std::optional<Result>> : Made<Result> {};
template <class A, class B>
struct Made<ops::Both<A, B>> {
  using types = ops::OpTypes<A, B>;
};
template <class Function>
struct Rewrite;
template <class R, class... Ps>
struct Rewrite<R (*)(Ps...)> {
  using makes = typename Made<R>::types;
  using pattern = ops::OpTypes<PatternOp<Ps>...>;
};
template <class T>
inline constexpr bool is_both = false;
template <class A, class B>
inline constexpr bool is_both<ops::Both<A, B>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class Table>
struct MadeByTable;
template <auto... Functions>
struct MadeByTable<ops::Rewrites<Functions...>> {
  using types = UnionOf<typename Rewrite<decltype(Functions)>::makes...>;
};

/// How many ops on the list read each tensor.
constexpr Items<int> count_readers(const OpList& list) {
  Items<int> readers(list.tensors.size(), 0);
  int* const count = readers.data();
  for (const Entry& e : list.entries)
    for (const Use& use : list.uses(e)) count[use.id] += use.reads;
  return readers;
}

/// Looks for one pattern, and replaces it. Knows no type of op. Arrays and plain pointers: this is what a compiler
/// spends its time on.
class Matcher {
 public:
  /// Of a pattern of `length` ops. at: where they are found.
  constexpr Matcher(OpList& list, Items<int>& readers, std::size_t length, const int* types, const bool* later,
                    std::size_t* at)
      : list_(list),
        entries_(list.entries.data()),
        tensors_(list.tensors.data()),
        readers_(readers.data()),
        length_(length),
        types_(types),
        later_(later),
        at_(at) {
    while (split_ < length && !later[split_]) ++split_;
  }

  /// Goes to the next place where the pattern fits.
  constexpr bool next() {
    for (const std::size_t end = list_.entries.size(); start_ < end; ++start_)
      if (entries_[start_].op.type == types_[0] && matches()) return ++start_, true;
    return false;
  }
  constexpr const Entry& entry(std::size_t k) const { return entries_[at_[k]]; }

  /// Puts `with` (one op, or one for each part of a pattern with a Later) in the place of what was found, unless
  /// somebody else reads what would no longer be written.
  template <std::size_t N>
  constexpr void replace(const Entry (&with)[N]) {
    for (std::size_t k = 0; k < length_; ++k) count(entries_[at_[k]], -1);
    if (loses_something(with, N)) {
      for (std::size_t k = 0; k < length_; ++k) count(entries_[at_[k]], 1);
      return;
    }
    for (const Entry& e : with) count(e, 1);
    const ops::Section first = entry(0).section;
    const bool halves = split_ < length_;
    const std::size_t place = at_[(halves ? split_ : length_) - 1], last = at_[length_ - 1];
    for (std::size_t k = 0; k < length_; ++k) entries_[at_[k]].op = {};
    put(with[0], place, first);
    if (halves) put(with[N - 1], last, entries_[last].section);
    changed_ = true;
  }
  constexpr void finish() {
    if (changed_) list_.drop_marked();
  }

 private:
  OpList& list_;
  Entry* entries_;
  const Tensor* tensors_;
  int* readers_;
  std::size_t length_;
  const int* types_;
  const bool* later_;
  std::size_t* at_;
  std::size_t start_ = 0, split_ = 0;
  bool changed_ = false;

  constexpr bool matches() {
    std::size_t i = start_;
    const std::size_t end = list_.entries.size();
    for (std::size_t k = 0; k < length_; ++k, ++i) {
      if (later_[k])
        while (i < end && (entries_[i].op.type != types_[k] || entries_[i].layer != entry(k - 1).layer)) ++i;
      if (i >= end || entries_[i].op.type != types_[k]) return false;
      if (k > 0 && !later_[k] && !reads_from(entries_[i], entry(k - 1))) return false;
      at_[k] = i;
    }
    return true;
  }
  constexpr bool reads_from(const Entry& e, const Entry& before) const {
    for (const Use& in : list_.uses(e))
      for (const Use& out : list_.uses(before))
        if (in.reads && out.writes && in.id == out.id) return true;
    return false;
  }
  constexpr bool loses_something(const Entry* with, std::size_t count) const {
    for (std::size_t k = 0; k < length_; ++k)
      for (const Use& use : list_.uses(entries_[at_[k]]))
        if (use.writes && is_wanted(use) && !writes(with, count, use.id)) return true;
    return false;
  }
  /// An op on the list reads it, or it outlives the list, as gradients and running statistics do.
  constexpr bool is_wanted(const Use& use) const {
    const Region region = tensors_[use.id].region;
    return (!use.reads && (readers_[use.id] > 0 || use.id == list_.output.id)) || region == Region::gradient ||
           region == Region::frozen;
  }
  constexpr bool writes(const Entry* entries, std::size_t count, int id) const {
    for (std::size_t k = 0; k < count; ++k)
      for (const Use& use : list_.uses(entries[k]))
        if (use.writes && use.id == id) return true;
    return false;
  }
  constexpr void count(const Entry& e, int sign) {
    for (const Use& use : list_.uses(e)) readers_[use.id] += use.reads * sign;
  }
  constexpr void put(Entry e, std::size_t at, ops::Section first) {
    e.section = entries_[at].section, e.layer = entries_[at].layer;
    if (first != e.section) e.section = ops::Section::loss;  // made of ops of both passes: it runs between them
    entries_[at] = e;
  }
};

/// Applies one rewrite wherever it fits: nowhere, where the network has no such ops.
template <class G, class R, class... Ps>
requires((G::Store::template type_of<PatternOp<Ps>> == G::Store::types) || ...) constexpr void apply(G&, Items<int>&,
                                                                                                     R (*)(Ps...)) {}
template <class G, class R, class... Ps>
constexpr void apply(G& graph, Items<int>& readers, R (*rewrite)(Ps...)) {
  constexpr int types[] = {G::Store::template type_of<PatternOp<Ps>>...};
  constexpr bool later[] = {is_later<std::remove_cvref_t<Ps>>...};
  std::size_t at[sizeof...(Ps)] = {};
  Matcher found(graph, readers, sizeof...(Ps), types, later, at);
  const auto replace = [&](const auto&... with) {
    const Entry entries[] = {graph.entry(with)...};
    found.replace(entries);
  };
  while (found.next()) {
    const auto made = [&]<std::size_t... K>(std::index_sequence<K...>) {
      return rewrite(std::remove_cvref_t<Ps>{graph.store.template get<PatternOp<Ps>>(found.entry(K).op)}...);
    }
    (std::index_sequence_for<Ps...>{});
    const auto take = [&]<class Result>(const Result& result) {
      if constexpr (is_both<Result>)
        replace(result.first, result.second);
      else
        replace(result);
    };
    if constexpr (is_optional<std::remove_cv_t<decltype(made)>>) {
      if (made) take(*made);
    } else {
      take(made);
    }
  }
  found.finish();
}

/// Applies a table to a list.
template <class... Ops, auto... Functions>
constexpr void apply_rewrites(Graph<Ops...>& graph, ops::Rewrites<Functions...>) {
  Items<int> readers = count_readers(graph);
  (apply(graph, readers, Functions), ...);
}

}  // namespace ferlab::detail
