// SPDX-License-Identifier: MIT
// Softmax, and crossentropy with label smoothing together with it: from logits to probabilities, gradient, loss and
// number of hits. A warp a row: the logits are read three times (from cache after the first), each result is written
// once.
#pragma once

#include "kernels/reduce.cuh"
#include "kernels/step_state.cuh"

namespace ferlab::kernels {

inline constexpr int softmax_warps = 8;

/// What a warp knows of its row: the greatest logit, its (first) place, and the logarithm of the sum of exp.
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

/// probabilities, gradient: nullptr where not wanted; labels: nullptr for a softmax alone. rows_found gets each row's
/// loss (all of it, in float) and whether it hit, negative loss never occurring: [rows][2].
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

template <class S>
__global__ void __launch_bounds__(32 * softmax_warps) softmax_kernel(SoftmaxRows<S> a) {
  const std::ptrdiff_t row = std::ptrdiff_t(blockIdx.x) * softmax_warps + threadIdx.y;
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

template <class S>
void run_softmax(cudaStream_t stream, const SoftmaxRows<S>& rows) {
  if (rows.rows > 0)
    launch(stream, softmax_kernel<S>, unsigned((rows.rows + softmax_warps - 1) / softmax_warps),
           dim3(32, softmax_warps), 0, rows);
}

/// probabilities = softmax of each row of `logits` [rows][classes]; may be the same memory.
template <class S>
void softmax(cudaStream_t stream, std::ptrdiff_t rows, int classes, const S* logits, S* probabilities) {
  run_softmax(stream, SoftmaxRows<S>{logits, nullptr, 0, 0, probabilities, nullptr, nullptr, rows, classes});
}

template <class S>
__global__ void __launch_bounds__(32 * softmax_warps)
    softmax_backward_kernel(std::ptrdiff_t rows, int classes, const S* y, const S* dy, S* dx) {
  const std::ptrdiff_t row = std::ptrdiff_t(blockIdx.x) * softmax_warps + threadIdx.y, at = row * classes;
  if (row >= rows) return;
  float sum = 0;
  for (int k = int(threadIdx.x); k < classes; k += 32) sum += float(y[at + k]) * float(dy[at + k]);
  sum = warp_sum(sum);
  for (int k = int(threadIdx.x); k < classes; k += 32) dx[at + k] = S(float(y[at + k]) * (float(dy[at + k]) - sum));
}

/// dx = y * (dy - the sum of y * dy) for each row; dx may be dy.
template <class S>
void softmax_backward(cudaStream_t stream, std::ptrdiff_t rows, int classes, const S* y, const S* dy, S* dx) {
  if (rows > 0)
    launch(stream, softmax_backward_kernel<S>, unsigned((rows + softmax_warps - 1) / softmax_warps),
           dim3(32, softmax_warps), 0, rows, classes, y, dy, dx);
}

/// One block adds up what the rows found, in their order.
static __global__ void __launch_bounds__(reduce_threads)
    add_rows_kernel(std::ptrdiff_t rows, const float* found, StepMetrics* metrics) {
  double loss = 0;
  int correct = 0;
  for (std::ptrdiff_t row = threadIdx.x; row < rows; row += reduce_threads) {
    loss += double(found[2 * row]);
    correct += found[2 * row + 1] > 0;
  }
  loss = block_sum(loss);
  __syncthreads();  // the sums share their memory
  const double hits = block_sum(double(correct));
  if (threadIdx.x > 0) return;
  metrics->loss_sum += loss;
  metrics->correct += std::int64_t(hits);
  metrics->seen += rows;
}

/// Adds the rows' losses, hits and number to `metrics`. gradient = (softmax - target) * gradient_scale with respect to
/// the logits, where target = (k == label) * (1 - label_smoothing) + label_smoothing / classes. probabilities and
/// gradient may be nullptr; either may be the logits' memory.
template <class S>
void softmax_crossentropy(cudaStream_t stream, std::ptrdiff_t rows, int classes, const S* logits,
                          const std::uint8_t* labels, float label_smoothing, float gradient_scale, S* probabilities,
                          S* gradient, StepMetrics* metrics, float* scratch) {
  run_softmax(stream, SoftmaxRows<S>{logits, labels, label_smoothing, gradient_scale, probabilities, gradient, scratch,
                                     rows, classes});
  launch(stream, add_rows_kernel, 1, reduce_threads, 0, rows, scratch, metrics);
}

/// As ferlab/cpu/crossentropy.hpp: each row is divided by its sum and clipped to [1e-7, 1 - 1e-7]; no gradient passes a
/// clipped value.
template <class S>
__global__ void __launch_bounds__(32 * softmax_warps)
    categorical_crossentropy_kernel(std::ptrdiff_t rows, int classes, const S* outputs, const std::uint8_t* labels,
                                    float label_smoothing, float gradient_scale, S* gradient, float* found) {
  const std::ptrdiff_t row = std::ptrdiff_t(blockIdx.x) * softmax_warps + threadIdx.y, at = row * classes;
  if (row >= rows) return;
  const int lane = int(threadIdx.x), label = labels[row];
  const float off = label_smoothing / float(classes), on = 1 - label_smoothing + off;
  const float low = 1e-7f, high = 1 - low;
  const S* const p = outputs + at;
  const RowMaximum best = row_maximum(p, classes, lane);
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
    gradient[at + k] = S((dq - through_sum) / sum * gradient_scale);
  }
  if (lane == 0) {
    found[2 * row] = loss;
    found[2 * row + 1] = best.place == label ? 1.0f : 0.0f;
  }
}

/// Adds the rows' losses, hits and number to `metrics`; `gradient` (nullptr: not wanted) is with respect to the
/// outputs.
template <class S>
void categorical_crossentropy(cudaStream_t stream, std::ptrdiff_t rows, int classes, const S* outputs,
                              const std::uint8_t* labels, float label_smoothing, float gradient_scale, S* gradient,
                              StepMetrics* metrics, float* scratch) {
  launch(stream, categorical_crossentropy_kernel<S>, unsigned((rows + softmax_warps - 1) / softmax_warps),
         dim3(32, softmax_warps), 0, rows, classes, outputs, labels, label_smoothing, gradient_scale, gradient,
         scratch);
  launch(stream, add_rows_kernel, 1, reduce_threads, 0, rows, scratch, metrics);
}

}  // namespace ferlab::kernels
