// SPDX-License-Identifier: MIT
// What the emulator promises: threads, blocks, barriers, shuffles and shared memory as CUDA defines them.
#include "kernels/mma.cuh"
#include "support/catch.hpp"
#include "support/fills.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using ferlab::kernels::launch;

namespace {

constexpr cudaStream_t stream = nullptr;

__global__ void number_kernel(int* numbers) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  numbers[block * blockDim.x * blockDim.y * blockDim.z + thread] += int(block * 1000 + thread);
}

__global__ void reverse_kernel(int* values) {
  FERLAB_DYNAMIC_SHARED(int, shared);
  shared[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  values[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

__global__ void warp_kernel(int* sums, int* rotated, int* halves) {
  int sum = int(threadIdx.x);
  for (int by = 16; by > 0; by /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, by);
  sums[threadIdx.x] = sum;
  rotated[threadIdx.x] = __shfl_sync(0xffffffffu, int(threadIdx.x), int(threadIdx.x) + 1);
  halves[threadIdx.x] = __shfl_down_sync(0xffffffffu, int(threadIdx.x), 3, 16);
}

__global__ void unwritten_kernel(float* value) {
  FERLAB_SHARED(float, shared, 2);
  *value = shared[1];
}

using ferlab::bfloat16;
using ferlab::kernels::Pair;

/// c = a (16x16) * b (16x8) by one warp, each lane filling its registers as mma.cuh says.
__global__ void product_kernel(const float* a, const float* b, float* c) {
  const int g = int(threadIdx.x) / 4, t = int(threadIdx.x) % 4;
  const auto pair = [](float low, float high) { return Pair(bfloat16(low).bits) | Pair(bfloat16(high).bits) << 16; };
  const auto from_a = [&](int row, int column) { return pair(a[row * 16 + column], a[row * 16 + column + 1]); };
  const auto from_b = [&](int row) { return pair(b[row * 8 + g], b[(row + 1) * 8 + g]); };
  const ferlab::kernels::FragmentA left{
      {from_a(g, 2 * t), from_a(g + 8, 2 * t), from_a(g, 2 * t + 8), from_a(g + 8, 2 * t + 8)}};
  const ferlab::kernels::FragmentB right{{from_b(2 * t), from_b(2 * t + 8)}};
  ferlab::kernels::FragmentC sums{{1, 2, 3, 4}};
  ferlab::kernels::multiply_accumulate(left.v, right.v, sums.v);
  for (int i = 0; i < 4; ++i) c[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = sums.v[i] - float(i + 1);
}

/// Copies 32 rows of 8, the last `missing` as zeros, and reads them as four matrices, as they are or transposed.
__global__ void matrices_kernel(const bfloat16* x, int missing, Pair* plain, Pair* transposed, bool* poisoned) {
  FERLAB_DYNAMIC_SHARED(bfloat16, shared);
  const int lane = int(threadIdx.x);
  bfloat16* const row = shared + (lane + 5) % 32 * 8;  // rows lie in another order
  row[3] = bfloat16(1.0f);
  ferlab::kernels::copy_async(row, lane < 32 - missing ? x + lane * 8 : x, lane < 32 - missing);
  ferlab::kernels::end_of_copies();
  poisoned[lane] = std::isnan(float(row[3]));
  ferlab::kernels::end_of_copies();
  ferlab::kernels::wait_for_copies<1>();  // the empty group behind may be under way
  __syncthreads();
  Pair found[4];
  ferlab::kernels::load_matrices<false>(row, found);
  for (int i = 0; i < 4; ++i) plain[4 * lane + i] = found[i];
  ferlab::kernels::load_matrices<true>(row, found);
  for (int i = 0; i < 4; ++i) transposed[4 * lane + i] = found[i];
}

}  // namespace

TEST_CASE("Tensor cores multiply matrices that lie in the lanes as the PTX ISA says") {
  const auto a = fills::integers(16 * 16, 9, 1), b = fills::integers(16 * 8, 9, 2);
  std::vector<float> c(16 * 8);
  launch(stream, product_kernel, 1, 32, 0, a.data(), b.data(), c.data());
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 8; ++j) {
      float expected = 0;
      for (int k = 0; k < 16; ++k) expected += a[std::size_t(i * 16 + k)] * b[std::size_t(k * 8 + j)];
      REQUIRE(c[std::size_t(i * 8 + j)] == expected);
    }
}

TEST_CASE("Copies arrive when they are waited for, and matrices are read as rows or columns") {
  constexpr int missing = 3;
  struct alignas(16) Row {
    bfloat16 v[8];
  };
  std::vector<Row> x(32);
  for (int i = 0; i < 256; ++i) x[std::size_t(i / 8)].v[i % 8].bits = std::uint16_t(i + 1);
  std::vector<Pair> plain(128), transposed(128);
  bool poisoned[32]{};
  launch(stream, matrices_kernel, 1, 32, 512, x[0].v, missing, plain.data(), transposed.data(), poisoned);
  const auto at = [&](int row, int column) {
    return row < 32 - missing ? Pair(x[std::size_t(row)].v[column].bits) : Pair(0);
  };
  for (int lane = 0; lane < 32; ++lane) {
    REQUIRE(poisoned[lane]);
    for (int m = 0; m < 4; ++m) {
      const int far = lane / 4, pair = lane % 4 * 2;
      const std::size_t i = std::size_t(4 * lane + m);
      REQUIRE(plain[i] == (at(8 * m + far, pair) | at(8 * m + far, pair + 1) << 16));
      REQUIRE(transposed[i] == (at(8 * m + pair, far) | at(8 * m + pair + 1, far) << 16));
    }
  }
}

TEST_CASE("Every thread of every block runs once, in any schedule") {
  for (unsigned schedule : {0u, 1u, 7u}) {
    ferlab::emulator::schedule = schedule;
    std::vector<int> numbers(2 * 3 * 2 * 24);
    launch(stream, number_kernel, dim3(2, 3, 2), dim3(4, 3, 2), 0, numbers.data());
    for (int i = 0; i < int(numbers.size()); ++i) REQUIRE(numbers[std::size_t(i)] == i / 24 * 1000 + i % 24);
  }
  ferlab::emulator::schedule = 0;
}

TEST_CASE("A barrier makes shared memory visible") {
  for (unsigned schedule : {0u, 1u, 2u, 3u}) {
    ferlab::emulator::schedule = schedule;
    std::vector<int> values(1024);
    std::iota(values.begin(), values.end(), 0);
    launch(stream, reverse_kernel, 1, 1024, 1024 * sizeof(int), values.data());
    std::reverse(values.begin(), values.end());
    for (int i = 0; i < 1024; ++i) REQUIRE(values[std::size_t(i)] == i);
  }
  ferlab::emulator::schedule = 0;
}

TEST_CASE("Shuffles stay in their warp and width") {
  std::vector<int> sums(64), rotated(64), halves(64);
  launch(stream, warp_kernel, 1, 64, 0, sums.data(), rotated.data(), halves.data());
  for (int i = 0; i < 64; ++i) {
    const std::size_t at = std::size_t(i);
    REQUIRE(sums[at] == (i < 32 ? 31 * 16 : 31 * 16 + 32 * 32));
    REQUIRE(rotated[at] == (i / 32 * 32 + (i + 1) % 32));
    REQUIRE(halves[at] == (i % 16 + 3 < 16 ? i + 3 : i));
  }
}

TEST_CASE("Shared memory that nobody wrote is NaN") {
  float value = 0;
  launch(stream, unwritten_kernel, 1, 1, 0, &value);
  REQUIRE(std::isnan(value));
}

TEST_CASE("A launch that no device takes is refused") {
  int number = 0;
  REQUIRE_THROWS_AS(launch(stream, number_kernel, 1, 1025, 0, &number), std::invalid_argument);
  REQUIRE_THROWS_AS(launch(stream, number_kernel, dim3(1, 70000), 1, 0, &number), std::invalid_argument);
  REQUIRE_THROWS_AS(launch(stream, number_kernel, 1, 1, 1 << 20, &number), std::invalid_argument);
}
