// SPDX-License-Identifier: MIT
#include "examples/extend/lion.hpp"

#include "examples/extend/stop_when_flat.hpp"
#include "support/catch.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

TEST_CASE("a user's optimizer: two steps by hand") {
  // Three weights without a penalty, one with; powers of two, so that nothing is rounded.
  std::vector<float> weights{1, 2, -4, 8}, momentum{0, 0, 0, 0}, gradients{4, -8, 0, 0};
  const std::vector<ops::WeightRange> segments{{0, 3, 0}, {3, 1, 0.5f}};
  const std::vector<float> settings{0.5f, 0.75f, 0.25f};  // beta_1, beta_2, weight_decay
  ops::StepState state{.learning_rate = 0.5f, .gradient_scale = 0.5};
  ops::Memory<float> memory(1, {}, settings);
  memory.state = &state;
  memory.flat = {.segments = segments, .size = 4, .weights = weights.data(), .gradients = gradients.data()};
  memory.moments[0] = momentum.data();
  const mine::LionUpdate op{.momentum = {0}, .beta_1 = {0}, .beta_2 = {1}, .weight_decay = {2}};

  // g = (2, -4, 0, (2 * 0.5 * 8) / 2); signs (1, -1, 0, 1); w -= 0.5 * (sign + w / 4); m = g / 4.
  run(Cpu{1}, op, memory);
  CHECK(weights == std::vector<float>{1 - 0.625f, 2 + 0.25f, -4 + 0.5f, 8 - 1.5f});
  CHECK(momentum == std::vector<float>{0.5f, -1, 0, 1});

  // Both gradients turn; only the first outweighs its moment: 0.5 * 0.5 - 0.5 * 0.625 < 0, -0.5 * 1 + 0.5 * 0.5 < 0.
  gradients = {-1.25f, 1, 0, 0};
  run(Cpu{1}, op, memory);
  CHECK(weights[0] == 0.375f - 0.5f * (-1 + 0.375f / 4));
  CHECK(weights[1] == 2.25f - 0.5f * (-1 + 2.25f / 4));
  CHECK(momentum[0] == 0.75f * 0.5f - 0.25f * 0.625f);
  CHECK(momentum[1] == -0.75f + 0.25f * 0.5f);
}

TEST_CASE("a user's optimizer trains, on any number of threads") {
  const auto trained = [](int threads) {
    Model model{test::small_net(), Cpu{threads}, {.seed = 3}};
    const auto history =
        fit(model, mine::Lion{.learning_rate = 1e-3f, .weight_decay = 0.1f, .global_clipnorm = 1},
            CategoricalCrossentropy{}, test::bars(120), {.epochs = 12, .batch_size = 16, .progress = Progress::none});
    CHECK(history.epochs.back().metrics[0] > 0.9);
    return test::bits(model);
  };
  CHECK(trained(1) == trained(2));
}

TEST_CASE("a user's optimizer and callback are resumed with what they remember") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run.safetensors";
  mine::StopWhenFlat flat{.tolerance = 0, .norms = {}};
  const auto trained = [&](mine::Lion lion, int epochs, bool resume, auto&&... backup) {
    Model model{test::small_net(), Cpu{1}, {.seed = resume ? 8u : 3u}};
    fit(model, lion, CategoricalCrossentropy{}, test::bars(60),
        {.epochs = epochs, .batch_size = 16, .progress = Progress::none}, flat, backup...);
    return test::bits(model);
  };
  const mine::Lion lion{.learning_rate = 1e-3f};
  const auto whole = trained(lion, 4, false);
  const auto norms = flat.norms;
  REQUIRE(norms.size() == 4);

  trained(lion, 2, false, BackupAndRestore{path});
  CHECK(trained(lion, 4, true, BackupAndRestore{path, {.resume = true}}) == whole);
  CHECK(flat.norms == norms);

  trained(lion, 2, false, BackupAndRestore{path});
  mine::Lion other = lion;
  other.beta_2 = 0.5f;
  CHECK_THROWS_WITH(trained(other, 4, true, BackupAndRestore{path, {.resume = true}}), Catch::Contains("beta_2"));
}
