// SPDX-License-Identifier: MIT
// One kernel that copies steps of x into shared memory while it reads those that have arrived, and what can be wrong
// with it.
#pragma once

#include <cstring>
#include <vector>

#include "kernels/mma.cuh"

namespace copy_bugs {

inline constexpr int threads = 64, steps = 5, stages = 3, stage_size = 8 * threads;

struct Mistake {
  const char* name;
  bool is(const char* other) const { return std::strcmp(name, other) == 0; }
};

__global__ void stream_kernel(const ferlab::bfloat16* x, float* sums, Mistake mistake) {
  using namespace ferlab::kernels;
  FERLAB_DYNAMIC_SHARED(ferlab::bfloat16, shared);
  const int thread = int(threadIdx.x);
  const auto stage = [&](int step) { return shared + step % stages * stage_size; };
  const auto copy = [&](int step) {
    auto* to = stage(step) + 8 * thread;
    const auto* from = x + step * stage_size + 8 * thread;
    if (mistake.is("misaligned_copy")) to += 4;
    if (mistake.is("misaligned_source")) from += 4;
    if (mistake.is("copy_past_shared")) to += stages * stage_size;
    if (mistake.is("copy_from_shared")) from = shared;
    if (step < steps) copy_async(to, from, true);
    if (step < steps && mistake.is("copied_twice")) copy_async(to, from, true);
    if (!mistake.is("lost_group")) end_of_copies();
  };
  float sum = 0;
  const auto read = [&](int step) {  // what the other warp copied
    const auto* row = stage(step) + 8 * (thread ^ 32);
    if (mistake.is("own_before_barrier")) row = stage(step) + 8 * thread;
    if (mistake.is("misaligned_row")) row += 1;
    if (mistake.is("row_past_shared")) row += stages * stage_size;
    if (mistake.is("row_outside_shared")) row = x;
    Pair found[4];
    if (!mistake.is("half_a_warp") || thread % 32 < 16) load_matrices<false>(row, found);
    if (mistake.is("two_places") && thread % 32 < 16)
      load_matrices<false>(row, found);
    else if (mistake.is("two_places"))
      load_matrices<true>(row, found);
    for (Pair pair : found) sum += float(step + 1) * float(pair % 128);
  };
  for (int step = 0; step < stages - 1; ++step) copy(step);
  for (int step = 0; step < steps; ++step) {
    const bool barrier_before = mistake.is("barrier_before_wait") || mistake.is("own_before_barrier");
    if (barrier_before) __syncthreads();
    if (mistake.is("wait_too_few"))
      wait_for_copies<stages - 1>();
    else if (!mistake.is("missing_wait"))
      wait_for_copies<stages - 2>();
    if (mistake.is("copied_over_another") && thread > 0) copy_async(stage(step) + 8 * (thread - 1), x, true);
    if (!mistake.is("missing_barrier") && !barrier_before) __syncthreads();
    if (!mistake.is("copy_after_read")) copy(step + stages - (mistake.is("wrong_stage") ? 0 : 1));
    read(step);
    if (mistake.is("copy_after_read")) copy(step + stages);
  }
  if (mistake.is("never_waited")) copy(0);
  sums[thread] = sum;
}

inline float run(const char* name) {
  std::vector<ferlab::bfloat16> x(stage_size * steps);
  for (std::size_t i = 0; i < x.size(); ++i) x[i].bits = std::uint16_t(i * 37 % 128);
  struct alignas(16) Chunk {
    ferlab::bfloat16 v[8];
  };
  std::vector<Chunk> aligned(x.size() / 8 + 1);
  std::memcpy(static_cast<void*>(aligned.data()), x.data(), x.size() * sizeof x[0]);
  std::vector<float> sums(threads);
  ferlab::kernels::launch(nullptr, stream_kernel, 1, threads, stages * stage_size * sizeof(ferlab::bfloat16),
                          aligned[0].v, sums.data(), Mistake{name});
  float sum = 0;
  for (int i = 0; i < threads; ++i) sum += float(i + 1) * sums[std::size_t(i)];
  return sum;
}

}  // namespace copy_bugs
