// SPDX-License-Identifier: MIT
// What bench/peers/run asks of the machine and of ferlab: a core's peak, the vector instructions, the version.
#include <benchmark/benchmark.h>
#include <ferlab/version.hpp>

#include "support/peak.hpp"

namespace {

/// GFLOP/s of one core, or 0 where it is not known how to measure them.
void peak(benchmark::State& state) {
  for (auto _ : state) state.counters["GFLOP/s"] = bench::peak_flops(1) * 1e-9;
}
BENCHMARK(peak)->Iterations(1)->Unit(benchmark::kMillisecond);

const bool added = [] {
  const ferlab::Isa isa = ferlab::best_isa();
  benchmark::AddCustomContext("ferlab", FERLAB_VERSION);
  benchmark::AddCustomContext("instructions", isa == ferlab::Isa::avx512 ? "AVX-512"
                                              : isa == ferlab::Isa::avx2 ? "AVX2"
                                                                         : "portable");
  return true;
}();

}  // namespace
