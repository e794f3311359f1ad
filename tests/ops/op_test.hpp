// SPDX-License-Identifier: MIT
// The operands of one op, in memory that shows what the op does to it. run(op) gives the op the memory its backend asks
// for, packs its weights where the backend reads packed ones, and runs it several times: on each number of threads, and
// with the result in the operand's place where `operands` allows that. Whatever `operands` says is held against what
// happens:
//
//   what is written is poison before the run, another poison every time: all runs must leave the same bits;
//   so are scratch memory, packed weights and the walls around every array, which must stand afterwards;
//   what is only read, or not named at all, must stay as it was.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "ops/backends.hpp"
#include "support/catch.hpp"
#include "support/fills.hpp"

namespace op_test {

using namespace fills;
using Bytes = std::vector<std::uint8_t>;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// Memory between two walls: NaN to who reads them.
class Walled {
  static constexpr std::size_t wall = 64;
  static constexpr std::uint8_t brick = 0xFF;
  ferlab::detail::AlignedBuffer<std::uint8_t> memory_;
  std::size_t size_;

 public:
  explicit Walled(std::size_t size) : memory_(size + 2 * wall), size_(size) {
    std::fill(memory_.begin(), memory_.end(), brick);
  }
  std::uint8_t* data() { return memory_.data() + wall; }
  void fill(const Bytes& content) { std::copy(content.begin(), content.end(), data()); }
  void fill(std::uint8_t poison) { std::fill_n(data(), size_, poison); }
  Bytes content() { return {data(), data() + size_}; }
  bool stands() {
    const auto is_brick = [](std::uint8_t byte) { return byte == brick; };
    return std::all_of(memory_.begin(), memory_.begin() + wall, is_brick) &&
           std::all_of(data() + size_, memory_.end(), is_brick);
  }
};

/// What an op says it does with each array.
struct Uses {
  struct Use {
    bool named = false, written = false, changed = false, scratch = false;
  };
  std::vector<Use> of;
  std::vector<std::pair<int, int>> over;  ///< a result, and the operand whose place it may take

  void reads(auto ref) { note(ref.id, {true}); }
  void writes(auto ref) { note(ref.id, {true, true}); }
  void changes(auto ref) { note(ref.id, {true, false, true}); }
  void scratch(auto ref) { note(ref.id, {true, false, false, true}); }
  bool has_reports = false;  ///< it works on the step's numbers, the flat buffers among them
  void reports() { has_reports = true; }
  void writes_over(auto ref, auto old) {
    writes(ref);
    if (ref.id >= 0 && old.id >= 0) over.emplace_back(ref.id, old.id);
  }

 private:
  void note(int id, Use use) {
    if (id < 0) return;
    Use& known = of[std::size_t(id)];
    known = {true, known.written || use.written, known.changed || use.changed, known.scratch || use.scratch};
  }
};

void call(const auto& backend, const auto& op, const auto& memory) { run(backend, op, memory); }

template <class Host>
class Operands {
 public:
  using Backend = typename Host::Backend;
  using T = typename Host::Scalar;
  using Memory = ferlab::ops::Memory<T>;
  static_assert(Backend::in_host_memory && std::is_same_v<typename Backend::template Element<T>, T>);

  // Of the step; what an op changes in them stays changed.
  int batch, global_batch;
  std::int64_t penalty_samples = 0;
  ferlab::ops::StepState state{};
  ferlab::ops::StepMetrics metrics{};
  std::vector<std::uint8_t> labels;
  std::vector<float> learning_rates;

  explicit Operands(int samples) : batch(samples), global_batch(samples) {}

  ferlab::ops::Value value(ferlab::Shape shape, const std::vector<T>& content) {
    REQUIRE(content.size() == std::size_t(batch) * shape.size());
    return {add(bytes_of(content)), shape};
  }
  ferlab::ops::Value value(ferlab::Shape shape) {
    return {add(Bytes(sizeof(T) * std::size_t(batch) * shape.size(), 0xFF)), shape};
  }
  ferlab::ops::Weight weight(const std::vector<T>& content) { return {add(bytes_of(content))}; }
  ferlab::ops::Gradient gradient(std::size_t count) { return {add(Bytes(sizeof(T) * count, 0xFF))}; }
  ferlab::ops::Scalars scalars(const std::vector<T>& content) { return {add(bytes_of(content))}; }
  ferlab::ops::Scalars scalars(std::size_t count) { return {add(Bytes(sizeof(T) * count, 0xFF))}; }
  ferlab::ops::Bytes bytes(std::size_t per_sample) { return {add(Bytes(std::size_t(batch) * per_sample, 0xFF))}; }
  ferlab::ops::Setting setting(double number) {
    settings_.push_back(float(number));
    return {int(settings_.size()) - 1};
  }
  ferlab::ops::Moment moment(const std::vector<T>& content) {
    moments_.push_back(add(bytes_of(content)));
    return {int(moments_.size()) - 1};
  }
  /// All trainable weights and their gradients.
  void flat(std::vector<ferlab::ops::WeightRange> segments, const std::vector<T>& weights, const std::vector<T>& gradients) {
    segments_ = std::move(segments);
    flat_weights_ = add(bytes_of(weights)), flat_gradients_ = add(bytes_of(gradients));
  }

  std::vector<T> operator[](ferlab::ops::Moment m) const { return values(moments_[std::size_t(m.id)]); }
  std::vector<T> operator[](auto ref) const { return values(ref.id); }
  Bytes operator[](ferlab::ops::Bytes ref) const { return arrays_[std::size_t(ref.id)].content; }
  std::vector<T> flat_weights() const { return values(flat_weights_); }
  void set_flat_gradients(const std::vector<T>& gradients) {
    arrays_[std::size_t(flat_gradients_)].content = bytes_of(gradients);
  }

  template <class Op>
  void run(Op op) {
    own_ = arrays_.size();
    Places places{*this};
    ferlab::detail::add_backend_needs<Backend>(op, places);
    Uses uses;
    uses.of.resize(arrays_.size());
    Op::operands(op, uses);
    std::vector<Bytes> first;
    for (const Backend& backend : on_threads<Backend>())
      for (const bool in_place : {false, true}) {
        if (in_place && uses.over.empty()) continue;
        INFO(Op::name << (in_place ? ", in place" : "") << ", run " << runs_);
        const auto found = run_once(backend, op, uses, in_place, places.packs);
        if (first.empty()) first = found;
        for (std::size_t i = 0; i < found.size(); ++i) {
          INFO("array " << i << " of " << own_ << "; behind them state and metrics");
          REQUIRE((found[i] == first[i]));
        }
      }
    keep(first);
    while (arrays_.size() > own_) arrays_.pop_back();
  }

 private:
  struct Array {
    Walled memory;
    Bytes content;  ///< before the run, and after it
  };
  /// Where what a backend asks for is put; see model/backend_needs.hpp.
  struct Places {
    Operands& operands;
    bool packs = false;
    int scratch(std::size_t bytes) { return operands.add(Bytes(bytes)); }
    int scratch_per_sample(std::size_t bytes) { return operands.add(Bytes(std::size_t(operands.batch) * bytes)); }
    int packed(std::size_t elements) { return packs = true, operands.add(Bytes(sizeof(T) * elements)); }
    void saved(ferlab::ops::Bytes bytes, std::size_t per_sample) {
      operands.arrays_[std::size_t(bytes.id)] = made(Bytes(std::size_t(operands.batch) * per_sample));
    }
  };

  std::vector<Array> arrays_;
  std::vector<float> settings_;
  std::vector<int> moments_;
  std::vector<ferlab::ops::WeightRange> segments_;
  int flat_weights_ = -1, flat_gradients_ = -1, runs_ = 0;
  std::size_t own_ = 0;  // arrays that are not there for the backend alone

  static Array made(Bytes content) {
    Walled memory(content.size());
    return {std::move(memory), std::move(content)};
  }
  int add(Bytes content) {
    arrays_.push_back(made(std::move(content)));
    return int(arrays_.size()) - 1;
  }
  std::vector<T> values(int id) const {
    const Bytes& content = arrays_[std::size_t(id)].content;
    std::vector<T> all(content.size() / sizeof(T));
    if (!all.empty()) std::memcpy(all.data(), content.data(), content.size());
    return all;
  }
  bool may_change(std::size_t i, const Uses& uses) const {
    const bool flat = int(i) == flat_weights_ || std::find(moments_.begin(), moments_.end(), int(i)) != moments_.end();
    return uses.of[i].written || uses.of[i].changed || (flat && uses.has_reports);
  }

  /// The content of all arrays after a run, then state and metrics.
  template <class Op>
  std::vector<Bytes> run_once(const Backend& backend, const Op& op, const Uses& uses, bool in_place, bool packs) {
    const std::uint8_t poison = runs_++ % 2 ? 0xEE : 0xFF;  // as numbers: -4e28 or -2e224, and NaN
    std::vector<void*> at;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      Array& array = arrays_[i];
      if (uses.of[i].written || uses.of[i].scratch)
        array.memory.fill(poison);
      else
        array.memory.fill(array.content);
      at.push_back(array.memory.data());
    }
    if (in_place)
      for (const auto& [result, operand] : uses.over) at[std::size_t(result)] = at[std::size_t(operand)];
    auto state_now = state;
    auto metrics_now = metrics;
    Memory memory(batch, at, settings_);
    memory.state = &state_now, memory.metrics = &metrics_now;
    memory.global_batch = global_batch, memory.penalty_samples = penalty_samples;
    memory.learning_rates = learning_rates.data(), memory.target = labels.data();
    if (flat_weights_ >= 0)
      memory.flat = {.segments = segments_,
                     .size = arrays_[std::size_t(flat_weights_)].content.size() / sizeof(T),
                     .weights = static_cast<T*>(at[std::size_t(flat_weights_)]),
                     .gradients = static_cast<const T*>(at[std::size_t(flat_gradients_)])};
    for (std::size_t k = 0; k < moments_.size(); ++k) memory.moments[k] = static_cast<T*>(at[std::size_t(moments_[k])]);
    if constexpr (requires { op.packed; })
      if (packs) pack(backend, op, memory, poison);
    call(backend, op, memory);
    auto found = results(uses, in_place);
    found.push_back(bytes_of(std::vector{state_now}));
    found.push_back(bytes_of(std::vector{metrics_now}));
    return found;
  }
  template <class Op>
  void pack(const Backend& backend, const Op& op, const Memory& memory, std::uint8_t poison) {
    arrays_[std::size_t(op.packed.id)].memory.fill(poison);
    call(backend, ferlab::ops::PackWeights<Op>{op}, memory);
  }
  std::vector<Bytes> results(const Uses& uses, bool in_place) {
    std::vector<Bytes> found;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      INFO("array " << i << " of " << own_ << ", in the order in which the test made them");
      REQUIRE(arrays_[i].memory.stands());
      if (i >= own_) continue;
      const Bytes& before = arrays_[i].content;
      const bool given_up = in_place && std::any_of(uses.over.begin(), uses.over.end(),
                                                    [&](const auto& pair) { return std::size_t(pair.second) == i; });
      found.push_back(given_up ? before : arrays_[i].memory.content());
      if (!may_change(i, uses)) REQUIRE((found.back() == before));
    }
    if (in_place)
      for (const auto& [result, operand] : uses.over)
        found[std::size_t(result)] = arrays_[std::size_t(operand)].memory.content();
    return found;
  }
  void keep(const std::vector<Bytes>& found) {
    for (std::size_t i = 0; i < own_; ++i) arrays_[i].content = found[i];
    std::memcpy(&state, found[own_].data(), sizeof state);
    std::memcpy(&metrics, found[own_ + 1].data(), sizeof metrics);
  }
};

}  // namespace op_test
