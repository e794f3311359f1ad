// SPDX-License-Identifier: MIT
// What a training step of the tutorial's network asks of a CUDA device, without one: the backend records its step with
// stand-ins for CUDA's libraries, and of each of our kernels some blocks run in the emulator, which counts what they
// load and store. Prints the table that docs/kernels.md keeps.
//
// Bytes of our kernels: what load and store move (kernels/device.cuh), not scalars and not the scratch of sums. Of
// cuDNN and cuBLASLt: each tensor once. (bench/training/step_floor.hpp has the fewest bytes that the ops can do with.)
// The floor of a node is the longer of its bytes at an H100's bandwidth and its operations at its bfloat16 peak; a
// cache that holds a tensor can go below it.
#include <cxxabi.h>
#include <dlfcn.h>
#include <ferlab/cuda.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "../examples/fer2013/nets.hpp"
#include "cuda_backend/stand_in.hpp"
#include "support/emulator/traffic.hpp"

namespace {

using namespace ferlab;

constexpr double bytes_per_second = 3.35e12, operations_per_second = 989e12;  // an H100 SXM, by its data sheet
constexpr unsigned blocks_that_run = 32;

struct Sum {
  int nodes = 0;
  double bytes = 0, operations = 0, floor = 0;

  void add(double node_bytes, double node_operations) {
    ++nodes;
    bytes += node_bytes, operations += node_operations;
    floor += std::max(node_bytes / bytes_per_second, node_operations / operations_per_second);
  }
  void add(const Sum& other) {
    nodes += other.nodes;
    bytes += other.bytes, operations += other.operations, floor += other.floor;
  }
};

/// A kernel's function as one reads it: partial_sums<BatchStatisticsTerms>.
std::string name_of(const void* kernel) {
  Dl_info found{};
  if (dladdr(kernel, &found) == 0 || !found.dli_sname) return "a kernel without a name";
  char* const demangled = abi::__cxa_demangle(found.dli_sname, nullptr, nullptr, nullptr);
  std::string name = demangled ? demangled : found.dli_sname;
  std::free(demangled);
  name = name.substr(0, name.find('('));
  const auto replace = [&](const std::string& what, const std::string& by) {
    for (auto at = name.find(what); at != std::string::npos; at = name.find(what)) name.replace(at, what.size(), by);
  };
  for (const char* words : {"void ", "ferlab::kernels::", "ferlab::", "<bfloat16>", "bfloat16, ", "RowsPolicy, ",
                            "ReducePolicy, ", "Conv2DDirectPolicy, ", "SoftmaxPolicy, ", "<SoftmaxPolicy>", "_kernel"})
    replace(words, "");
  replace(" >", ">");
  return name;
}

/// The step after the first, which called what this one has recorded.
std::map<std::string, Sum> step(int batch) {
  std::vector<std::uint8_t> pixels(std::size_t(batch) * 2 * 48 * 48), labels(std::size_t(batch) * 2);
  const auto images = data::Dataset::from_memory({48, 48, 1}, std::move(pixels), std::move(labels),
                                                 {"0", "1", "2", "3", "4", "5", "6"});
  const data::Dataset none;
  Model model{fer2013::tutorial_net(), Cuda{}};
  const Adam adam{.learning_rate = 1e-3f};
  const CategoricalCrossentropy loss;
  Training<decltype(model), Adam, CategoricalCrossentropy, Accuracy> training(model, adam, loss, images, none, batch);
  training.begin_epoch();
  training.train_batch();

  std::map<std::string, Sum> found;
  std::vector<stand_in::Runtime::LibraryCall> calls;
  stand_in::runtime().library_calls = &calls;
  emulator::observer = [&](const void* kernel, double bytes) { found[name_of(kernel)].add(bytes, 0); };
  training.train_batch();
  emulator::observer = nullptr;
  stand_in::runtime().library_calls = nullptr;
  for (const auto& call : calls) found[call.name].add(call.bytes, call.operations);
  return found;
}

}  // namespace

int main() {
  constexpr std::array batches{64, 256, 1024};
  stand_in::runtime().computes = false;
  emulator::most_blocks = blocks_that_run;
  std::array<std::map<std::string, Sum>, batches.size()> steps;
  for (std::size_t i = 0; i < batches.size(); ++i) steps[i] = step(batches[i]);

  for (const auto& at_batch : steps)  // a kernel may run at some sizes only
    for (const auto& [name, sum] : at_batch) steps[0][name];
  std::array<Sum, batches.size()> sums;
  std::printf("| kernel | nodes | MB at 64 | at 256 | at 1024 |\n|---|---|---|---|---|\n");
  for (const auto& [name, at_64] : steps[0]) {
    std::printf("| %s | %d |", name.c_str(), at_64.nodes);
    for (std::size_t i = 0; i < batches.size(); ++i) {
      std::printf(" %.1f |", steps[i][name].bytes * 1e-6);
      sums[i].add(steps[i][name]);
    }
    std::printf("\n");
  }
  std::printf("| **all** | %d |", sums[0].nodes);
  for (const Sum& sum : sums) std::printf(" %.0f |", sum.bytes * 1e-6);
  std::printf("\n\n| batch | nodes | GFLOP | GB | floor, ms | images/s at the floor |\n|---|---|---|---|---|---|\n");
  for (std::size_t i = 0; i < batches.size(); ++i)
    std::printf("| %d | %d | %.0f | %.2f | %.2f | %.0f |\n", batches[i], sums[i].nodes, sums[i].operations * 1e-9,
                sums[i].bytes * 1e-9, sums[i].floor * 1e3, batches[i] / sums[i].floor);
}
