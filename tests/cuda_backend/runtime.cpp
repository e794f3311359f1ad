// SPDX-License-Identifier: MIT
// What the CUDA backend asks of CUDA's runtime: counted, and refused, by the stand-in for it.
#include <cstdlib>
#include <fstream>

#include "cuda_backend/small_trainings.hpp"
#include "cuda_backend/stand_in.hpp"
#include "support/temporary_folder.hpp"

using namespace small;

TEST_CASE("Steps are replayed, not only called, and all memory is given back") {
  const auto& runtime = stand_in::runtime();
  const int before = runtime.graphs_launched;
  outcome(Cuda<Precision::fp32>{});
  CHECK(runtime.graphs_launched > before + 5);
  CHECK(runtime.allocated.empty());
}

TEST_CASE("A prediction is one launch and one wait, for each number of images") {
  const auto images = noise(6, 1);
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < images.size(); ++i)
    pixels.insert(pixels.end(), images.image(i).begin(), images.image(i).end());
  Model model{net_for_cudnn(), Cuda{}, ModelOptions{.seed = 3}};
  Workspace workspace(model, 6);
  auto& runtime = stand_in::runtime();
  const auto predicted = [&](int count) {
    const auto found =
        predict(model, workspace, std::span<const std::uint8_t>(pixels).first(std::size_t(count) * 100), count);
    return std::vector<float>(found.begin(), found.end());
  };
  const auto once = predicted(6), single = predicted(1);
  CHECK(predicted(6) == once);
  CHECK(predicted(1) == single);
  const int allocations = runtime.allocations, waits = runtime.waits, launched = runtime.graphs_launched,
            copies = runtime.host_copies, made = runtime.graphs_made;
  CHECK(predicted(6) == once);
  CHECK(predicted(1) == single);
  CHECK(runtime.allocations == allocations);
  CHECK(runtime.graphs_launched == launched + 2);
  CHECK(runtime.waits == waits + 2);
  CHECK(runtime.host_copies == copies);  // those in the graph are counted when it is recorded

  // What changes what is computed is seen, though it was recorded: weights without recording anew.
  std::vector<float> bias = model.get_weights("dense_1/bias");
  bias[1] += 3;
  model.set_weights("dense_1/bias", bias);
  CHECK(predicted(1) != single);
  CHECK(runtime.graphs_made == made);
  bias[1] -= 3;
  model.set_weights("dense_1/bias", bias);
  CHECK(predicted(1) == single);
  model.preprocessing = data::Preprocessing::raw();
  CHECK(predicted(1) != single);
  model.preprocessing = data::Preprocessing::rescale();
  Model other{net_for_cudnn(), model.backend, ModelOptions{.seed = 4}};
  const auto of_other = [&] {
    const auto found = predict(other, workspace, std::span<const std::uint8_t>(pixels).first(100));
    return std::vector<float>(found.begin(), found.end());
  };
  CHECK(of_other() != single);
  CHECK(predicted(1) == single);
}

TEST_CASE("After its first epoch a training on the device allocates nothing, and no step waits for it") {
  const auto train = noise(20, 1);
  Model model{small_net(), Cuda{}};
  auto& runtime = stand_in::runtime();
  struct Watch {
    int allocations = 0, waits = 0;
    void on_epoch_begin(const TrainingState& t) {
      if (t.epoch == 1) allocations = stand_in::runtime().allocations;
    }
    void on_train_batch_end(const TrainingState& t) {
      if (t.epoch == 1 && t.batch == 1) waits = stand_in::runtime().waits;
      if (t.epoch == 1 && t.batch == t.batches) CHECK(stand_in::runtime().waits == waits);
    }
  } watch;
  fit(model, Adam{}, CategoricalCrossentropy{}, train, {.epochs = 3, .batch_size = 5, .progress = Progress::none},
      watch);
  CHECK(runtime.allocations == watch.allocations);
}

TEST_CASE("With a cache of plans the fastest is timed once, and found there by later runs") {
  const test::TemporaryFolder folder;
  const std::string file = folder / "plans";
  auto& runtime = stand_in::runtime();
  const auto train = noise(8, 1);
  const auto runs = [&] {  // how often each engine ran in a first step, which is not recorded
    runtime.engine_runs.clear();
    Model model{net_for_cudnn(), Cuda{}};
    fit(model, SGD{}, CategoricalCrossentropy{}, train, {.batch_size = 8, .progress = Progress::none});
    return runtime.engine_runs;
  };
  runtime.engines = {{3, 2.0f}, {5, 1.0f}, {8, 4.0f}};
  const auto first = runs();
  REQUIRE(first.size() == 1);  // no cache: what cuDNN puts first
  const int convolutions = first.at(3);
  CHECK(convolutions > 10);

  setenv("FERLAB_PLAN_CACHE", file.c_str(), 1);
  CHECK(runs() == std::map<int, int>{{3, 4 * convolutions}, {5, 5 * convolutions}, {8, 4 * convolutions}});
  CHECK(runs() == std::map<int, int>{{5, convolutions}});
  runtime.engines = {{3, 2.0f}, {5, 3.0f}, {8, 1.0f}};  // what was slower once is not timed again
  CHECK(runs() == std::map<int, int>{{5, convolutions}});
  runtime.engines = {{3, 2.0f}, {6, 3.0f}, {8, 1.0f}};  // another engine stands there: the choice says nothing any more
  CHECK(runs().at(8) == 5 * convolutions);
  CHECK(runs() == std::map<int, int>{{8, convolutions}});

  std::ofstream(file, std::ios::app) << "no such line\nan unfinished";
  CHECK(runs() == std::map<int, int>{{8, convolutions}});
  setenv("FERLAB_PLAN_CACHE", (folder / "no folder/plans").c_str(), 1);
  CHECK_THROWS_WITH(Cuda{}, Catch::Contains("FERLAB_PLAN_CACHE"));
  unsetenv("FERLAB_PLAN_CACHE");
  runtime.engines = {{1, 1.0f}};
}

TEST_CASE("After a step that threw, training goes on as if it had not been tried") {
  const auto train = noise(16, 1);
  const SGD sgd{.learning_rate = 0.1f};
  const CategoricalCrossentropy loss;
  const data::Dataset none;
  const auto trained = [&](bool fails) {
    Model model{net_for_cudnn(), Cuda<Precision::fp32>{}, ModelOptions{.seed = 3}};
    Training t(model, sgd, loss, train, none, 8);
    t.begin_epoch();
    auto& runtime = stand_in::runtime();
    if (fails) {
      runtime.memory = runtime.used();  // no room for cuDNN's workspace
      REQUIRE_THROWS_AS(t.train_batch(), BackendError);
      runtime.memory = std::size_t(1) << 40;
      t.begin_epoch();
    }
    t.train_batch();
    t.train_batch();
    t.synchronize();
    return model.get_weights();
  };
  const auto expected = trained(false), found = trained(true);
  for (std::size_t i = 0; i < found.size(); ++i) REQUIRE(std::abs(found[i] - expected[i]) < 0.05);
}

TEST_CASE("What the machine lacks is a clear error") {
  auto& runtime = stand_in::runtime();
  const auto says = [](const auto& action, std::initializer_list<const char*> words) {
    std::string message = "nothing was thrown";
    try {
      action();
    } catch (const BackendError& error) {
      message = error.what();
    }
    INFO(message);
    for (const char* word : words) CHECK(message.find(word) != std::string::npos);
  };
  runtime.no_device = cudaErrorNoDevice;
  says([] { Cuda{}; }, {"no CUDA-capable device", "Cpu{}"});
  runtime.no_device = cudaErrorInsufficientDriver;
  says([] { Cuda{}; }, {"no NVIDIA driver", "update it"});
  runtime.no_device = cudaSuccess;
  says([] { Cuda{1}; }, {"expected a device below 1, got 1"});

  Model model{small_net(), Cuda{}};
  const auto before = model.get_weights();
  runtime.memory = runtime.used() + 1000;
  says([&] { fit(model, Adam{}, CategoricalCrossentropy{}, noise(20, 1), {.progress = Progress::none}); },
       {"out of memory", "smaller batch"});
  runtime.memory = std::size_t(1) << 40;
  CHECK(model.get_weights() == before);
}
