// SPDX-License-Identifier: MIT
// The convolutions and dense layers of the tutorial's network: GFLOP/s, multiplications with the padding counted, and
// the fraction of what this machine's registers do at most. A fraction above 1 is padding that was skipped.
#include "ferlab/cpu/conv2d.hpp"

#include <benchmark/benchmark.h>

#include <string>

#include "ferlab/cpu/dense.hpp"
#include "support/op_operands.hpp"
#include "support/peak.hpp"
#include "support/shapes.hpp"

namespace {

using namespace ferlab;

/// Times ops.run(op) of the op that make(operands) gives; an op on packed weights finds them packed.
template <class Make>
void add_bench(const std::string& name, double flops, int batch, int threads, const Make& make) {
  const auto time = [=](benchmark::State& state) {
    const double peak = bench::peak_flops(threads);
    const Cpu cpu(threads);
    bench::Operands operands(batch);
    const auto op = operands.with_needs(make(operands));
    const auto memory = operands.memory();
    if constexpr (requires { op.packed; }) run(cpu, ops::PackWeights<std::remove_cv_t<decltype(op)>>{op}, memory);
    for (auto _ : state) {
      run(cpu, op, memory);
      benchmark::ClobberMemory();
    }
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_peak"] = benchmark::Counter(flops / peak, benchmark::Counter::kIsIterationInvariantRate);
  };
  benchmark::RegisterBenchmark(
      (name + "/batch:" + std::to_string(batch) + "/threads:" + std::to_string(threads)).c_str(), time)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->MinTime(0.1)
      ->Unit(benchmark::kMillisecond);
}

void add_conv(const std::string& name, const ops::Conv2DGeometry& g, int threads) {
  const Shape in{g.height, g.width, g.channels}, out{g.out_height, g.out_width, g.filters};
  const std::size_t kernel = std::size_t(g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters);
  const double flops = 2.0 * g.batch * g.out_height * g.out_width * double(kernel);
  add_bench("forward/" + name, flops, g.batch, threads, [=](auto& o) {
    return ops::Conv2D{
        .geometry = g, .x = o.value(in), .kernel = o.weight(kernel), .y = o.value(out), .activation = ops::Activation::relu};
  });
  add_bench("backward_data/" + name, flops, g.batch, threads, [=](auto& o) {
    return ops::Conv2DBackwardData{.geometry = g, .dy = o.value(out), .kernel = o.weight(kernel), .dx = o.value(in)};
  });
  add_bench("backward_filter/" + name, flops, g.batch, threads, [=](auto& o) {
    return ops::Conv2DBackwardFilter{
        .geometry = g, .x = o.value(in), .dy = o.value(out), .dkernel = o.gradient(kernel)};
  });
}

void add_dense(const std::string& name, int batch, int inputs, int units, int threads) {
  const Shape in{1, 1, inputs}, out{1, 1, units};
  const std::size_t kernel = std::size_t(inputs) * std::size_t(units);
  const double flops = 2.0 * batch * double(kernel);
  add_bench("forward/" + name, flops, batch, threads, [=](auto& o) {
    return ops::Dense{.x = o.value(in), .kernel = o.weight(kernel), .y = o.value(out), .activation = ops::Activation::relu};
  });
  add_bench("backward_data/" + name, flops, batch, threads, [=](auto& o) {
    return ops::DenseBackwardData{.dy = o.value(out), .kernel = o.weight(kernel), .dx = o.value(in)};
  });
  add_bench("backward_filter/" + name, flops, batch, threads, [=](auto& o) {
    return ops::DenseBackwardFilter{.x = o.value(in), .dy = o.value(out), .dkernel = o.gradient(kernel)};
  });
}

const bool added = [] {
  for (int threads : {1, 2})
    for (int batch : {64, 1}) {
      for (const auto& [name, geometry] : shapes::tutorial_convs(batch)) add_conv(name, geometry, threads);
      for (const auto& [name, in, units] : shapes::tutorial_dense) add_dense(name, batch, in, units, threads);
    }
  return true;
}();

}  // namespace
