// SPDX-License-Identifier: MIT
// CUDA's runtime on a machine without a device: its functions, as far as the backend calls them, on the host's memory.
// A stream does everything at once; while it is recorded, nothing, until the graph is launched. It counts what it is
// asked for, and fails on request.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <map>
#include <set>
#include <vector>

namespace stand_in {

struct Runtime {
  int devices = 1;
  int compute_capability[2] = {9, 0};
  cudaError_t no_device = cudaSuccess;        ///< what cudaGetDeviceCount returns
  bool whole_cudnn = true;                    ///< false: a part of it is missing
  std::size_t memory = std::size_t(1) << 40;  ///< bytes in all
  std::map<void*, std::size_t> allocated, pinned;
  int allocations = 0, host_copies = 0, waits = 0, graphs_made = 0, graphs_launched = 0;

  /// cuDNN offers one plan for each, in this order, and says that its engine has this number; a run of it takes so many
  /// milliseconds. Nothing else differs between them; of those in `varying` it says that their bits differ,
  /// of those in `compiled` that it compiles them.
  std::map<int, float> engines{{1, 1.0f}};
  std::set<int> varying, compiled;
  bool relu_after_gradients = true;  ///< false: it has no plan for a gradient of the input and a ReLU's in one
  std::map<int, int> engine_runs;    ///< not counting what is recorded
  std::map<int, int> plans_made;
  int relu_gradients = 0;          ///< run as a part of cuDNN's graphs
  int algorithms = 0;              ///< how often cuBLASLt was asked for one
  bool fused_products = true;      ///< false: it has none with an epilogue
  bool products = true;            ///< false: it has none at all
  double milliseconds = 0;         ///< of cuDNN since the beginning, as events see it
  double kernel_milliseconds = 0;  ///< that events see pass while a kernel of ours runs

  /// What cuDNN and cuBLASLt were asked for, where it is wanted: the bytes of the tensors, each once, and operations.
  struct LibraryCall {
    const char* name;
    double bytes, operations;
  };
  std::vector<LibraryCall>* library_calls = nullptr;
  bool computes = true;  ///< false: the libraries compute nothing, and memory is not touched until it is used

  std::size_t used() const {
    std::size_t sum = 0;
    for (const auto& [pointer, bytes] : allocated) sum += bytes;
    return sum;
  }
};

Runtime& runtime();

}  // namespace stand_in
