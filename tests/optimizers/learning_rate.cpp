// SPDX-License-Identifier: MIT
#include <ferlab/ferlab.hpp>

#include <limits>

#include "support/catch.hpp"

using namespace ferlab;

// Expected numbers follow from the formulas of keras.optimizers.schedules.
TEST_CASE("schedules follow Keras's formulas") {
  CHECK(LearningRate(0.25f).at(1000) == 0.25f);
  CHECK(LearningRate(0.25f).is_constant());
  const LearningRate smooth = ExponentialDecay{.initial_learning_rate = 0.1f, .decay_steps = 10, .decay_rate = 0.5f};
  CHECK_FALSE(smooth.is_constant());
  CHECK(smooth.at(5) == Approx(0.1 * std::sqrt(0.5)));
  const LearningRate stairs =
      ExponentialDecay{.initial_learning_rate = 0.1f, .decay_steps = 10, .decay_rate = 0.5f, .staircase = true};
  CHECK(stairs.at(9) == Approx(0.1));
  CHECK(stairs.at(10) == Approx(0.05));
  const LearningRate cosine = CosineDecay{.initial_learning_rate = 0.2f, .decay_steps = 100, .alpha = 0.1f};
  CHECK(cosine.at(0) == Approx(0.2));
  CHECK(cosine.at(50) == Approx(0.2 * (0.9 * 0.5 + 0.1)));
  CHECK(cosine.at(100) == Approx(0.02));
  CHECK(cosine.at(1000) == Approx(0.02));
  const LearningRate warm =
      CosineDecay{.initial_learning_rate = 0, .decay_steps = 100, .warmup_target = 0.4f, .warmup_steps = 10};
  CHECK(warm.at(0) == 0);
  CHECK(warm.at(5) == Approx(0.2));
  CHECK(warm.at(10) == Approx(0.4));
  CHECK(warm.at(110) == Approx(0).margin(1e-9));
  const LearningRate pieces = PiecewiseConstantDecay{{100, 200}, {1, 0.5f, 0.1f}};
  CHECK(pieces.at(100) == 1);
  CHECK(pieces.at(101) == 0.5f);
  CHECK(pieces.at(201) == 0.1f);
}

TEST_CASE("rates and schedules that make no sense are refused") {
  const auto refused = [](const LearningRate& rate) { CHECK_THROWS_AS(rate.check(), ArgumentError); };
  refused(-0.1f);
  refused(std::numeric_limits<float>::quiet_NaN());
  refused(ExponentialDecay{.decay_steps = 0});
  refused(CosineDecay{.decay_steps = 0});
  refused(PiecewiseConstantDecay{{100, 200}, {1, 0.5f}});
  refused(PiecewiseConstantDecay{{200, 100}, {1, 0.5f, 0.1f}});
  for (const LearningRate& rate : {LearningRate(0.0f), LearningRate(ExponentialDecay{}), LearningRate(CosineDecay{}),
                                   LearningRate(PiecewiseConstantDecay{{}, {1}})})
    CHECK_NOTHROW(rate.check());
}
