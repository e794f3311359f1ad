// SPDX-License-Identifier: MIT
// A backend whose memory the host cannot reach.
// error: ferlab: this backend has no functions between its memory and the host's (weights_from_host,
// errors: 1
// gcc: backend_has_memory() [with B = Small; T = float]
// clang: backend_has_memory<Small, float>
#include "ferlab/cpu/aligned_buffer.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/model.hpp"
using namespace ferlab;

struct Small {
  template <class T>
  using Buffer = detail::AlignedBuffer<T>;
  template <class T>
  using HostBuffer = detail::AlignedBuffer<T>;
  template <class T>
  using Element = T;
  static constexpr bool in_host_memory = true;
  static constexpr ops::Rewrites<> rewrites{};
};
#ifndef MISTAKE
void weights_from_host(const Small&, const Parameter&, const float*, float*);
void weights_to_host(const Small&, const Parameter&, const float*, float*);
void copy_from_host(const Small&, std::ptrdiff_t, const float*, float*);
std::size_t pixel_staging_size(const Small*, std::size_t);
#endif

Model model{Sequential{Input<4, 4, 1>{}, Flatten{}, Dense<2>{}}, Small{}};
