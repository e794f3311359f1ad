// SPDX-License-Identifier: MIT
// What the tests of the kernels share. A kernel runs in the emulator, in several orders of threads, on memory of exact
// size; what it computes is compared with the CPU backend's op.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "cpu/op_test.hpp"
#include "kernels/device.cuh"

namespace kernel_test {

using ferlab::bfloat16;
using op_test::distance;
using op_test::integers;
using op_test::normals;

/// n elements as a device holds them: aligned to 16 bytes, nothing behind the last, NaN until written.
template <class S>
class Memory {
 public:
  explicit Memory(std::size_t n) : size_(n) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 16, n > 0 ? n * sizeof(S) : 1) != 0) throw std::bad_alloc();
    data_.reset(static_cast<S*>(memory));
    std::memset(memory, 0xff, n * sizeof(S));
  }
  Memory(const std::vector<float>& values) : Memory(values.size()) {
    for (std::size_t i = 0; i < size_; ++i) data()[i] = S(values[i]);
  }
  Memory(const std::vector<std::uint8_t>& values) : Memory(values.size()) {
    for (std::size_t i = 0; i < size_; ++i) data()[i] = S(values[i]);
  }

  S* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::vector<float> values() const {
    std::vector<float> all(size_);
    for (std::size_t i = 0; i < size_; ++i) all[i] = float(data_.get()[i]);
    return all;
  }

 private:
  struct Free {
    void operator()(S* memory) const { std::free(memory); }
  };
  std::unique_ptr<S, Free> data_;
  std::size_t size_;
};

/// The values as S stores them.
template <class S>
std::vector<float> stored(std::vector<float> values) {
  for (float& value : values) value = float(S(value));
  return values;
}

/// A unit in the last place of S, relative to the value.
template <class S>
inline constexpr double rounding = sizeof(S) == 2 ? 1.0 / 256 : 1.2e-7;

/// The largest magnitude, 1 at least: what an error is compared with.
inline double largest(const std::vector<float>& values) {
  double most = 1;
  for (float value : values) most = std::max(most, std::abs(double(value)));
  return most;
}

/// result() in several orders of threads; requires equal answers and returns the answer.
template <class Result>
auto on_any_schedule(const Result& result) {
  ferlab::emulator::schedule = 0;
  const auto first = result();
  for (unsigned schedule : {1u, 2u, 3u}) {
    INFO("schedule " << schedule);
    ferlab::emulator::schedule = schedule;
    const bool same = result() == first;
    ferlab::emulator::schedule = 0;
    REQUIRE(same);
  }
  return first;
}

inline constexpr cudaStream_t stream = nullptr;

}  // namespace kernel_test
