// SPDX-License-Identifier: MIT
// A layer with ops of its own, in one file outside the library: docs/add-a-layer.md.
#pragma once

#include <ferlab/cpu/context.hpp>
#include <ferlab/layers/layer.hpp>
#include <ferlab/ops/memory.hpp>

namespace mine {

namespace ops = ferlab::ops;

// The ops: data, each declared once for all backends.

/// y = x where x > 0, else slope * x. Maas et al. 2013.
struct LeakyReLUForward {
  static constexpr const char* name = "leaky_relu";
  ops::Value x, y;
  ops::Setting slope;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x);
  }
};

/// dx = dy where y > 0, else slope * dy. With a positive slope y has the sign of x.
struct LeakyReLUBackward {
  static constexpr const char* name = "leaky_relu_backward";
  ops::Value y, dy, dx;
  ops::Setting slope;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.y), each.reads(op.dy);
    each.writes_over(op.dx, op.dy);
  }
};

// The layer: which ops it becomes, forward and backward.

struct LeakyReLU {
  float negative_slope = 0.3f;

  static constexpr const char* name = "leaky_relu";
  using lowers_to = ops::OpTypes<LeakyReLUForward, LeakyReLUBackward>;

  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto y = g.value(x.shape);
    const auto slope = g.setting("negative_slope", negative_slope);
    g.run(LeakyReLUForward{.x = x, .y = y, .slope = slope});
    g.run_backward(LeakyReLUBackward{.y = y, .dy = g.gradient(y), .dx = g.gradient(x), .slope = slope});
    return y;
  }
};

// The ops on the CPU.

template <class T>
void run(const ferlab::Cpu& cpu, const LeakyReLUForward& op, const ops::Memory<T>& m) {
  cpu.parallel_for(m.size(op.x), 4096, [x = m[op.x], y = m[op.y], slope = T(m[op.slope])](auto begin, auto end) {
    for (auto i = begin; i < end; ++i) y[i] = x[i] > 0 ? x[i] : slope * x[i];
  });
}

template <class T>
void run(const ferlab::Cpu& cpu, const LeakyReLUBackward& op, const ops::Memory<T>& m) {
  cpu.parallel_for(m.size(op.y), 4096,
                   [y = m[op.y], dy = m[op.dy], dx = m[op.dx], slope = T(m[op.slope])](auto begin, auto end) {
                     for (auto i = begin; i < end; ++i) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
                   });
}

}  // namespace mine
