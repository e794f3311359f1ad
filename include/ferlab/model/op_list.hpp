// SPDX-License-Identifier: MIT
// The list of operations while it is being made: layers append to it, rewrites change it, a program is made of it. All
// of this happens when the program compiles; what is left of it when it runs is constant data.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>

#include "ferlab/model/lowering.hpp"
#include "ferlab/model/op_store.hpp"
#include "ferlab/ops/add.hpp"

namespace ferlab::detail {

/// What an op does with a tensor.
struct Use {
  int id = -1;
  bool reads = false, writes = false;
  int over = -1;  ///< whose memory the result may take
};

/// Those of one op. Pointers: a compiler steps over them much faster than over std::span's iterators.
struct Uses {
  const Use *first, *last;
  constexpr const Use* begin() const { return first; }
  constexpr const Use* end() const { return last; }
};

/// One op on the list: where it is kept, and which of the list's uses are its own.
struct Entry {
  OpPlace op{};
  ops::Section section{};
  int layer = -1;  ///< of the user's, from 0
  int group = 0;   ///< of backward ops that stay in the order in which they were given
  int first_use = 0, use_count = 0;
  bool reports = false;  ///< it works on the step's numbers: never dead
};

/// What `operands` of an op is handed: notes what it uses.
struct UseWriter {
  Items<Use>& uses;
  bool has_reports = false;

  constexpr void reads(auto ref) { add({ref.id, true}); }
  constexpr void writes(auto ref) { add({ref.id, false, true}); }
  constexpr void writes_over(auto ref, auto old) { add({ref.id, false, true, old.id}); }
  constexpr void changes(auto ref) { add({ref.id, true, true}); }
  constexpr void scratch(auto ref) { add({ref.id}); }
  constexpr void reports() { has_reports = true; }

 private:
  constexpr void add(Use use) {
    if (use.id >= 0) uses.push_back(use);
  }
};

/// Where a tensor's memory comes from.
enum class Region {
  sample,     ///< grows with the batch; shared by lifetimes
  batch,      ///< does not grow; shared by lifetimes
  packed,     ///< made by Section::prepare, kept until the weights change
  trainable,  ///< the flat buffers, in the order of the parameter table
  frozen,
  gradient
};
enum class Element { value, scalar, byte };  ///< V, T

struct Tensor {
  Region region = Region::sample;
  std::size_t count = 0;  ///< elements (per sample where it grows)
  Element element = Element::value;
  std::size_t offset = 0;  ///< elements from its region's begin; once placed, bytes (per sample where it grows)
};

/// All of a graph that does not depend on which types of op there are.
class OpList : public Lowering {
 public:
  Items<Entry> entries;
  constexpr Uses uses(const Entry& e) const {
    const Use* const first = uses_.data() + e.first_use;
    return {first, first + e.use_count};
  }
  Items<Tensor> tensors;
  std::size_t trainable_extent = 0, frozen_extent = 0;  ///< elements of the flat buffers, padding counted

  // What a layer may ask for.

  constexpr ops::Value value(Shape shape) { return {add({.count = shape.size()}), shape}; }
  constexpr ops::Bytes bytes(std::size_t per_sample) { return {add({.count = per_sample, .element = Element::byte})}; }
  constexpr ops::Scalars scalars(std::size_t count) { return {add({Region::batch, count, Element::scalar})}; }
  constexpr ops::Weight weight(const Parameter& shape, Initializer, L2 = {}) {
    std::size_t& end = shape.trainable ? trainable_extent : frozen_extent;
    const int id = add({shape.trainable ? Region::trainable : Region::frozen, shape.size(), Element::scalar, end});
    end += weight_extent(shape.size());
    return {id};
  }
  constexpr ops::Setting setting(const char* /*name*/, float, ops::SettingRange = {}) { return {settings_++}; }

  /// The gradient of the loss with respect to this.
  constexpr ops::Value gradient(ops::Value of) { return {gradient_of(of.id, {.count = of.shape.size()}), of.shape}; }
  constexpr ops::Gradient gradient(ops::Weight of) {
    const Tensor& weight = tensors[std::size_t(of.id)];
    return {gradient_of(of.id, {Region::gradient, weight.count, Element::value, weight.offset})};
  }

  // What makes a list of its ops.

  constexpr int add(const Tensor& t) {
    tensors.push_back(t);
    return int(tensors.size()) - 1;
  }
  constexpr void begin(ops::Section section) {
    Lowering::begin(section);
    section_ = section;
  }
  constexpr std::size_t settings() const { return std::size_t(settings_); }
  template <class Op>
  constexpr void describe(const Op& op, Entry& e) {
    e.first_use = int(uses_.size());
    UseWriter writer{uses_};
    Op::operands(op, writer);
    e.use_count = int(uses_.size()) - e.first_use;
    e.reports = writer.has_reports;
  }
  constexpr Entry blank(OpPlace op) const { return {.op = op, .section = section_, .layer = layer, .group = group_}; }
  constexpr void append(const Entry& e) {
    entries.push_back(e);
    ++group_;
  }
  constexpr void append_backward(const Entry& e) { tape_.push_back(e); }
  /// The backward pass in the order it runs.
  constexpr Items<Entry> take_tape() {
    Items<Entry> order;
    for (std::size_t end = tape_.size(); end > 0;) {
      std::size_t begin = end;
      while (begin > 0 && same_group(tape_[begin - 1], tape_[end - 1])) --begin;
      for (std::size_t i = begin; i < end; ++i) order.push_back(tape_[i]);
      end = begin;
    }
    tape_.resize(0, {});
    return order;
  }
  /// Sections in their order, ops of one section as they were appended.
  constexpr void sort_sections() {
    Items<Entry> sorted;
    for (int s = 0; s < ops::section_count; ++s)
      for (const Entry& e : entries)
        if (int(e.section) == s) sorted.push_back(e);
    entries = std::move(sorted);
  }
  constexpr void drop_marked() {
    Entry* kept = entries.begin();
    for (const Entry& e : entries)
      if (e.op.type >= 0) *kept++ = e;
    entries.resize(std::size_t(kept - entries.begin()), {});
  }

 private:
  Items<Entry> tape_;
  Items<Use> uses_;
  Items<int> gradient_of_;
  int group_ = 0, settings_ = 0;
  ops::Section section_ = ops::Section::forward;

  static constexpr bool same_group(const Entry& a, const Entry& b) { return a.group == b.group && a.layer == b.layer; }

  constexpr int gradient_of(int id, const Tensor& tensor) {
    if (gradient_of_.size() < tensors.size()) gradient_of_.resize(tensors.size() + 64, -1);
    if (gradient_of_[std::size_t(id)] < 0) {
      const int made = add(tensor);
      gradient_of_[std::size_t(id)] = made;
    }
    return gradient_of_[std::size_t(id)];
  }
};

/// A list, and the ops that are on it.
template <class... Ops>
class Graph : public OpList {
 public:
  using Store = OpStore<Ops...>;
  Store store;

  /// Appends an op to the forward pass (or to whatever section is being made).
  template <class Op>
  constexpr void run(const Op& op) {
    append(entry(op));
  }
  /// Appends an op to the backward pass: groups run in the reverse of the order in which layers give them, the ops of
  /// one group as they were given. Nothing happens where there is no backward pass.
  template <class Op>
  constexpr void run_backward(const Op& op) {
    if (training) append_backward(entry(op));
  }

  /// Puts the backward pass on the list. The second op that writes a gradient adds to it instead.
  constexpr void finish_backward() {
    begin(ops::Section::backward);
    Items<bool> written(tensors.size(), false);
    for (Entry& e : take_tape()) {
      e.section = ops::Section::backward;
      int again = -1;
      for (const Use& use : uses(e)) {
        const Region region = tensors[std::size_t(use.id)].region;
        if (!use.writes || use.reads || (region != Region::sample && region != Region::gradient)) continue;
        if (written[std::size_t(use.id)]) {
          if (region == Region::gradient) throw std::logic_error("ferlab: two ops write the gradient of one weight");
          if (again >= 0) throw std::logic_error("ferlab: an op writes two gradients that are written already");
          again = use.id;
        }
        written[std::size_t(use.id)] = true;
      }
      if (again < 0)
        entries.push_back(e);
      else
        append_adding(e, again);
    }
  }

  constexpr void rewrite_loss(const auto& table) { apply_rewrites(*this, table); }

  template <class Op>
  constexpr Entry entry(const Op& op) {
    Entry made = blank(store.add(op));
    describe(op, made);
    return made;
  }

 private:
  /// Replaces what an op writes to `from` by `to`.
  struct Renamer {
    int from, to;
    constexpr void writes(auto& ref) const {
      if (ref.id == from) ref.id = to;
    }
    constexpr void writes_over(auto& ref, auto&) const { writes(ref); }
    constexpr void reads(auto&) const {}
    constexpr void changes(auto&) const {}
    constexpr void scratch(auto&) const {}
    constexpr void reports() const {}
  };

  constexpr void append_adding(Entry e, int id) {
    if constexpr (Store::template type_of<ops::Accumulate> < Store::types) {
      const Tensor like = tensors[std::size_t(id)];
      const Shape shape{1, 1, int(like.count)};
      const int spare = add(like);
      store.visit(e.op, [&](auto& op) {
        Renamer renamer{id, spare};
        op.operands(op, renamer);
        describe(op, e);
      });
      entries.push_back(e);
      run(ops::Accumulate{.x = {spare, shape}, .y = {id, shape}});
      entries[entries.size() - 1].layer = e.layer;
    } else {
      throw std::logic_error("ferlab: two ops read one value; the layer's `lowers_to` must name ops::Accumulate");
    }
  }
};

}  // namespace ferlab::detail
