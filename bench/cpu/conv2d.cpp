// SPDX-License-Identifier: MIT
// The convolutions and dense layers of the tutorial's network: GFLOP/s, multiplications with the padding counted, and
// the fraction of what this machine's registers do at most. A fraction above 1 is padding that was skipped.
#include "ferlab/cpu/conv2d.hpp"

#include <benchmark/benchmark.h>

#include <string>

#include "ferlab/cpu/dense.hpp"
#include "support/peak.hpp"
#include "support/shapes.hpp"

namespace {

using namespace ferlab;

struct Data {
  Cpu::Buffer<float> x, w, y, packed, scratch;

  explicit Data(const Conv2DGeometry& g)
      : x(std::size_t(g.batch) * std::size_t(g.height * g.width * g.channels)),
        w(std::size_t(g.kernel * g.kernel) * std::size_t(g.channels) * std::size_t(g.filters)),
        y(std::size_t(g.batch) * std::size_t(g.out_height * g.out_width * g.filters)),
        packed(conv2d_packed_size(On<Cpu>{}, g)),
        scratch(conv2d_backward_scratch_size(On<Cpu>{}, g)) {
    for (auto* buffer : {&x, &w, &y})
      for (std::size_t i = 0; i < buffer->size(); ++i) buffer->data()[i] = float(i % 17) / 17 - 0.5f;
  }
};

template <class Op>
void add_bench(const std::string& op_name, const std::string& name, const Conv2DGeometry& g, int threads,
               const Op& op) {
  const auto run = [=](benchmark::State& state) {
    const double peak = bench::peak_flops(threads);
    const Cpu cpu(threads);
    Data data(g);
    conv2d_pack(cpu, g, data.w.data(), data.packed.data());
    for (auto _ : state) {
      op(cpu, g, data);
      benchmark::ClobberMemory();
    }
    const double flops = 2.0 * double(data.y.size()) * g.kernel * g.kernel * g.channels;
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_peak"] = benchmark::Counter(flops / peak, benchmark::Counter::kIsIterationInvariantRate);
  };
  benchmark::RegisterBenchmark((op_name + "/" + name + "/threads:" + std::to_string(threads)).c_str(), run)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->MinTime(0.1)
      ->Unit(benchmark::kMillisecond);
}

void add_benches(const std::string& name, const Conv2DGeometry& g, int threads) {
  add_bench("forward", name, g, threads, [](const Cpu& cpu, const Conv2DGeometry& s, Data& d) {
    conv2d_forward<float>(cpu, s, d.x.data(), d.packed.data(), nullptr, Activation::relu, d.y.data());
  });
  add_bench("backward_data", name, g, threads, [](const Cpu& cpu, const Conv2DGeometry& s, Data& d) {
    conv2d_backward_data(cpu, s, d.y.data(), d.w.data(), d.x.data(), d.scratch.data());
  });
  add_bench("backward_filter", name, g, threads, [](const Cpu& cpu, const Conv2DGeometry& s, Data& d) {
    conv2d_backward_filter(cpu, s, d.x.data(), d.y.data(), d.w.data(), d.scratch.data());
  });
}

const bool added = [] {
  for (int threads : {1, 2})
    for (int batch : {64, 1}) {
      const std::string suffix = "/batch:" + std::to_string(batch);
      for (const auto& [name, geometry] : shapes::tutorial_convs(batch)) add_benches(name + suffix, geometry, threads);
      for (const auto& [name, in, units] : shapes::tutorial_dense)
        add_benches(name + suffix, detail::dense_geometry(batch, in, units), threads);
    }
  return true;
}();

}  // namespace
