// SPDX-License-Identifier: MIT
// Running a program: a loop over its list of ops. The memory that programs of one model share, and where a program's
// tensors are in it.
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "ferlab/model/model.hpp"
#include "ferlab/model/programs.hpp"

namespace ferlab::detail {

template <class M, class What>
using ProgramOf = detail::Program<What, typename M::Backend, typename M::Element, typename M::Scalar>;

/// What programs of a model need besides its weights, for batches of up to `capacity` samples. Those that never run at
/// the same time may share it. Nothing is allocated after construction.
template <class M>
class WorkMemory {
 public:
  using T = typename M::Scalar;
  using V = typename M::Element;
  template <class U>
  using Buffer = typename M::template Buffer<U>;

  /// Room for each of the programs.
  template <class... Programs>
  static WorkMemory for_programs(int capacity) {
    return WorkMemory(checked(capacity), {.sample_bytes = std::max({Programs::size.sample_bytes...}),
                                          .batch_bytes = std::max({Programs::size.batch_bytes...}),
                                          .packed_bytes = std::max({Programs::size.packed_bytes...}),
                                          .gradients = std::max({Programs::size.gradients...})});
  }

  int capacity;
  Buffer<std::uint8_t> samples, batch, packed;
  Buffer<V> gradients;               ///< of all trainable weights, in their order; none where no program trains
  Buffer<V> rounded;                 ///< all trainable weights as V; none where V is T
  Buffer<ops::StepState> state;      ///< one: of the step that runs
  Buffer<ops::StepMetrics> metrics;  ///< one: what the steps found

  std::uint64_t rounded_revision = 0;  ///< of the weights that `rounded` was made from
  std::uint64_t packed_revision = 0;   ///< of the weights that `packed` was made from ...
  const void* packed_by = nullptr;     ///< ... by this program

 private:
  WorkMemory(int most, const detail::ProgramSize& size)
      : capacity(most),
        samples(size.sample_bytes * std::size_t(most)),
        batch(size.batch_bytes),
        packed(size.packed_bytes),
        gradients(size.gradients),
        rounded(std::is_same_v<T, V> ? 0 : M::Plan::parameters.trainable_extent),
        state(1),
        metrics(1) {}

  static int checked(int capacity) {
    if (capacity < 1)
      throw ArgumentError("a workspace needs room for at least 1 sample, not " + std::to_string(capacity));
    return capacity;
  }
};

/// One program of a model, its numbers, and the places of its tensors.
template <class M, class What>
class Execution {
 public:
  using Program = ProgramOf<M, What>;
  using T = typename M::Scalar;
  using V = typename M::Element;
  using Memory = ops::Memory<T, V>;

  /// Takes the numbers of `parts`: the network's, the loss's, the optimizer's.
  template <class... Parts>
  void tune(const Parts&... parts) {
    tuning_.clear();
    What::lower(tuning_, parts...);
    if (tuning_.settings.size() != Program::settings)
      throw std::logic_error(
          "ferlab: which settings a layer, loss or optimizer asks for must not depend on its numbers");
  }
  const Tuning& tuning() const { return tuning_; }

  /// What the ops of a batch get.
  Memory memory(const M& model, WorkMemory<M>& work, int batch, std::span<const ops::WeightRange> segments = {}) {
    bind(model, work, batch);
    Memory memory(batch, at_, tuning_.settings);
    memory.state = work.state.data();
    memory.metrics = work.metrics.data();
    memory.flat = {.segments = segments,
                   .size = model.trainable.size(),
                   .weights = const_cast<T*>(model.trainable.data()),
                   .gradients = work.gradients.data(),
                   .rounded = work.rounded.data()};
    return memory;
  }

  /// [batch][input] and [batch][output], where memory(...) was last asked for.
  V* input() const { return static_cast<V*>(at_[std::size_t(Program::input.id)]); }
  V* output() const { return static_cast<V*>(at_[std::size_t(Program::output.id)]); }
  V* at(ops::Value value) const { return static_cast<V*>(at_[std::size_t(value.id)]); }

  /// Brings what is derived from the weights up to date; once after each change of the weights.
  void prepare(const M& model, WorkMemory<M>& work, const Memory& memory) const {
    if constexpr (!std::is_same_v<T, V>)
      if (work.rounded_revision != model.revision()) {
        convert(model.backend, std::ptrdiff_t(model.trainable.size()), model.trainable.data(), work.rounded.data());
        work.rounded_revision = model.revision();
      }
    if constexpr (Program::begin(ops::Section::prepare) < Program::end(ops::Section::prepare))
      if (work.packed_revision != model.revision() || work.packed_by != &Program::size) {
        run(model, ops::Section::prepare, memory);
        work.packed_revision = model.revision();
        work.packed_by = &Program::size;
      }
  }

  void run(const M& model, ops::Section section, const Memory& memory) const {
    Program::run_section(section, model.backend, memory);
  }

 private:
  Tuning tuning_;
  std::vector<void*> at_ = std::vector<void*>(Program::tensor_count);
  int bound_batch_ = 0;
  std::array<const void*, 3> bound_to_{};

  void bind(const M& model, WorkMemory<M>& work, int batch) {
    const std::array<const void*, 3> to{model.trainable.data(), model.frozen.data(), work.samples.data()};
    if (batch == bound_batch_ && to == bound_to_) return;
    for (std::size_t i = 0; i < at_.size(); ++i) {
      const Tensor& t = Program::tensors[i];
      at_[i] = first_byte(model, work, t.region) + t.offset * (t.region == Region::sample ? std::size_t(batch) : 1);
    }
    bound_batch_ = batch;
    bound_to_ = to;
  }

  static std::uint8_t* first_byte(const M& model, WorkMemory<M>& work, Region region) {
    const auto bytes = [](const auto& buffer) {
      return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(buffer.data()));
    };
    switch (region) {
      case Region::sample:
        return bytes(work.samples);
      case Region::batch:
        return bytes(work.batch);
      case Region::packed:
        return bytes(work.packed);
      case Region::trainable:
        return bytes(model.trainable);
      case Region::frozen:
        return bytes(model.frozen);
      case Region::gradient:
        return bytes(work.gradients);
    }
    return nullptr;
  }
};

/// Sets the numbers of the step that runs next, and what was found so far.
template <class M>
void set_state(const M& model, WorkMemory<M>& work, const ops::StepState& state, const ops::StepMetrics& metrics = {}) {
  copy_from_host(model.backend, 1, &state, work.state.data());
  copy_from_host(model.backend, 1, &metrics, work.metrics.data());
}

}  // namespace ferlab::detail
