// SPDX-License-Identifier: MIT
// A layer and an op that ferlab does not have, in your own namespace and your own file.
#pragma once

#include <ferlab/ferlab.hpp>

namespace mine {

// The op: one function a backend. It takes the backend first, then pointers and sizes.
template <class T>
void leaky_relu_forward(const ferlab::Cpu& cpu, std::ptrdiff_t n, T slope, const T* x, T* y) {
  cpu.parallel_for(n, 4096, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; ++i) y[i] = x[i] > T(0) ? x[i] : slope * x[i];
  });
}

template <class T>
void leaky_relu_backward(const ferlab::Cpu& cpu, std::ptrdiff_t n, T slope, const T* y, const T* dy, T* dx) {
  cpu.parallel_for(n, 4096, [=](std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin; i < end; ++i) dx[i] = y[i] > T(0) ? dy[i] : slope * dy[i];
  });
}

// The layer: what it is, what the plan must keep for it, and which ops it runs.
struct LeakyReLU {
  float negative_slope = 0.3f;

  static constexpr const char* name = "leaky_relu";

  template <class Backend>
  static constexpr ferlab::Memory memory(ferlab::Shape) {
    return {.backward_reads_input = false, .in_place = true, .in_place_backward = true};
  }
  template <class Backend, class T>
  void forward(const Backend& backend, const ferlab::Pass<T>& p) const {
    leaky_relu_forward(backend, std::ptrdiff_t(p.batch * p.in.size()), T(negative_slope), p.x, p.y);
  }
  template <class Backend, class T>
  void backward(const Backend& backend, const ferlab::Pass<T>& p) const {
    leaky_relu_backward(backend, std::ptrdiff_t(p.batch * p.in.size()), T(negative_slope), p.y, p.dy, p.dx);
  }
};

}  // namespace mine
