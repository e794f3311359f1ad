// SPDX-License-Identifier: MIT
// Sums that come out the same on any number of threads: the work is cut into chunks whose size depends on the sizes
// alone, and the chunks' partial sums are added in order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/pack.hpp"

namespace ferlab::detail {

inline constexpr int max_chunks = 64;

/// 0..n-1 in at most max_chunks pieces, each but the last of `size` >= smallest.
struct Chunks {
  std::ptrdiff_t size, count;

  constexpr Chunks(std::ptrdiff_t n, std::ptrdiff_t smallest)
      : size(std::max(smallest, (n + max_chunks - 1) / max_chunks)), count((n + size - 1) / size) {}
};

/// The sum over 0..n-1; sum(begin, end) gives that of a piece.
template <class Sum>
double chunked_sum(const Cpu& cpu, std::ptrdiff_t n, std::ptrdiff_t smallest, const Sum& sum) {
  const Chunks chunks(n, smallest);
  std::array<double, max_chunks> partial;
  cpu.parallel_for(chunks.count, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t c = begin; c < end; ++c)
      partial[std::size_t(c)] = sum(c * chunks.size, std::min(n, (c + 1) * chunks.size));
  });
  double total = 0;
  for (std::ptrdiff_t c = 0; c < chunks.count; ++c) total += partial[std::size_t(c)];
  return total;
}

/// The sum of at(i) * at(i) over n elements, in double; at gives doubles.
template <class At>
double sum_of_squares(const Cpu& cpu, std::ptrdiff_t n, const At& at) {
  return chunked_sum(cpu, n, 1 << 14, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    using Pair = simd::Pack<double>;
    Pair even{}, odd{};
    std::ptrdiff_t i = begin;
    for (; i + 4 <= end; i += 4) {
      const Pair a = {at(i), at(i + 1)}, b = {at(i + 2), at(i + 3)};
      even += a * a;
      odd += b * b;
    }
    even += odd;
    double sum = even[0] + even[1];
    for (; i < end; ++i) sum += at(i) * at(i);
    return sum;
  });
}

/// The sum of x * x over n elements, in double.
template <class T>
double squared_norm(const Cpu& cpu, std::ptrdiff_t n, const T* x) {
  return sum_of_squares(cpu, n, [x](std::ptrdiff_t i) { return double(x[i]); });
}

}  // namespace ferlab::detail

namespace ferlab {

using detail::chunked_sum;

}  // namespace ferlab
