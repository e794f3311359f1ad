// SPDX-License-Identifier: MIT
#include "kernels/optimizers.cuh"

#include "ferlab/cpu/adam.hpp"
#include "ferlab/cpu/sgd.hpp"
#include "kernels/add.cuh"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

constexpr std::size_t n = 1000;
constexpr std::ptrdiff_t middle = 600;  // where the penalty ends

kernels::Penalties penalties() {
  kernels::Penalties two;
  two.count = 2;
  two.end[0] = middle, two.end[1] = n;
  two.l2[0] = 0.01f, two.l2[1] = 0;
  return two;
}

/// f(first, count, l2) for both segments.
template <class F>
void for_each_segment(const F& f) {
  f(std::ptrdiff_t(0), middle, 0.01f);
  f(middle, std::ptrdiff_t(n) - middle, 0.0f);
}

}  // namespace

TEMPLATE_TEST_CASE("The kernels of Adam and SGD take the CPU's steps", "", float, bfloat16) {
  using G = TestType;  // of the gradients
  const Cpu cpu(1);
  const auto w = normals(n, 1), g = stored<G>(normals(n, 2));
  const std::vector<float> rates{0.1f, 0.01f, 0.001f};

  SECTION("Adam") {
    std::vector<float> weight = w, m(n), v(n);
    Memory<float> weights(w), momentum(m), velocity(v), table(rates);
    Memory<G> gradients(g);
    Memory<bfloat16> copy(n);
    Visible<StepState> state;
    for (int step = 1; step <= 3; ++step) {
      const double correction = std::sqrt(1 - std::pow(double(0.95f), step)) / (1 - std::pow(double(0.8f), step));
      const float rate = rates[std::size_t(step - 1)];
      for_each_segment([&](std::ptrdiff_t first, std::ptrdiff_t count, float l2) {
        adam_step(cpu, count, weight.data() + first, g.data() + first, m.data() + first, v.data() + first,
                  {.step_size = float(rate * correction),
                   .beta_1 = 0.8f,
                   .beta_2 = 0.95f,
                   .epsilon = 1e-7f,
                   .l2 = l2,
                   .decay = rate * 0.02f});
      });
      kernels::begin_step(stream, state.get(), table.data(), {0.8f, 0.95f});
      kernels::adam<G>(stream, {n, weights.data(), gradients.data(), copy.data(), penalties(), 0.02f}, momentum.data(),
                       velocity.data(), {0.8f, 0.95f, 1e-7f}, state.get());
      kernels::end_step(stream, state.get());
    }
    REQUIRE(state->step == 3);
    REQUIRE(distance(weights.values(), weight) < 1e-6);
    REQUIRE(distance(momentum.values(), m) < 1e-6);
    REQUIRE(distance(velocity.values(), v) < 1e-6);
    REQUIRE(copy.values() == stored<bfloat16>(weights.values()));
  }
  SECTION("SGD") {
    for (const auto& [factor, nesterov] : {std::pair{0.0f, false}, {0.9f, false}, {0.9f, true}}) {
      std::vector<float> weight = w, v(n);
      Memory<float> weights(w), velocity(v), table(rates);
      Memory<G> gradients(g);
      Visible<StepState> state;
      for (float rate : rates) {
        for_each_segment([&, factor = factor, nesterov = nesterov](std::ptrdiff_t first, std::ptrdiff_t count,
                                                                   float l2) {
          sgd_step(cpu, count, weight.data() + first, g.data() + first, v.data() + first,
                   {.learning_rate = rate, .momentum = factor, .nesterov = nesterov, .l2 = l2, .decay = rate * 0.02f});
        });
        kernels::begin_step(stream, state.get(), table.data(), {0, 0});
        kernels::sgd<G>(stream, {n, weights.data(), gradients.data(), nullptr, penalties(), 0.02f},
                        factor > 0 ? velocity.data() : nullptr, factor, nesterov, state.get());
        kernels::end_step(stream, state.get());
      }
      REQUIRE(distance(weights.values(), weight) < 1e-6);
      REQUIRE(distance(velocity.values(), v) < 1e-6);
    }
  }
}

TEMPLATE_TEST_CASE("Clipping brings the norm down to its bound, penalties included", "", float, bfloat16) {
  using G = TestType;
  const auto w = normals(n, 1), g = stored<G>(normals(n, 2));
  double squares = 0, penalty = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double l2 = std::ptrdiff_t(i) < middle ? 0.01 : 0, whole = double(g[i]) + 2 * l2 * double(w[i]);
    squares += whole * whole;
    penalty += l2 * double(w[i]) * double(w[i]);
  }
  Memory<float> weights(w);
  Memory<G> gradients(g);
  Memory<double> scratch(kernels::reduce_scratch_size);
  const auto scale = [&](float bound) {
    return on_any_schedule([&] {
      Visible<StepState> state;
      kernels::clip_by_global_norm(stream, n, weights.data(), gradients.data(), penalties(), bound, state.get(),
                                   scratch.data());
      return state->gradient_scale;
    });
  };
  REQUIRE(std::abs(scale(2) - 2 / std::sqrt(squares)) < 1e-6);
  REQUIRE(scale(1000) == 1);

  Visible<StepMetrics> metrics({.loss_sum = 1});
  kernels::add_penalty(stream, n, weights.data(), penalties(), 3, metrics.get(), scratch.data());
  REQUIRE(std::abs(metrics->loss_sum - 1 - 3 * penalty) < 1e-5);
}

TEST_CASE("After a loss that is no number no step changes a weight or counts") {
  const std::vector<float> w = normals(n, 1), zeros(n);
  Memory<float> weights(w), gradients(normals(n, 2)), m(zeros), v(zeros);
  Visible<StepState> state({.step = 4, .batch = 2, .learning_rate = 1, .step_size = 1});
  Visible<StepMetrics> fine({.loss_sum = 3}), broken({.loss_sum = NAN});
  kernels::check_loss(stream, fine.get(), state.get());
  REQUIRE(state->failed == 0);
  kernels::check_loss(stream, broken.get(), state.get());
  kernels::adam<float>(stream, {n, weights.data(), gradients.data()}, m.data(), v.data(), {}, state.get());
  kernels::sgd<float>(stream, {n, weights.data(), gradients.data()}, v.data(), 0.9f, false, state.get());
  kernels::end_step(stream, state.get());
  REQUIRE(state->failed == 1);
  REQUIRE(state->step == 4);
  REQUIRE(state->batch == 2);
  REQUIRE(weights.values() == w);
  REQUIRE(m.values() == zeros);
  REQUIRE(v.values() == zeros);
}

TEST_CASE("A gradient that is no number changes no weight, and the step counts as failed in the end") {
  for (const float bad : {float(NAN), float(INFINITY)}) {
    const std::vector<float> w = normals(n, 1), zeros(n);
    std::vector<float> g = normals(n, 2);
    g[5] = g[n - 1] = bad;
    Memory<float> weights(w), gradients(g), m(zeros), v(zeros);
    Visible<StepState> state({.step = 4, .batch = 2, .learning_rate = 1, .step_size = 1});
    kernels::adam<float>(stream, {n, weights.data(), gradients.data()}, m.data(), v.data(), {}, state.get());
    REQUIRE(state->failed == 0);  // all of the step's threads do their part
    kernels::end_step(stream, state.get());
    REQUIRE(state->failed == 1);
    REQUIRE(state->bad_gradient == 1);
    REQUIRE(state->step == 4);
    const auto after = weights.values(), moments = m.values();
    REQUIRE(after[5] == w[5]);
    REQUIRE(after[n - 1] == w[n - 1]);
    REQUIRE(after[0] != w[0]);
    REQUIRE(after[9] != w[9]);
    REQUIRE(moments[5] == 0);
    for (std::size_t i = 0; i < after.size(); ++i) REQUIRE(std::isfinite(after[i]));
  }
}

TEST_CASE("A reduction over many blocks adds up everything") {
  constexpr std::ptrdiff_t many = 2'000'003;
  std::vector<float> w(many, 1);
  w.back() = 3;
  Memory<float> weights(w);
  Memory<double> scratch(kernels::reduce_scratch_size);
  kernels::Penalties all;
  all.count = 1, all.end[0] = many, all.l2[0] = 1;
  Visible<StepMetrics> metrics;
  kernels::add_penalty(stream, many, weights.data(), all, 1, metrics.get(), scratch.data());
  REQUIRE(metrics->loss_sum == many + 8);
}

TEST_CASE("Adding and converting kernels") {
  const auto a = integers(77, 9, 1), b = integers(77, 9, 2);
  Memory<bfloat16> x(a), y(b);
  Memory<float> wide(77);
  kernels::add(stream, 77, x.data(), y.data(), y.data());
  kernels::convert(stream, 77, y.data(), wide.data());
  std::vector<float> sum(77);
  for (std::size_t i = 0; i < 77; ++i) sum[i] = a[i] + b[i];
  REQUIRE(wide.values() == sum);
}
