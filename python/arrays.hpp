// SPDX-License-Identifier: MIT
// Between numpy's arrays and vectors. An array of another shape or type is a TypeError that says what came.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ferlab_python {

namespace nb = nanobind;

/// numpy's array of `values`, which it owns from now on.
template <class T>
nb::ndarray<nb::numpy, T> to_numpy(std::vector<T> values, const std::vector<std::size_t>& shape) {
  auto owned = std::make_unique<std::vector<T>>(std::move(values));
  T* const data = owned->data();
  const nb::capsule owner(owned.get(), [](void* vector) noexcept { delete static_cast<std::vector<T>*>(vector); });
  owned.release();
  return {data, shape.size(), shape.data(), owner};
}

/// The pixels of faces, uint8 [n, 48, 48], in any order in memory.
std::vector<std::uint8_t> to_pixels(nb::handle faces);

/// Whole numbers [count]. Throws ferlab::ArgumentError where they are not as many, or one is not 0 .. classes - 1.
std::vector<std::uint8_t> to_labels(nb::handle labels, std::size_t count, std::size_t classes);

/// Numbers of this shape; float64 and whole numbers are rounded. `name` is what an error calls them.
std::vector<float> to_floats(nb::handle array, const std::vector<std::size_t>& shape, const char* name);

}  // namespace ferlab_python
