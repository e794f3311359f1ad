// SPDX-License-Identifier: MIT
// A backend that lacks an op: one line names both.
// error: ferlab: this backend has no run() for this op; include the header that has it, or write it
// errors: 1
// gcc: backend_has_op() [with Backend = Small; Op = ops::Dense
// clang: backend_has_op<Small, ops::Dense, ops::Memory<float>>
#include "ferlab/cpu/aligned_buffer.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/predict.hpp"
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
static_assert(Backend<Small>);

void weights_from_host(const Small&, const Parameter&, const float*, float*);
void weights_to_host(const Small&, const Parameter&, const float*, float*);
void copy_from_host(const Small&, std::ptrdiff_t, const float*, float*);
std::size_t pixel_staging_size(const Small*, std::size_t);
void load_pixels(const Small&, std::span<const std::uint8_t>, const data::Preprocessing&, std::uint8_t*, float*);

using Memory = ops::Memory<float>;
void run(const Small&, const ops::Conv2D&, const Memory&);
void run(const Small&, const ops::Softmax&, const Memory&);
#ifndef MISTAKE
void run(const Small&, const ops::Dense&, const Memory&);
#endif

void use(std::span<const std::uint8_t> pixels) {
  Model model{Sequential{Input<4, 4, 1>{}, Conv2D<2, 3>{}, Flatten{}, Dense<2>{}, Softmax{}}, Small{}};
  Workspace workspace(model, 1);
  predict(model, workspace, pixels);
}
