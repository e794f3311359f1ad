// SPDX-License-Identifier: MIT
// Sums of two tensors, and copies into another type: what their kernels are given.
#pragma once

#include <cstddef>

#include "kernels/bfloat16.hpp"
#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// y = a + b; y may be a or b.
template <class S>
struct Add {
  std::ptrdiff_t count;  ///< of elements
  const S *a, *b;
  S* y;
};
template <class S>
void run(cudaStream_t, const Add<S>&);

/// y = x in another type.
template <class From, class To>
struct Convert {
  std::ptrdiff_t count;
  const From* x;
  To* y;
};
template <class From, class To>
void run(cudaStream_t, const Convert<From, To>&);

}  // namespace ferlab::kernels
