// SPDX-License-Identifier: MIT
// What the tests of the kernels share. A kernel runs in the emulator, in several orders of threads, or,
// compiled by nvcc, on a device; on memory of exact size. What it computes is compared with the CPU backend's op.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "kernels/device.cuh"
#include "ops/op_test.hpp"

namespace kernel_test {

using ferlab::bfloat16;
using fills::distance;
using fills::integers;
using fills::normals;

/// What the CPU makes of the same operands.
using OnCpu = op_test::Operands<op_test::On<ferlab::Cpu, float>>;

#if defined(__CUDACC__)

inline void check(cudaError_t error) {
  if (error != cudaSuccess) throw ferlab::BackendError(std::string("CUDA: ") + cudaGetErrorString(error));
}
inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, bytes > 0 ? bytes : 1));
  return memory;
}
inline void release(void* memory) { cudaFree(memory); }
inline void fill(void* memory, std::size_t bytes) { check(cudaMemset(memory, 0xff, bytes)); }
/// Either way; waits for all kernels first, and throws what one of them did wrong.
inline void copy(void* to, const void* from, std::size_t bytes) {
  check(cudaDeviceSynchronize());
  check(cudaMemcpy(to, from, bytes, cudaMemcpyDefault));
}

#else

inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 16, bytes > 0 ? bytes : 1) != 0) throw std::bad_alloc();
  return memory;
}
inline void release(void* memory) { std::free(memory); }
inline void fill(void* memory, std::size_t bytes) { std::memset(memory, 0xff, bytes); }
inline void copy(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

#endif

/// n elements where kernels can reach them: aligned to 16 bytes, nothing behind the last (which AddressSanitizer and
/// compute-sanitizer watch), NaN until written.
template <class S>
class Memory {
 public:
  explicit Memory(std::size_t n) : data_(static_cast<S*>(allocate(n * sizeof(S)))), size_(n) {
    fill(data(), n * sizeof(S));
  }
  template <class T>
  explicit Memory(const std::vector<T>& values) : Memory(values.size()) {
    const std::vector<S> converted(values.begin(), values.end());
    copy(data(), converted.data(), size_ * sizeof(S));
  }

  S* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::vector<float> values() const {
    std::vector<S> found(size_);
    copy(found.data(), data_.get(), size_ * sizeof(S));
    return {found.begin(), found.end()};
  }

 private:
  struct Free {
    void operator()(S* memory) const { release(memory); }
  };
  std::unique_ptr<S, Free> data_;
  std::size_t size_;
};

/// One struct where kernels can reach it; read as through a pointer.
template <class T>
class Visible {
  struct Copy {
    T value;
    const T* operator->() const { return &value; }
  };

 public:
  explicit Visible(const T& value = {}) : memory_(1) { copy(memory_.data(), &value, sizeof value); }
  T* get() { return memory_.data(); }
  Copy operator->() {
    Copy found;
    copy(&found.value, memory_.data(), sizeof(T));
    return found;
  }

 private:
  Memory<T> memory_;
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

/// result() in several orders of threads (on a device several times, under ThreadSanitizer once); requires equal
/// answers and returns the answer.
template <class Result>
auto on_any_schedule(const Result& result) {
  const auto first = result();
#if !defined(FERLAB_EMULATOR_THREADS)
  for (unsigned schedule : {1u, 2u, 3u}) {
    INFO("schedule " << schedule);
#if !defined(__CUDACC__)
    ferlab::emulator::schedule = schedule;
#endif
    const bool same = result() == first;
#if !defined(__CUDACC__)
    ferlab::emulator::schedule = 0;
#endif
    REQUIRE(same);
  }
#endif
  return first;
}

inline constexpr cudaStream_t stream = nullptr;

}  // namespace kernel_test
