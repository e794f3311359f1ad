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

#include "cpu/op_test.hpp"
#include "kernels/device.cuh"

namespace kernel_test {

using ferlab::bfloat16;
using op_test::distance;
using op_test::integers;
using op_test::normals;

#if defined(__CUDACC__)

inline void check(cudaError_t error) {
  if (error != cudaSuccess) throw ferlab::BackendError(std::string("CUDA: ") + cudaGetErrorString(error));
}
/// Memory that the device and the test both see.
inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMallocManaged(&memory, bytes > 0 ? bytes : 1));
  return memory;
}
inline void release(void* memory) { cudaFree(memory); }
/// Waits until all kernels have run; what one of them did wrong is thrown here.
inline void synchronize() { check(cudaDeviceSynchronize()); }

#else

inline void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 16, bytes > 0 ? bytes : 1) != 0) throw std::bad_alloc();
  return memory;
}
inline void release(void* memory) { std::free(memory); }
inline void synchronize() {}

#endif

/// n elements as a device holds them: aligned to 16 bytes, nothing behind the last (which AddressSanitizer and
/// compute-sanitizer watch), NaN until written.
template <class S>
class Memory {
 public:
  explicit Memory(std::size_t n) : data_(static_cast<S*>(allocate(n * sizeof(S)))), size_(n) {
    std::memset(static_cast<void*>(data_.get()), 0xff, n * sizeof(S));
  }
  template <class T>
  explicit Memory(const std::vector<T>& values) : Memory(values.size()) {
    for (std::size_t i = 0; i < size_; ++i) data()[i] = S(values[i]);
  }

  S* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::vector<float> values() const {
    synchronize();
    std::vector<float> all(size_);
    for (std::size_t i = 0; i < size_; ++i) all[i] = float(data_.get()[i]);
    return all;
  }

 private:
  struct Free {
    void operator()(S* memory) const { release(memory); }
  };
  std::unique_ptr<S, Free> data_;
  std::size_t size_;
};

/// One struct that kernels and the test both see.
template <class T>
class Visible {
 public:
  explicit Visible(const T& value = {}) : value_(new (allocate(sizeof(T))) T(value)) {}
  Visible(const Visible&) = delete;
  Visible& operator=(const Visible&) = delete;
  ~Visible() {
    synchronize();
    release(value_);
  }
  T* get() { return value_; }
  const T* operator->() const {
    synchronize();
    return value_;
  }

 private:
  T* value_;
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

/// result() in several orders of threads (on a device: several times); requires equal answers and returns the answer.
template <class Result>
auto on_any_schedule(const Result& result) {
  const auto first = result();
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
  return first;
}

inline constexpr cudaStream_t stream = nullptr;

}  // namespace kernel_test
