// SPDX-License-Identifier: MIT
// Kernels that are wrong on purpose: the emulator must say so. The argument names the mistake; each runs in several
// orders of threads, and an answer that depends on the order is reported too.
#include <cstdio>
#include <cstring>
#include <vector>

#include "emulator/bugs/copies.hpp"
#include "kernels/device.cuh"

using ferlab::kernels::launch;

namespace {

constexpr unsigned threads = 64;

/// Adds up the block's numbers by halves.
__global__ void sum_kernel(const float* x, float* sum, bool barriers) {
  FERLAB_SHARED(float, part, threads);
  part[threadIdx.x] = x[threadIdx.x];
  for (unsigned half = threads / 2; half > 0; half /= 2) {
    if (barriers) __syncthreads();
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
  }
  if (threadIdx.x == 0) *sum = part[0];
}

__global__ void divergent_barrier_kernel() {
  if (threadIdx.x < 32)
    __syncthreads();
  else
    __syncthreads();
}

__global__ void early_end_kernel() {
  if (threadIdx.x == 5) return;
  __syncthreads();
}

__global__ void lost_lane_kernel(int* value) {
  if (threadIdx.x == 5) return;
  *value = __shfl_xor_sync(0xffffffffu, int(threadIdx.x), 1);
}

__global__ void outside_mask_kernel(int* value) {
  if (threadIdx.x < 16) *value = __shfl_sync(0x0000ffffu, int(threadIdx.x), 20);
}

__global__ void deadlock_kernel(int* value) {
  if (threadIdx.x > 0) *value = __shfl_sync(0xffffffffu, 1, 0);
  if (threadIdx.x == 0) __syncthreads();
}

__global__ void read_past_end_kernel(const float* x, float* sum) {
  if (threadIdx.x == 0) *sum = x[threads];
}

__global__ void shared_overflow_kernel(float* sum) {
  FERLAB_SHARED(float, part, 4);
  float* const volatile hidden = part;  // where UBSan does not see the bound
  hidden[4] = 1;
  *sum = part[0];
}

__global__ void dynamic_overflow_kernel(float* sum) {
  FERLAB_DYNAMIC_SHARED(float, part);
  part[4] = 1;
  *sum = part[0];
}

float run(const char* bug) {
  std::vector<float> x(threads);
  for (unsigned i = 0; i < threads; ++i) x[i] = float(i);
  float sum = 0;
  int value = 0;
  const auto is = [&](const char* name) { return std::strcmp(bug, name) == 0; };
  if (is("none")) launch(nullptr, sum_kernel, 1, threads, 0, x.data(), &sum, true);
  if (is("missing_barrier")) launch(nullptr, sum_kernel, 1, threads, 0, x.data(), &sum, false);
  if (is("divergent_barrier")) launch(nullptr, divergent_barrier_kernel, 1, threads, 0);
  if (is("early_end")) launch(nullptr, early_end_kernel, 1, threads, 0);
  if (is("lost_lane")) launch(nullptr, lost_lane_kernel, 1, 32, 0, &value);
  if (is("outside_mask")) launch(nullptr, outside_mask_kernel, 1, 32, 0, &value);
  if (is("deadlock")) launch(nullptr, deadlock_kernel, 1, 32, 0, &value);
  if (is("read_past_end")) launch(nullptr, read_past_end_kernel, 1, threads, 0, x.data(), &sum);
  if (is("shared_overflow")) launch(nullptr, shared_overflow_kernel, 1, 1, 0, &sum);
  if (is("dynamic_overflow")) launch(nullptr, dynamic_overflow_kernel, 1, 1, 4 * sizeof(float), &sum);
  return sum;
}

}  // namespace

/// emulator_bugs BUG, or emulator_bugs copies BUG
int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 2;
  const auto result = [&] { return argc == 2 ? run(argv[1]) : copy_bugs::run(argv[2]); };
  const float first = result();
  for (unsigned schedule = 1; schedule < 5; ++schedule) {
    ferlab::emulator::schedule = schedule;
    const float again = result();
    if (std::memcmp(&again, &first, sizeof first) != 0) {
      std::puts("the order of threads changes the answer");
      return 1;
    }
  }
  std::puts("nothing found");
}
