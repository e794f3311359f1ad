// SPDX-License-Identifier: MIT
// A backend that is another one with an op replaced and a rewrite added, in one file outside the library:
// docs/replace-an-op.md.
#pragma once

#include <ferlab/cpu/cpu.hpp>

namespace mine {

namespace ops = ferlab::ops;

/// y = max(a + b, 0): what ends a residual block, in one pass.
struct AddReLU {
  static constexpr const char* name = "add_relu";
  ops::Value a, b, y;

  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.a), each.reads(op.b);
    each.writes_over(op.y, op.a);
  }
};

/// A rewrite: two ops that follow each other, and the one that replaces them.
constexpr AddReLU add_relu(const ops::Add& add, const ops::ReLU& relu) { return {.a = add.a, .b = add.b, .y = relu.y}; }

/// All of Cpu, and what stands here.
struct OwnCpu : ferlab::Cpu {
  using Cpu::Cpu;
  static constexpr auto rewrites = ops::Rewrites<add_relu>{} + Cpu::rewrites;

  mutable long relus = 0, add_relus = 0;  // how often the ops below ran
};

/// Instead of Cpu's.
template <class T>
void run(const OwnCpu& cpu, const ops::ReLU& op, const ops::Memory<T>& m) {
  ++cpu.relus;
  cpu.parallel_for(m.size(op.x), 4096, [x = m[op.x], y = m[op.y]](auto begin, auto end) {
    for (auto i = begin; i < end; ++i) y[i] = x[i] < 0 ? T(0) : x[i];
  });
}

template <class T>
void run(const OwnCpu& cpu, const AddReLU& op, const ops::Memory<T>& m) {
  ++cpu.add_relus;
  cpu.parallel_for(m.size(op.a), 4096, [a = m[op.a], b = m[op.b], y = m[op.y]](auto begin, auto end) {
    for (auto i = begin; i < end; ++i) y[i] = a[i] + b[i] < 0 ? T(0) : a[i] + b[i];
  });
}

}  // namespace mine
