// SPDX-License-Identifier: MIT
// What the emulator promises: threads, blocks, barriers, shuffles and shared memory as CUDA defines them.
#include "kernels/device.cuh"
#include "support/catch.hpp"

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

}  // namespace

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
