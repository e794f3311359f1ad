// SPDX-License-Identifier: MIT
// What these tests rest on: an op that does something else than it says is caught. Each case must fail.
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

enum class Wrong {
  nothing,
  writes_before,
  writes_behind,
  leaves_a_hole,
  reads_result,
  reads_scratch,
  changes_operand,
  changes_a_stranger,
  not_in_place,
  by_threads
};

/// y = 2 x, or not quite.
struct Twice {
  static constexpr const char* name = "twice";
  ops::Value x, y;
  Wrong wrong;
  ops::Value stranger{};
  ops::Scratch scratch{};
  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.x);
    each.writes_over(op.y, op.x), each.scratch(op.scratch);
  }
};
constexpr std::size_t scratch_size(const Cpu*, const Twice&) { return 64; }

template <class T>
void run(const Cpu& cpu, const Twice& op, const ops::Memory<T>& m) {
  const std::ptrdiff_t n = m.size(op.x);
  T *const x = m[op.x], *const y = m[op.y], *const scratch = m.template scratch<T>(op.scratch);
  const T first = x[0], old = y[n - 1];
  scratch[7] = op.wrong == Wrong::reads_scratch ? scratch[7] : T(0);
  for (std::ptrdiff_t i = 0; i < n; ++i)
    if (op.wrong != Wrong::leaves_a_hole || i != 2) y[i] = 2 * x[i] + scratch[7];
  if (op.wrong == Wrong::writes_before) y[-1] = 0;
  if (op.wrong == Wrong::writes_behind) y[n] = 0;
  if (op.wrong == Wrong::reads_result) y[n - 1] = old;
  if (op.wrong == Wrong::changes_operand && x != y) x[1] = 0;
  if (op.wrong == Wrong::changes_a_stranger) m[op.stranger][0] = 0;
  if (op.wrong == Wrong::not_in_place) y[0] = x[0] + first;
  if (op.wrong == Wrong::by_threads) y[0] += T(cpu.threads());
}

void run_twice(Wrong wrong) {
  Operands<On<Cpu, float>> m(2);
  const auto x = m.value({1, 1, 3}, {1, 2, 3, 4, 5, 6}), y = m.value({1, 1, 3});
  const auto stranger = m.value({1, 1, 1}, {1, 1});
  m.run(Twice{.x = x, .y = y, .wrong = wrong, .stranger = stranger});
  CHECK(m[y] == std::vector<float>{2, 4, 6, 8, 10, 12});
}

}  // namespace

TEST_CASE("an op that does what it says") { run_twice(Wrong::nothing); }
TEST_CASE("an op that writes before its result is caught", "[!shouldfail]") { run_twice(Wrong::writes_before); }
TEST_CASE("an op that writes behind its result is caught", "[!shouldfail]") { run_twice(Wrong::writes_behind); }
TEST_CASE("an op that leaves an element out is caught", "[!shouldfail]") { run_twice(Wrong::leaves_a_hole); }
TEST_CASE("an op that reads its result is caught", "[!shouldfail]") { run_twice(Wrong::reads_result); }
TEST_CASE("an op that reads scratch memory first is caught", "[!shouldfail]") { run_twice(Wrong::reads_scratch); }
TEST_CASE("an op that changes what it reads is caught", "[!shouldfail]") { run_twice(Wrong::changes_operand); }
TEST_CASE("an op that changes what it does not name is caught", "[!shouldfail]") {
  run_twice(Wrong::changes_a_stranger);
}
TEST_CASE("an op that cannot run in place is caught", "[!shouldfail]") { run_twice(Wrong::not_in_place); }
TEST_CASE("an op whose result depends on the threads is caught", "[!shouldfail]") { run_twice(Wrong::by_threads); }
