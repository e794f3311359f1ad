// SPDX-License-Identifier: MIT
// The backends that the tests in this folder run. A new one is one word in HostBackends.
#pragma once

#include <ferlab/cpu/cpu.hpp>
#include <ferlab/model/backend_needs.hpp>
#ifdef FERLAB_TEST_EIGEN
#include <ferlab/eigen/eigen.hpp>
#endif

#include <concepts>
#include <tuple>
#include <vector>

namespace op_test {

/// A backend, and the type of its weights.
template <class B, class T>
struct On {
  using Backend = B;
  using Scalar = T;
};
template <class... Bs>
struct Each {
  using floats = std::tuple<On<Bs, float>...>;
  using all = std::tuple<On<Bs, float>..., On<Bs, double>...>;
};
#ifdef FERLAB_TEST_EIGEN
using HostBackends = Each<ferlab::Cpu, ferlab::EigenCpu>;
#else
using HostBackends = Each<ferlab::Cpu>;
#endif

using InFloat = HostBackends::floats;
using InFloatAndDouble = HostBackends::all;

/// The same backend on 1, 2 and 3 threads, where it has threads: results must be the same bits.
template <class B>
const std::vector<B>& on_threads() {
  static const std::vector<B> all = [] {
    if constexpr (std::constructible_from<B, int>)
      return std::vector<B>{B(1), B(2), B(3)};
    else
      return std::vector<B>{B{}};
  }();
  return all;
}

}  // namespace op_test
