// SPDX-License-Identifier: MIT
// Trainings and models of the CUDA backend in files: from and to the CPU's, and back.
#include <csignal>

#include "cuda_backend/small_trainings.hpp"
#include "cuda_backend/stand_in.hpp"
#include "support/temporary_folder.hpp"

using namespace small;

TEST_CASE("A stop and a resume: the same bits on one backend, the same training on two") {
  const auto train = noise(20, 1);
  const CategoricalCrossentropy loss;
  const SGD sgd{.learning_rate = 1e-2f, .momentum = 0.9f};
  const auto options = [](int epochs) {
    return FitOptions{.epochs = epochs, .batch_size = 8, .seed = 5, .progress = Progress::none};
  };
  const auto whole = [&](auto backend) {
    Model model{small_net(), backend};
    fit(model, sgd, loss, train, options(4));
    return model.get_weights();
  };
  const auto continued = [&](auto first, auto second) {
    const test::TemporaryFolder folder;
    const std::string file = folder / "backup";
    Model begun{small_net(), first};
    fit(begun, sgd, loss, train, options(2), BackupAndRestore{file});
    Model resumed{small_net(), second, ModelOptions{.seed = 99}};
    const History history = fit(resumed, sgd, loss, train, options(4), BackupAndRestore{file, {.resume = true}});
    REQUIRE(history.epochs.size() == 4);
    return resumed.get_weights();
  };
  const auto distance = [](const std::vector<float>& a, const std::vector<float>& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double(a[i] - b[i])));
    return most;
  };
  const Cpu cpu{1};
  const Cuda<Precision::fp32> exact;
  const Cuda rough;
  CHECK(continued(exact, exact) == whole(exact));
  CHECK(continued(rough, rough) == whole(rough));
  const auto expected = whole(cpu);
  CHECK(distance(continued(cpu, exact), expected) < 1e-5);
  CHECK(distance(continued(exact, cpu), expected) < 1e-5);
  const double apart = distance(whole(rough), expected);  // what bfloat16 does to a training that never stopped
  CHECK(distance(continued(cpu, rough), expected) < 2 * apart);
  CHECK(distance(continued(rough, cpu), expected) < 2 * apart);
}

namespace {

/// Ctrl-C after so many steps of a run; 0: never. Notes how often the host has waited for the device.
struct Watch {
  std::uint64_t interrupt_at = 0;
  std::vector<int> waits{};
  void on_settled(const TrainingState&) { waits.push_back(stand_in::runtime().waits); }
  void on_train_batch_end(const TrainingState& t) {
    if (t.step == interrupt_at) std::raise(SIGINT);
  }
};

}  // namespace

TEST_CASE("A training on the device is saved inside of an epoch; to look at the clock the host waits for nothing") {
  const auto train = noise(40, 1);
  const test::TemporaryFolder folder;
  const auto run = [&](const std::string& name, double save_freq_seconds, Watch& watch) {
    Model model{small_net(), Cuda{}, ModelOptions{.seed = 3}};
    fit(model, SGD{.learning_rate = 1e-2f, .momentum = 0.9f}, CategoricalCrossentropy{}, train,
        {.epochs = 2, .batch_size = 8, .seed = 5, .progress = Progress::none},
        BackupAndRestore{folder / name, {.resume = true, .save_freq_seconds = save_freq_seconds}}, watch);
    return model.get_weights();
  };
  Watch rarely, always;
  const auto whole = run("rarely", INFINITY, rarely);
  CHECK(run("always", 0, always) == whole);
  REQUIRE(rarely.waits.size() == 2 * 5);
  CHECK(rarely.waits[1] == rarely.waits[3]);  // after batches 2 and 4 of the first epoch
  CHECK(always.waits[1] < always.waits[2]);
  for (const std::uint64_t step : {2, 5, 8}) {  // 5 batches an epoch
    Watch stops{step}, resumes;
    CHECK(run(std::to_string(step), INFINITY, stops) != whole);
    CHECK(run(std::to_string(step), INFINITY, resumes) == whole);
  }
}

TEST_CASE("A model file of bfloat16 loads in float, and the other way round, though its probe differs") {
  const test::TemporaryFolder folder;
  const auto images = noise(20, 1);
  const auto steep = [](auto backend) {
    Model model{small_net(), backend, ModelOptions{.seed = 3}};
    std::vector<float> kernel = model.get_weights("dense_1/kernel");
    for (float& weight : kernel) weight *= 3;
    model.set_weights("dense_1/kernel", kernel);
    return model;
  };
  auto rough = steep(Cuda{});
  auto exact = steep(Cpu{1});
  const auto a = predict(rough, images), b = predict(exact, images);
  float apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) apart = std::max(apart, std::abs(a[i] - b[i]));
  CHECK(apart > 2e-3f);  // more than is let pass between two that compute in float

  save_model(folder / "rough", rough);
  save_model(folder / "exact", exact);
  Model on_cpu{small_net(), Cpu{1}};
  load_model(folder / "rough", on_cpu);
  CHECK(on_cpu.get_weights() == rough.get_weights());
  Model on_device{small_net(), Cuda{}};
  load_model(folder / "exact", on_device);
  CHECK(on_device.get_weights() == exact.get_weights());
}
