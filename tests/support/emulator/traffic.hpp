// SPDX-License-Identifier: MIT
// Counting what kernels move, for programs that ask how much there is to do and need no results.
#pragma once

#include <functional>

namespace ferlab::emulator {

/// Bytes that were moved by load and store (kernels/device.cuh) and by cp.async, either way.
inline thread_local double bytes_moved = 0;

/// Of a grid at most so many blocks run, spread over it, and what they move stands for all; 0: all run. With fibers
/// only (block.hpp).
inline unsigned most_blocks = 0;

/// Called after each kernel has run, with its function and the bytes that it moved.
inline std::function<void(const void* kernel, double bytes)> observer;

}  // namespace ferlab::emulator
