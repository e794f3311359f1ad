// SPDX-License-Identifier: MIT
// Softmax, and crossentropy with label smoothing together with it: from logits to probabilities, gradient, loss and,
// if wanted, number of hits. A warp per row: the logits are read three times (from cache after the first), each result
// is written once.
#pragma once

#include "kernels/reduce.cuh"
#include "kernels/softmax_crossentropy.hpp"

namespace ferlab::kernels {

/// The rows of one launch: f(blocks, block).
template <class Policy, class F>
void with_warp_per_row(std::ptrdiff_t rows, const F& f) {
  if (rows > 0)
    f(unsigned((rows + Policy::rows_per_block - 1) / Policy::rows_per_block),
      dim3(32, unsigned(Policy::rows_per_block)));
}
/// The row of this thread's warp.
template <class Policy>
__device__ inline std::ptrdiff_t row_of_warp() {
  return std::ptrdiff_t(blockIdx.x) * Policy::rows_per_block + threadIdx.y;
}

/// What a warp knows of its row: the greatest logit, and its (first) place.
struct RowMaximum {
  float value;
  int place;
};

template <class S>
__device__ RowMaximum row_maximum(const S* x, int classes, int lane) {
  RowMaximum best{-INFINITY, classes};
  for (int k = lane; k < classes; k += 32)
    if (float(x[k]) > best.value || best.place == classes) best = {float(x[k]), k};
  for (int with = 16; with > 0; with /= 2) {
    const RowMaximum other{__shfl_xor_sync(0xffffffffu, best.value, with),
                           __shfl_xor_sync(0xffffffffu, best.place, with)};
    if (other.place < classes &&
        (best.place == classes || other.value > best.value || (other.value == best.value && other.place < best.place)))
      best = other;
  }
  return best;
}

__device__ inline float warp_sum(float value) {
  for (int with = 16; with > 0; with /= 2) value += __shfl_xor_sync(0xffffffffu, value, with);
  return value;
}

/// probabilities, gradient: nullptr where not wanted; labels: nullptr for a softmax alone. found, [rows][2], gets
/// each row's loss and whether it hit; nullptr: not wanted.
template <class S>
struct SoftmaxRows {
  const S* logits;
  const std::uint8_t* labels;
  float label_smoothing, gradient_scale;
  S *probabilities, *gradient;
  float* found;
  std::ptrdiff_t rows;
  int classes;
};

template <class Policy, class S>
__global__ void __launch_bounds__(32 * Policy::rows_per_block) softmax_kernel(SoftmaxRows<S> a) {
  const std::ptrdiff_t row = row_of_warp<Policy>();
  if (row >= a.rows) return;
  const int lane = int(threadIdx.x), classes = a.classes;
  const S* const x = a.logits + row * classes;
  const RowMaximum best = row_maximum(x, classes, lane);
  float sum = 0;
  for (int k = lane; k < classes; k += 32) sum += expf(float(x[k]) - best.value);
  sum = warp_sum(sum);
  const int label = a.labels ? a.labels[row] : -1;
  const float off = a.label_smoothing / float(classes), on = 1 - a.label_smoothing + off, log_sum = logf(sum);
  float loss = 0;
  for (int k = lane; k < classes; k += 32) {
    const float shifted = float(x[k]) - best.value, p = expf(shifted) / sum, target = k == label ? on : off;
    if (a.labels && target != 0) loss -= target * (shifted - log_sum);
    if (a.probabilities) a.probabilities[row * classes + k] = S(p);
    if (a.gradient) a.gradient[row * classes + k] = S((p - target) * a.gradient_scale);
  }
  if (!a.found) return;
  loss = warp_sum(loss);
  if (lane == 0) {
    a.found[2 * row] = loss;
    a.found[2 * row + 1] = best.place == label ? 1.0f : 0.0f;
  }
}

template <class Policy, class S>
void run_softmax(cudaStream_t stream, const SoftmaxRows<S>& rows) {
  with_warp_per_row<Policy>(rows.rows, [&](unsigned blocks, dim3 block) {
    launch(stream, softmax_kernel<Policy, S>, blocks, block, 0, rows);
  });
}

template <class Policy, class S>
void run(cudaStream_t stream, const Softmax<S>& op) {
  run_softmax<Policy>(stream, SoftmaxRows<S>{op.x, nullptr, 0, 0, op.y, nullptr, nullptr, op.rows, op.classes});
}
template <class S>
void run(cudaStream_t stream, const Softmax<S>& op) {
  run<SoftmaxPolicy>(stream, op);
}

template <class Policy, class S>
__global__ void __launch_bounds__(32 * Policy::rows_per_block) softmax_backward_kernel(SoftmaxBackward<S> op) {
  const S *const y = op.y, *const dy = op.dy;
  S* const dx = op.dx;
  const int classes = op.classes;
  const std::ptrdiff_t row = row_of_warp<Policy>(), at = row * classes;
  if (row >= op.rows) return;
  float sum = 0;
  for (int k = int(threadIdx.x); k < classes; k += 32) sum += float(y[at + k]) * float(dy[at + k]);
  sum = warp_sum(sum);
  for (int k = int(threadIdx.x); k < classes; k += 32) dx[at + k] = S(float(y[at + k]) * (float(dy[at + k]) - sum));
}

template <class Policy, class S>
void run(cudaStream_t stream, const SoftmaxBackward<S>& op) {
  with_warp_per_row<Policy>(op.rows, [&](unsigned blocks, dim3 block) {
    launch(stream, softmax_backward_kernel<Policy, S>, blocks, block, 0, op);
  });
}
template <class S>
void run(cudaStream_t stream, const SoftmaxBackward<S>& op) {
  run<SoftmaxPolicy>(stream, op);
}

/// One block adds up what the rows found, in their order.
template <class Policy>
__global__ void __launch_bounds__(Policy::threads)
    add_rows_kernel(std::ptrdiff_t rows, const float* found, ops::StepMetrics* metrics, double* hits) {
  double loss = 0;
  int mine = 0;
  for (std::ptrdiff_t row = threadIdx.x; row < rows; row += Policy::threads) {
    loss += double(found[2 * row]);
    mine += found[2 * row + 1] > 0;
  }
  loss = block_sum<Policy::threads>(loss);
  __syncthreads();  // the sums share their memory
  const double all = block_sum<Policy::threads>(double(mine));
  if (threadIdx.x > 0) return;
  metrics->loss_sum += loss;
  metrics->seen += rows;
  if (hits) *hits += all;
}

/// hits: nullptr where not wanted.
template <class Policy, class Op>
void add_rows(cudaStream_t stream, const Op& op, double* hits) {
  launch(stream, add_rows_kernel<Policy>, 1, Policy::threads, 0, op.rows, op.scratch, op.metrics, hits);
}

template <class Policy, class S>
void run(cudaStream_t stream, const SoftmaxCrossentropy<S>& op) {
  run_softmax<Policy>(stream, SoftmaxRows<S>{op.logits, op.labels, op.label_smoothing, op.gradient_scale,
                                             op.probabilities, op.gradient, op.scratch, op.rows, op.classes});
  add_rows<Policy>(stream, op, op.hits);
}
template <class S>
void run(cudaStream_t stream, const SoftmaxCrossentropy<S>& op) {
  run<SoftmaxPolicy>(stream, op);
}

template <class Policy, class S>
__global__ void __launch_bounds__(32 * Policy::rows_per_block) crossentropy_kernel(Crossentropy<S> op) {
  const int classes = op.classes, lane = int(threadIdx.x);
  const std::ptrdiff_t row = row_of_warp<Policy>(), at = row * classes;
  if (row >= op.rows) return;
  const int label = op.labels[row];
  const float off = op.label_smoothing / float(classes), on = 1 - op.label_smoothing + off;
  const float low = 1e-7f, high = 1 - low;
  const S* const p = op.outputs + at;
  S* const gradient = op.gradient;
  float sum = 0;
  for (int k = lane; k < classes; k += 32) sum += float(p[k]);
  sum = warp_sum(sum);
  float loss = 0, through_sum = 0;
  for (int k = lane; k < classes; k += 32) {
    const float target = k == label ? on : off, q = float(p[k]) / sum;
    const bool below = q<low, above = q> high;
    loss -= target * logf(below ? low : above ? high : q);
    if (!below && !above) through_sum -= target;
  }
  loss = warp_sum(loss);
  through_sum = warp_sum(through_sum);
  for (int k = lane; gradient && k < classes; k += 32) {
    const float target = k == label ? on : off, q = float(p[k]) / sum;
    const float dq = q < low || q > high ? 0.0f : -target / q;
    gradient[at + k] = S((dq - through_sum) / sum * op.gradient_scale);
  }
  if (lane == 0) {
    op.scratch[2 * row] = loss;
    op.scratch[2 * row + 1] = 0;
  }
}

template <class Policy, class S>
void run(cudaStream_t stream, const Crossentropy<S>& op) {
  with_warp_per_row<Policy>(op.rows, [&](unsigned blocks, dim3 block) {
    launch(stream, crossentropy_kernel<Policy, S>, blocks, block, 0, op);
  });
  add_rows<Policy>(stream, op, nullptr);
}
template <class S>
void run(cudaStream_t stream, const Crossentropy<S>& op) {
  run<SoftmaxPolicy>(stream, op);
}

}  // namespace ferlab::kernels
