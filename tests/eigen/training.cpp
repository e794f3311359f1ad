// SPDX-License-Identifier: MIT
// Whole trainings on EigenCpu. Single ops are tested in tests/ops.
#include "eigen/strict_eigen.hpp"
#include "support/catch.hpp"
#include "support/count_allocations.hpp"
#include "support/small_run.hpp"

using namespace ferlab;
using namespace ferlab::test;

namespace {

const FitOptions quiet{.epochs = 3, .batch_size = 16, .seed = 5, .progress = Progress::none};

auto train(auto backend, const auto& optimizer, auto&... callbacks) {
  Model model{small_net(), backend, {.seed = 3}};
  const History history = fit(model, optimizer, CategoricalCrossentropy{}, bars(100), bars(30, 2), quiet, callbacks...);
  return std::pair{std::move(model), history};
}
auto train(auto backend) { return train(backend, Adam{.learning_rate = 3e-3f, .global_clipnorm = 1.0f}); }

}  // namespace

TEST_CASE("training on EigenCpu follows training on Cpu") {
  const auto check = [](const auto& optimizer) {
    const auto eigen = train(EigenCpu{}, optimizer).second, cpu = train(Cpu{1}, optimizer).second;
    REQUIRE(eigen.epochs.size() == cpu.epochs.size());
    for (std::size_t e = 0; e < cpu.epochs.size(); ++e) {
      INFO("epoch " << e);
      CHECK(eigen.epochs[e].loss == Approx(cpu.epochs[e].loss).epsilon(1e-3));
      CHECK(eigen.epochs[e].val_loss == Approx(cpu.epochs[e].val_loss).epsilon(1e-2));
    }
  };
  check(Adam{.learning_rate = 3e-3f, .global_clipnorm = 1.0f});
  check(SGD{.learning_rate = 1e-2f, .momentum = 0.9f, .nesterov = true});
}

TEST_CASE("EigenCpu fused and unfused train to the same bits, and so do two runs") {
  const auto once = bits(train(EigenCpu{}).first);
  CHECK((once == bits(train(EigenCpu{}).first)));
  CHECK((once == bits(train(Unfused{EigenCpu{}}).first)));
}

TEST_CASE("Eigen allocates nothing in a training") {
  const NoEigenAllocation forbidden;
  CHECK_THROWS_AS(Eigen::MatrixXf(8, 8), std::logic_error);  // it would be noticed
  train(EigenCpu{});
}

TEST_CASE("fit on EigenCpu allocates nothing after its first step") {
  AllocationWatch watch;
  train(EigenCpu{}, Adam{.global_clipnorm = 1.0f}, watch);
  REQUIRE(watch.after_first > 0);
  CHECK(watch.before_end == watch.after_first);
}

TEST_CASE("a NaN on its way through an EigenCpu stops the training") {
  Model model{small_net(), EigenCpu{}};
  model.weights("dense_1/bias")[0] = std::numeric_limits<float>::quiet_NaN();
  model.weights_changed();
  CHECK_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, bars(20), quiet), TrainingError);
}
