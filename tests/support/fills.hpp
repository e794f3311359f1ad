// SPDX-License-Identifier: MIT
// Data for tests, and how far results are from what is expected.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "ferlab/core/philox.hpp"

namespace fills {

/// n whole numbers in -range..range; float sums and products of a few thousand of them are exact.
template <class T = float>
std::vector<T> integers(std::size_t n, int range, std::uint64_t seed) {
  const ferlab::RandomStream stream{.seed = seed};
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = T(int(stream.below(i, std::uint32_t(2 * range + 1))) - range);
  return values;
}

template <class T = float>
std::vector<T> normals(std::size_t n, std::uint64_t seed, double mean = 0, double deviation = 1) {
  const ferlab::RandomStream stream{.seed = seed};
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = T(mean + deviation * stream.normal(i));
  return values;
}

inline std::vector<std::uint8_t> labels(std::size_t n, int classes, std::uint64_t seed) {
  const ferlab::RandomStream stream{.seed = seed};
  std::vector<std::uint8_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = std::uint8_t(stream.below(i, std::uint32_t(classes)));
  return values;
}

/// n values that nothing compares equal to.
template <class T = float>
std::vector<T> nans(std::size_t n) {
  return std::vector<T>(n, std::numeric_limits<T>::quiet_NaN());
}

/// The largest |a - b| / scale; NaN or unequal sizes count as infinite.
template <class T, class U>
double distance(const std::vector<T>& a, const std::vector<U>& b, double scale = 1) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(double(a[i]) - double(b[i])) / scale;
    if (!(d <= largest)) largest = std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
  }
  return largest;
}

}  // namespace fills
