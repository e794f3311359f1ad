// SPDX-License-Identifier: MIT
// Accuracy over [rows][classes]: what its kernel is given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/stream.hpp"

namespace ferlab::kernels {

/// hits += the number of rows whose greatest output, the first of equals, is their label's.
template <class S>
struct Accuracy {
  std::ptrdiff_t rows;
  int classes;
  const S* outputs;
  const std::uint8_t* labels;
  double* hits;
};
template <class S>
void run(cudaStream_t, const Accuracy<S>&);

}  // namespace ferlab::kernels
