// SPDX-License-Identifier: MIT
// CUDA's names for an ordinary compiler: kernels/device.cuh includes this, and a kernel then runs on the CPU, block
// after block. What it catches: barriers that not all threads reach, shuffles outside of their mask, results that
// depend on the order of threads, reads of shared memory that nobody wrote (NaN), copies (cp.async) that are read
// before their thread waited and a barrier followed, or that overwrite what is still read, and with AddressSanitizer
// every access out of bounds. What tensor cores do follows the PTX ISA's text (emulator/ptx.hpp). What it cannot show:
// races between blocks, memory ordering, speed, how tensor cores round their sums.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(FERLAB_EMULATOR_THREADS)
#include "support/emulator/thread_block.hpp"
#else
#include "support/emulator/block.hpp"
#endif
#include "support/emulator/launched.hpp"
#include "support/emulator/ptx.hpp"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define threadIdx (::ferlab::emulator::current->thread)
#define blockIdx (::ferlab::emulator::current->block)
#define blockDim (::ferlab::emulator::current->threads)
#define gridDim (::ferlab::emulator::current->grid)

using dim3 = ferlab::emulator::Extent;
struct CUstream_st;
using cudaStream_t = CUstream_st*;

#define FERLAB_DEVICE_UNROLL
#define FERLAB_SHARED(T, name, count) \
  auto& name = ::ferlab::emulator::current->template shared<T, (count)>(::ferlab::emulator::Place::here())
#define FERLAB_DYNAMIC_SHARED(T, name) T* const name = static_cast<T*>(::ferlab::emulator::current->dynamic_shared())

using FerlabPlace = ferlab::emulator::Place;

inline void __syncthreads(FerlabPlace place = FerlabPlace::here()) { ferlab::emulator::current->sync_threads(place); }
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, FerlabPlace place = FerlabPlace::here()) {
  const unsigned lane = ferlab::emulator::current->lane(), w = unsigned(width);
  return ferlab::emulator::current->shuffle(mask, value, lane / w * w + unsigned(source) % w, place);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, FerlabPlace place = FerlabPlace::here()) {
  const unsigned lane = ferlab::emulator::current->lane(), w = unsigned(width);
  return ferlab::emulator::current->shuffle(mask, value, lane % w + by < w ? lane + by : lane, place);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32, FerlabPlace place = FerlabPlace::here()) {
  const unsigned lane = ferlab::emulator::current->lane(), w = unsigned(width), source = lane ^ unsigned(with);
  return ferlab::emulator::current->shuffle(mask, value, source / w == lane / w ? source : lane, place);
}

namespace ferlab::emulator {

/// Where launches go while a stream is recorded; nullptr: they run.
inline std::vector<std::function<void()>>* recording = nullptr;
inline long launches = 0;  ///< that have run

inline void check_aligned(const void* address, std::size_t to, const Place& place) {
  if (reinterpret_cast<std::uintptr_t>(address) % to != 0) fail("an address is not aligned to what is moved", place);
}

}  // namespace ferlab::emulator

namespace ferlab::kernels {

/// Ends the program where the address is not aligned as the access wants it.
template <class P>
P load_piece(const P* from, FerlabPlace place = FerlabPlace::here()) {
  emulator::check_aligned(from, alignof(P), place);
  emulator::bytes_moved += sizeof(P);
  return *from;
}
template <class P>
void store_piece(P* to, const P& piece, FerlabPlace place = FerlabPlace::here()) {
  emulator::check_aligned(to, alignof(P), place);
  emulator::bytes_moved += sizeof(P);
  *to = piece;
}

/// Runs the kernel to its end, or records it. Throws std::invalid_argument for a launch that no device takes.
template <class... Parameters, class... Arguments>
void launch(cudaStream_t, void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            Arguments&&... arguments) {
  if (block.x * block.y * block.z > 1024 || block.z > 64 || grid.y > 65535 || grid.z > 65535 || grid.x == 0 ||
      grid.y == 0 || grid.z == 0 || shared_bytes > 232448)
    throw std::invalid_argument("no device takes this launch");
  const auto run = [kernel, grid, block, shared_bytes, values = std::tuple<Parameters...>(arguments...)] {
    ++emulator::launches;
    emulator::launched.note(reinterpret_cast<const void*>(kernel));
    auto body = [&] { std::apply(kernel, values); };
    const double moved = emulator::bytes_moved;
    emulator::run_grid(grid, block, shared_bytes, body);
    if (emulator::observer) emulator::observer(reinterpret_cast<const void*>(kernel), emulator::bytes_moved - moved);
  };
  if (emulator::recording)
    emulator::recording->push_back(run);
  else
    run();
}

}  // namespace ferlab::kernels
