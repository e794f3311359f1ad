// SPDX-License-Identifier: MIT
// From bytes to a batch of images of 48 x 48. The argument is the batch size.
#include "device_bench.cuh"
#include "kernels/augment_batch.cuh"
#include "kernels/fill_batch.cuh"

namespace {

using namespace ferlab;
using bench::DeviceBuffer;

constexpr cudaStream_t stream = nullptr;

void fill_batch(benchmark::State& turns) {
  const int batch = int(turns.range(0)), images = 4096, size = 48 * 48;
  DeviceBuffer<std::uint8_t> pixels(std::size_t(images) * size), all_labels(images), labels{std::size_t(batch)};
  DeviceBuffer<std::uint32_t> order(images);
  DeviceBuffer<bfloat16> to(std::size_t(batch) * size);
  DeviceBuffer<ops::StepState> state(1);
  bench::run_memory_bound(turns, double(batch) * size * 3, [&] {
    kernels::run(stream, kernels::FillBatch<bfloat16>{.from = {pixels.data(), all_labels.data(), order.data(), size},
                                                      .state = state.data(),
                                                      .capacity = batch,
                                                      .count = batch,
                                                      .images = to.data(),
                                                      .labels = labels.data()});
  });
}
BENCHMARK(fill_batch)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

void augment_batch(benchmark::State& turns) {
  const int batch = int(turns.range(0)), images = 4096, size = 48 * 48;
  DeviceBuffer<std::uint8_t> pixels(std::size_t(images) * size), all_labels(images), labels{std::size_t(batch)};
  DeviceBuffer<std::uint32_t> order(images);
  DeviceBuffer<bfloat16> to(std::size_t(batch) * size);
  DeviceBuffer<ops::StepState> state(1);
  const data::Augmenter augmenter({.mirror = true, .shift = 0.1f, .rotate = 10, .zoom = 0.1f, .erase = 0.5f},
                                  {48, 48, 1});
  bench::run_memory_bound(turns, double(batch) * size * 3, [&] {
    kernels::run(stream, kernels::AugmentBatch<bfloat16>{.from = {pixels.data(), all_labels.data(), order.data(), size},
                                                         .state = state.data(),
                                                         .capacity = batch,
                                                         .count = batch,
                                                         .augmenter = augmenter,
                                                         .images = to.data(),
                                                         .labels = labels.data()});
  });
}
BENCHMARK(augment_batch)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

void scale_pixels(benchmark::State& turns) {
  const std::size_t n = std::size_t(turns.range(0)) * 48 * 48;
  DeviceBuffer<std::uint8_t> pixels(n);
  DeviceBuffer<bfloat16> to(n);
  bench::run_memory_bound(turns, double(n) * 3, [&] {
    kernels::run(stream, kernels::ScalePixels<bfloat16>{
                             .count = std::ptrdiff_t(n), .pixels = pixels.data(), .images = to.data()});
  });
}
BENCHMARK(scale_pixels)->Arg(64)->Arg(1024)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
