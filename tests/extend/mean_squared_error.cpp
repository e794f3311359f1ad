// SPDX-License-Identifier: MIT
#include "examples/extend/mean_squared_error.hpp"

#include "support/gradient_check.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

namespace {
const auto pixels = data::Dataset::from_memory({1, 1, 2}, {1, 0, 2, 4}, {0, 1}, {"a", "b"});

/// y = x: what it loses can be told by hand.
auto identity() {
  Model model{Sequential{Input<1, 1, 2>{}, Dense<2>{}}, Cpu{1}};
  model.preprocessing = {};
  model.set_weights("dense/kernel", std::vector<float>{1, 0, 0, 1});
  return model;
}
}  // namespace

TEST_CASE("a user's loss: numbers by hand") {
  // Outputs (1, 0) and (2, 4), targets (1, 0) and (0, 1): ((0 + 0) / 2 + (4 + 9) / 2) / 2.
  const auto score = evaluate(identity(), pixels, mine::MeanSquaredError{});
  CHECK(score.loss == 3.25);
  CHECK(score.metrics.empty());  // what is measured by default is for class indices

  // dy = (y - target) * 2 / (2 outputs * 2 samples) = (0, 0) and (1, 1.5), dkernel = x^T dy, dbias = (1, 1.5).
  auto model = identity();
  const auto history = fit(model, SGD{.learning_rate = 1}, mine::MeanSquaredError{}, pixels,
                           {.epochs = 1, .batch_size = 2, .progress = Progress::none});
  CHECK(history.metrics.empty());
  CHECK(history.epochs[0].loss == 3.25);
  CHECK(model.get_weights("dense/kernel") == std::vector<float>{1 - 2, -3, -4, 1 - 6});
  CHECK(model.get_weights("dense/bias") == std::vector<float>{-1, -1.5f});
}

TEST_CASE("a user's loss: gradients") {
  std::vector<float> targets(5 * 3);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = float(test::rough(i, 21));
  const Sequential net{Input<4, 4, 2>{}, Conv2D<3, 3>{}, ReLU{}, Flatten{}, Dense<3>{}};
  test::check_loss_gradients(mine::MeanSquaredError{}, net, targets, 5);
  test::check_loss_gradients(mine::MeanSquaredError{}, net, targets, 5, Unfused{Cpu{}});
}

namespace also_mine {
/// The mean of |y - target|, for the test: a metric of the same target.
struct MeanAbsoluteErrorOp {
  static constexpr const char* name = "mean_absolute_error";
  ops::Value y;
  ops::Target<OutputVector> target;
  ops::MetricSum sum;
  static constexpr void operands(auto& op, auto& each) { each.reads(op.y), each.reports(); }
};
struct MeanAbsoluteError {
  static constexpr const char* name = "mean_absolute_error";
  static constexpr bool higher_is_better = false;
  using Target = OutputVector;
  using lowers_to = ops::OpTypes<MeanAbsoluteErrorOp>;
  constexpr void lower(auto& g, ops::Value y, ops::MetricSum sum) const {
    g.run(MeanAbsoluteErrorOp{.y = y, .target = {}, .sum = sum});
  }
};
template <class T>
void run(const Cpu&, const MeanAbsoluteErrorOp& op, const ops::Memory<T>& m) {
  for (std::ptrdiff_t i = 0; i < m.size(op.y); ++i)
    *m[op.sum] += std::abs(double(m[op.y][i]) - double(m[op.target][i])) / double(op.y.shape.size());
}
}  // namespace also_mine

TEST_CASE("a user's loss with a metric of the same target") {
  const auto [loss, error] =
      evaluate(identity(), pixels, mine::MeanSquaredError{}, 64, Metrics{also_mine::MeanAbsoluteError{}});
  CHECK(loss == 3.25);
  CHECK(error == 1.25);  // ((0 + 0) / 2 + (2 + 3) / 2) / 2
}

TEST_CASE("a user's loss trains") {
  Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  const auto history =
      fit(model, Adam{.learning_rate = 3e-3f}, mine::MeanSquaredError{}, test::bars(120), test::bars(30, 2),
          {.epochs = 12, .batch_size = 16, .progress = Progress::none}, Metrics{also_mine::MeanAbsoluteError{}});
  CHECK(history.epochs.back().val_loss < history.epochs.front().val_loss / 2);
  CHECK(history.epochs.back().val_metrics[0] < history.epochs.front().val_metrics[0]);
}
