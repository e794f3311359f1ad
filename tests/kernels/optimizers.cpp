// SPDX-License-Identifier: MIT
#include "kernels/optimizers.cuh"

#include "kernels/add.cuh"
#include "kernels/kernel_test.hpp"
#include "kernels/step_state.cuh"

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

/// The same for the CPU.
std::vector<ops::WeightRange> segments() {
  return {{0, std::size_t(middle), 0.01f}, {std::size_t(middle), n - middle, 0}};
}

}  // namespace

TEMPLATE_TEST_CASE("The kernels of Adam and SGD take the CPU's steps", "", float, bfloat16) {
  using G = TestType;  // of the gradients
  const auto w = normals(n, 1), g = stored<G>(normals(n, 2));
  const std::vector<float> rates{0.1f, 0.01f, 0.001f};

  SECTION("Adam") {
    OnCpu cpu(1);
    cpu.learning_rates = rates;
    cpu.flat(segments(), w, g);
    const std::vector<float> zeros(n);
    const ops::Adam adam{.momentum = cpu.moment(zeros),
                         .velocity = cpu.moment(zeros),
                         .beta_1 = cpu.setting(0.8f),
                         .beta_2 = cpu.setting(0.95f),
                         .epsilon = cpu.setting(1e-7f),
                         .weight_decay = cpu.setting(0.02f)};
    Memory<float> weights(w), momentum(zeros), velocity(zeros), table(rates);
    Memory<G> gradients(g);
    Memory<bfloat16> copy(n);
    Visible<ops::StepState> state({.rank = 2});
    for (int step = 1; step <= 3; ++step) {
      cpu.run(ops::BeginStep{});
      cpu.run(ops::AdamStepSize{.beta_1 = adam.beta_1, .beta_2 = adam.beta_2});
      cpu.run(adam);
      cpu.run(ops::EndStep{});
      kernels::run(stream, kernels::BeginStep{.samples = 3, .state = state.get(), .learning_rates = table.data()});
      REQUIRE(state->first_sample == 6);
      kernels::run(stream, kernels::AdamStepSize{.state = state.get(), .beta_1 = 0.8f, .beta_2 = 0.95f});
      kernels::run(stream, kernels::Adam<G>{.count = n,
                                            .weights = weights.data(),
                                            .gradients = gradients.data(),
                                            .copy = copy.data(),
                                            .momentum = momentum.data(),
                                            .velocity = velocity.data(),
                                            .beta_1 = 0.8f,
                                            .beta_2 = 0.95f,
                                            .epsilon = 1e-7f,
                                            .weight_decay = 0.02f,
                                            .penalties = penalties(),
                                            .state = state.get()});
      kernels::run(stream, kernels::EndStep{.state = state.get()});
    }
    REQUIRE(state->step == 3);
    REQUIRE(distance(weights.values(), cpu.flat_weights()) < 1e-6);
    REQUIRE(distance(momentum.values(), cpu[adam.momentum]) < 1e-6);
    REQUIRE(distance(velocity.values(), cpu[adam.velocity]) < 1e-6);
    REQUIRE(copy.values() == stored<bfloat16>(weights.values()));
  }
  SECTION("SGD") {
    for (const auto& [factor, nesterov] : {std::pair{0.0f, false}, {0.9f, false}, {0.9f, true}}) {
      OnCpu cpu(1);
      cpu.learning_rates = rates;
      cpu.flat(segments(), w, g);
      const std::vector<float> zeros(n);
      const ops::SGD sgd{.velocity = cpu.moment(zeros),
                         .momentum = cpu.setting(factor),
                         .nesterov = cpu.setting(nesterov),
                         .weight_decay = cpu.setting(0.02f)};
      Memory<float> weights(w), velocity(zeros), table(rates);
      Memory<G> gradients(g);
      Visible<ops::StepState> state;
      for (std::size_t step = 0; step < rates.size(); ++step) {
        cpu.run(ops::BeginStep{});
        cpu.run(sgd);
        cpu.run(ops::EndStep{});
        kernels::run(stream, kernels::BeginStep{.samples = 3, .state = state.get(), .learning_rates = table.data()});
        kernels::run(stream, kernels::SGD<G>{.count = n,
                                             .weights = weights.data(),
                                             .gradients = gradients.data(),
                                             .velocity = factor > 0 ? velocity.data() : nullptr,
                                             .momentum = factor,
                                             .nesterov = nesterov,
                                             .weight_decay = 0.02f,
                                             .penalties = penalties(),
                                             .state = state.get()});
        kernels::run(stream, kernels::EndStep{.state = state.get()});
      }
      REQUIRE(distance(weights.values(), cpu.flat_weights()) < 1e-6);
      REQUIRE(distance(velocity.values(), cpu[sgd.velocity]) < 1e-6);
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
  Memory<double> scratch(kernels::reduce_scratch_size());
  const auto scale = [&](float bound) {
    return on_any_schedule([&] {
      Visible<ops::StepState> state;
      kernels::run(stream, kernels::ClipByGlobalNorm<G>{.count = n,
                                                        .weights = weights.data(),
                                                        .gradients = gradients.data(),
                                                        .penalties = penalties(),
                                                        .clipnorm = bound,
                                                        .state = state.get(),
                                                        .scratch = scratch.data()});
      return state->gradient_scale;
    });
  };
  REQUIRE(std::abs(scale(2) - 2 / std::sqrt(squares)) < 1e-6);
  REQUIRE(scale(1000) == 1);

  Visible<ops::StepMetrics> metrics({.loss_sum = 1});
  kernels::run(stream, kernels::AddPenalties{.count = n,
                                             .weights = weights.data(),
                                             .penalties = penalties(),
                                             .samples = 3,
                                             .metrics = metrics.get(),
                                             .scratch = scratch.data()});
  REQUIRE(std::abs(metrics->loss_sum - 1 - 3 * penalty) < 1e-5);
}

TEST_CASE("After a non-finite loss no step changes a weight or counts") {
  const std::vector<float> w = normals(n, 1), zeros(n);
  Memory<float> weights(w), gradients(normals(n, 2)), m(zeros), v(zeros);
  Visible<ops::StepState> state({.step = 4, .batch = 2, .learning_rate = 1, .step_size = 1});
  Visible<ops::StepMetrics> fine({.loss_sum = 3}), broken({.loss_sum = NAN});
  kernels::run(stream, kernels::CheckLoss{.metrics = fine.get(), .state = state.get()});
  REQUIRE(state->failed == 0);
  kernels::run(stream, kernels::CheckLoss{.metrics = broken.get(), .state = state.get()});
  kernels::run(stream, kernels::Adam<float>{.count = n,
                                            .weights = weights.data(),
                                            .gradients = gradients.data(),
                                            .momentum = m.data(),
                                            .velocity = v.data(),
                                            .state = state.get()});
  kernels::run(stream, kernels::SGD<float>{.count = n,
                                           .weights = weights.data(),
                                           .gradients = gradients.data(),
                                           .velocity = v.data(),
                                           .momentum = 0.9f,
                                           .state = state.get()});
  kernels::run(stream, kernels::EndStep{.state = state.get()});
  REQUIRE(state->failed == 1);
  REQUIRE(state->step == 4);
  REQUIRE(state->batch == 2);
  REQUIRE(weights.values() == w);
  REQUIRE(m.values() == zeros);
  REQUIRE(v.values() == zeros);
}

TEST_CASE("A non-finite gradient changes no weight, and the step counts as failed in the end") {
  for (const float bad : {float(NAN), float(INFINITY)}) {
    const std::vector<float> w = normals(n, 1), zeros(n);
    std::vector<float> g = normals(n, 2);
    g[5] = g[n - 1] = bad;
    Memory<float> weights(w), gradients(g), m(zeros), v(zeros);
    Visible<ops::StepState> state({.step = 4, .batch = 2, .learning_rate = 1, .step_size = 1});
    kernels::run(stream, kernels::Adam<float>{.count = n,
                                              .weights = weights.data(),
                                              .gradients = gradients.data(),
                                              .momentum = m.data(),
                                              .velocity = v.data(),
                                              .state = state.get()});
    REQUIRE(state->failed == 0);  // all of the step's threads do their part
    kernels::run(stream, kernels::EndStep{.state = state.get()});
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

namespace {

struct OtherPolicy : kernels::ReducePolicy {
  static constexpr int threads = 64, most_blocks = 7;
};

}  // namespace

TEMPLATE_TEST_CASE("A reduction over many blocks adds up everything", "", kernels::ReducePolicy, OtherPolicy) {
  constexpr std::ptrdiff_t many = 2'000'003;
  std::vector<float> w(many, 1);
  w.back() = 3;
  Memory<float> weights(w);
  Memory<double> scratch(kernels::reduce_scratch_size<TestType>());
  kernels::Penalties all;
  all.count = 1, all.end[0] = many, all.l2[0] = 1;
  Visible<ops::StepMetrics> metrics;
  kernels::run<TestType>(stream, kernels::AddPenalties{.count = many,
                                                       .weights = weights.data(),
                                                       .penalties = all,
                                                       .samples = 1,
                                                       .metrics = metrics.get(),
                                                       .scratch = scratch.data()});
  REQUIRE(metrics->loss_sum == many + 8);
}

TEST_CASE("Adding and converting kernels") {
  const auto a = integers(77, 9, 1), b = integers(77, 9, 2);
  Memory<bfloat16> x(a), y(b);
  Memory<float> wide(77);
  kernels::run(stream, kernels::Add<bfloat16>{.count = 77, .a = x.data(), .b = y.data(), .y = y.data()});
  kernels::run(stream, kernels::Convert<bfloat16, float>{.count = 77, .x = y.data(), .y = wide.data()});
  std::vector<float> sum(77);
  for (std::size_t i = 0; i < 77; ++i) sum[i] = a[i] + b[i];
  REQUIRE(wide.values() == sum);

  const auto c = normals(77, 3);
  Memory<float> left(a), right(c), all(77);
  Memory<bfloat16> narrow(77);
  kernels::run(stream, kernels::Add<float>{.count = 77, .a = left.data(), .b = right.data(), .y = all.data()});
  kernels::run(stream, kernels::Convert<float, bfloat16>{.count = 77, .x = all.data(), .y = narrow.data()});
  for (std::size_t i = 0; i < 77; ++i) sum[i] = a[i] + c[i];
  REQUIRE(all.values() == sum);
  REQUIRE(narrow.values() == stored<bfloat16>(sum));
}
