// SPDX-License-Identifier: MIT
// Eigen that checks itself in every build, and that can be forbidden to allocate. To be included before anything else
// that includes Eigen, in every file of test_eigen.
#pragma once

#include <stdexcept>

#ifdef EIGEN_CORE_H
#error "include eigen/strict_eigen.hpp first"
#endif
#define EIGEN_RUNTIME_NO_MALLOC
#define eigen_assert(condition)                                     \
  do {                                                              \
    if (!(condition)) throw std::logic_error("Eigen: " #condition); \
  } while (false)

#include <ferlab/eigen.hpp>

namespace ferlab::test {

/// While one of these lives, Eigen throws where it would allocate.
struct NoEigenAllocation {
  NoEigenAllocation() { Eigen::internal::set_is_malloc_allowed(false); }
  ~NoEigenAllocation() { Eigen::internal::set_is_malloc_allowed(true); }
};

}  // namespace ferlab::test
