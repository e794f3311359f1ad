// SPDX-License-Identifier: MIT
// Copies within the backend's memory, and from and to the host's, which for this backend is the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ferlab/cpu/context.hpp"
#include "ferlab/data/preprocessing.hpp"
#include "ferlab/layers/parameter.hpp"

namespace ferlab {

/// y = x, n elements; nothing to do where they are the same memory.
template <class T>
void copy(const Cpu& cpu, std::ptrdiff_t n, const T* x, T* y) {
  if (x == y) return;
  cpu.parallel_for(n, 1 << 16,
                   [=](std::ptrdiff_t begin, std::ptrdiff_t end) { std::copy(x + begin, x + end, y + begin); });
}

/// host = x, n elements.
template <class T>
void copy_to_host(const Cpu& cpu, std::ptrdiff_t n, const T* x, T* host) {
  copy(cpu, n, x, host);
}
/// x = host, n elements.
template <class T>
void copy_from_host(const Cpu& cpu, std::ptrdiff_t n, const T* host, T* x) {
  copy(cpu, n, host, x);
}

/// Bytes of staging that load_pixels needs.
constexpr std::size_t pixel_staging_size(const Cpu*, std::size_t /*pixels*/) { return 0; }

/// images = the host's pixels, preprocessed.
template <class T>
void load_pixels(const Cpu&, std::span<const std::uint8_t> pixels, const data::Preprocessing& preprocessing,
                 std::uint8_t* /*staging*/, T* images) {
  preprocessing.apply(pixels, images);
}

/// host = one weight array (or what is kept for each of its weights, as an optimizer's moments), in Keras's order.
template <class T>
void weights_to_host(const Cpu& cpu, const Parameter& shape, const T* weights, T* host) {
  copy(cpu, std::ptrdiff_t(shape.size()), weights, host);
}
/// The other direction.
template <class T>
void weights_from_host(const Cpu& cpu, const Parameter& shape, const T* host, T* weights) {
  copy(cpu, std::ptrdiff_t(shape.size()), host, weights);
}

}  // namespace ferlab
