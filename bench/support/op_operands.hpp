// SPDX-License-Identifier: MIT
// The operands of one op, laid out in memory for timing it alone.
#pragma once

#include <ferlab/core/philox.hpp>
#include <ferlab/cpu/context.hpp>
#include <ferlab/model/backend_needs.hpp>
#include <ferlab/ops/memory.hpp>

#include <vector>

namespace bench {

class Operands {
  using Floats = ferlab::Cpu::Buffer<float>;

 public:
  explicit Operands(int samples) : batch(samples) {}

  int batch;
  ferlab::ops::StepState state{.seed = 1};
  ferlab::ops::StepMetrics metrics{};

  // Numbers in -0.5..0.5, if nothing is said.
  ferlab::ops::Value value(ferlab::Shape shape) { return {random(std::size_t(batch) * shape.size()), shape}; }
  ferlab::ops::Value value(ferlab::Shape shape, float content) {
    return {add(std::size_t(batch) * shape.size(), content), shape};
  }
  ferlab::ops::Weight weight(std::size_t count) { return {random(count)}; }
  ferlab::ops::Weight weight(std::size_t count, float content) { return {add(count, content)}; }
  ferlab::ops::Gradient gradient(std::size_t count) { return {add(count, 0)}; }
  ferlab::ops::Scalars scalars(std::size_t count, float content) { return {add(count, content)}; }
  ferlab::ops::Bytes bytes(std::size_t per_sample) { return {add_bytes(std::size_t(batch) * per_sample)}; }
  ferlab::ops::Setting setting(float number) {
    settings_.push_back(number);
    return {int(settings_.size()) - 1};
  }

  /// Gives an op the memory that Cpu wants for it.
  template <class Op>
  Op with_needs(Op op) {
    ferlab::detail::add_backend_needs<ferlab::Cpu>(op, *this);
    return op;
  }
  int scratch(std::size_t size) { return add_bytes(size); }
  int scratch_per_sample(std::size_t size) { return add_bytes(std::size_t(batch) * size); }
  int packed(std::size_t count) { return add(count, 0); }
  void saved(ferlab::ops::Bytes bytes, std::size_t per_sample) {
    at_[std::size_t(bytes.id)] = at_[std::size_t(add_bytes(std::size_t(batch) * per_sample))];
  }

  /// What a run gets; after the last operand was added.
  ferlab::ops::Memory<float> memory() {
    ferlab::ops::Memory<float> memory(batch, at_, settings_);
    memory.state = &state;
    memory.metrics = &metrics;
    return memory;
  }

 private:
  std::vector<Floats> buffers_;
  std::vector<void*> at_;
  std::vector<float> settings_;

  int add(std::size_t count, float content) {
    buffers_.emplace_back(count);
    std::fill_n(buffers_.back().data(), count, content);
    at_.push_back(buffers_.back().data());
    return int(at_.size()) - 1;
  }
  int add_bytes(std::size_t size) { return add((size + 3) / 4, 0); }
  int random(std::size_t count) {
    const int id = add(count, 0);
    const ferlab::RandomStream stream{.seed = std::uint64_t(id) + 1};
    float* const content = static_cast<float*>(at_[std::size_t(id)]);
    for (std::size_t i = 0; i < count; ++i) content[i] = stream.uniform(i) - 0.5f;
    return id;
  }
};

}  // namespace bench
