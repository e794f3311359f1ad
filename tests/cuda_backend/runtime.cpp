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

namespace {

/// How often each engine of cuDNN ran in a first step, which is not recorded.
std::map<int, int> engine_runs(const CudaOptions& options = {}) {
  auto& runtime = stand_in::runtime();
  runtime.engine_runs.clear();
  runtime.plans_made.clear();
  Model model{net_for_cudnn(), Cuda{options}};
  fit(model, SGD{}, CategoricalCrossentropy{}, noise(8, 1), {.batch_size = 8, .progress = Progress::none});
  return runtime.engine_runs;
}
using Runs = std::map<int, int>;

/// cuDNN as it was before.
struct Restore {
  ~Restore() {
    stand_in::runtime().engines = {{1, 1.0f}};
    stand_in::runtime().varying.clear();
    stand_in::runtime().compiled.clear();
    stand_in::runtime().computes = true;
    stand_in::runtime().memory = std::size_t(1) << 40;
    stand_in::runtime().kernel_milliseconds = 0;
    stand_in::runtime().relu_after_gradients = true;
  }
};

}  // namespace

TEST_CASE("With a cache of plans the fastest is timed once, and found there by later runs") {
  const test::TemporaryFolder folder;
  const Restore restore;
  const std::string file = folder / "plans";
  auto& runtime = stand_in::runtime();
  runtime.computes = false;  // here and below what counts is which plans run
  runtime.engines = {{3, 2.0f}, {5, 1.0f}, {8, 4.0f}};
  const Runs first = engine_runs();
  REQUIRE(first.size() == 1);  // no cache: what cuDNN puts first
  const int convolutions = first.at(3);
  CHECK(convolutions == 12);                             // four, forward and both gradients
  CHECK(runtime.plans_made == Runs{{3, convolutions}});  // and no other plan is made

  const CudaOptions cached{.plan_cache = file};
  const Runs timed = engine_runs(cached);  // each warmed up once, beside what is recorded
  CHECK(timed.at(3) >= convolutions);
  CHECK(timed.at(8) >= convolutions);
  CHECK(timed.at(5) >= 2 * convolutions);
  CHECK(engine_runs(cached) == Runs{{5, convolutions}});
  CHECK(runtime.plans_made == Runs{{5, convolutions}});
  runtime.engines = {{3, 2.0f}, {5, 3.0f}, {8, 1.0f}};  // what was slower once is not timed again
  CHECK(engine_runs(cached) == Runs{{5, convolutions}});
  runtime.engines = {{3, 2.0f}, {6, 3.0f}, {8, 1.0f}};  // another engine stands there: the choice says nothing any more
  CHECK(engine_runs(cached).at(8) >= 2 * convolutions);
  CHECK(engine_runs(cached) == Runs{{8, convolutions}});

  std::ofstream(file, std::ios::app) << "no such line\nan unfinished";
  CHECK(engine_runs(cached) == Runs{{8, convolutions}});
  setenv("FERLAB_PLAN_CACHE", file.c_str(), 1);
  CHECK(engine_runs() == Runs{{8, convolutions}});
  unsetenv("FERLAB_PLAN_CACHE");
  CHECK_THROWS_WITH(Cuda({.plan_cache = folder / "no folder/plans"}), Catch::Contains("FERLAB_PLAN_CACHE"));
}

TEST_CASE("All of cuDNN's plans are timed, but two that it compiles, and of those none for an epoch's last batch") {
  const test::TemporaryFolder folder;
  const Restore restore;
  auto& runtime = stand_in::runtime();
  runtime.computes = false;  // what counts is which plans are made
  for (int engine = 1; engine <= 40; ++engine) runtime.engines[engine] = 2.0f;
  runtime.compiled = {2, 4, 6, 8};
  runtime.engines[4] = 1.0f, runtime.engines[6] = 0.5f, runtime.engines[39] = 1.5f;
  const auto trained_on = [&](int images) {
    runtime.plans_made.clear();
    Model model{net_for_cudnn(), Cuda{{.plan_cache = folder / "plans"}}};
    fit(model, SGD{}, CategoricalCrossentropy{}, noise(std::size_t(images), 1),
        {.batch_size = 8, .progress = Progress::none});
    return runtime.plans_made;
  };
  const Runs whole = trained_on(8);
  CHECK(whole.at(40) == 14);  // twelve convolutions, two of them also in two steps
  CHECK(whole.at(4) == 14);
  CHECK(whole.count(6) == 0);
  CHECK(trained_on(8) == Runs{{4, 12}});
  const Runs with_short = trained_on(11);
  CHECK(with_short.at(4) == 12);  // of the whole batch, known
  CHECK(with_short.at(40) == 14);
  CHECK(with_short.count(2) == 0);
  CHECK(trained_on(11) == Runs{{4, 12}, {39, 12}});
}

TEST_CASE("Timing changes nothing that is computed") {
  const test::TemporaryFolder folder;
  const Restore restore;
  stand_in::runtime().engines = {{3, 2.0f}, {5, 1.0f}};
  const SGD sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  const Outcome untimed = outcome(Cuda{}, sgd, net_for_cudnn());
  const Outcome timed = outcome(Cuda({.plan_cache = folder / "plans"}), sgd, net_for_cudnn());
  CHECK(timed.losses == untimed.losses);
  CHECK(timed.weights == untimed.weights);
  CHECK(timed.outputs == untimed.outputs);
}

TEST_CASE("Our own convolutions run where they are asked for, and with a cache where they are the fastest") {
  const test::TemporaryFolder folder;
  const Restore restore;
  auto& runtime = stand_in::runtime();
  runtime.computes = false;
  const int all = engine_runs().at(1), not_ours = 5;  // two gradients of stride 2, three of 7 filters
  CHECK(engine_runs({.own_convolutions = true}) == Runs{{1, not_ours}});

  const std::string file = folder / "plans";
  runtime.kernel_milliseconds = 0.1;
  const CudaOptions cached{.plan_cache = file, .own_convolutions = true};
  engine_runs(cached);
  CHECK(engine_runs(cached) == Runs{{1, not_ours}});
  CHECK(engine_runs({.plan_cache = file}).at(1) > not_ours);  // a choice for those who may use ours
  runtime.kernel_milliseconds = 10;
  CHECK(engine_runs(cached) == Runs{{1, not_ours}});  // timed once
  const CudaOptions anew{.plan_cache = folder / "other", .own_convolutions = true};
  engine_runs(anew);
  CHECK(engine_runs(anew) == Runs{{1, all}});
}

TEST_CASE("A ReLU's backward pass is in cuDNN's graph of the gradient before it where that is seen to be no slower") {
  const test::TemporaryFolder folder;
  const Restore restore;
  auto& runtime = stand_in::runtime();
  const SGD sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  const auto trained = [&](const char* plans) {
    const int before = runtime.relu_gradients;
    const Outcome found =
        outcome(Cuda<Precision::fp32>{{.plan_cache = plans ? folder / plans : ""}}, sgd, net_for_cudnn());
    return std::pair(found, runtime.relu_gradients - before);
  };
  const auto [apart, none] = trained(nullptr);
  CHECK(none == 0);
  const auto [one_graph, some] = trained("plans");
  CHECK(some > 0);
  compare(one_graph, apart, 1e-6);
  runtime.relu_after_gradients = false;
  runtime.computes = false;
  CHECK(trained("other plans").second == 0);
}

TEST_CASE("Engines whose bits differ from run to run are used on request only") {
  const Restore restore;
  auto& runtime = stand_in::runtime();
  runtime.engines = {{2, 1.0f}, {4, 1.0f}};
  runtime.varying = {2};
  const Runs runs = engine_runs();
  CHECK(runs == Runs{{4, runs.at(4)}});
  CHECK(engine_runs({.deterministic = false}) == Runs{{2, runs.at(4)}});
  runtime.varying = {2, 4};
  CHECK_THROWS_WITH(engine_runs(), Catch::Contains("no deterministic plan for a convolution of 8 images"));
}

TEST_CASE("A dense layer's algorithm is chosen once for each shape") {
  auto& runtime = stand_in::runtime();
  const int before = runtime.algorithms;
  Model model{small_net(), Cuda{}};
  const auto trained = [&] {
    fit(model, SGD{}, CategoricalCrossentropy{}, noise(10, 1),
        {.epochs = 2, .batch_size = 5, .progress = Progress::none});
    return runtime.algorithms - before;
  };
  CHECK(trained() == 6);  // two layers, forward and both gradients
  CHECK(trained() == 6);
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
      runtime.memory = runtime.used();  // no room for the libraries' workspaces
      REQUIRE_THROWS_AS(t.train_batch(), BackendError);
      runtime.memory = std::size_t(1) << 40;
      t.begin_epoch();
    }
    t.train_batch();
    t.train_batch();
    t.synchronize();
    std::vector<float> weights;  // those that are trained: running statistics have seen the batch twice
    for (const char* name : {"conv2d/kernel", "conv2d_1/kernel", "conv2d_2/bias", "dense/kernel", "dense_1/bias"})
      for (const float weight : model.get_weights(name)) weights.push_back(weight);
    return weights;
  };
  CHECK(trained(true) == trained(false));
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
  says([] { Cuda({.device = 1}); }, {"expected a device below 1, got 1"});

  runtime.compute_capability[0] = 7, runtime.compute_capability[1] = 5;
  says([] { Cuda{}; }, {"needs compute capability 8.0", "has 7.5", "Cuda<Precision::fp32>{}"});
  Cuda<Precision::fp32>{};
  runtime.compute_capability[0] = 9, runtime.compute_capability[1] = 0;

  Model model{small_net(), Cuda{}};
  const auto before = model.get_weights();
  runtime.memory = runtime.used() + 1000;
  says([&] { fit(model, Adam{}, CategoricalCrossentropy{}, noise(20, 1), {.progress = Progress::none}); },
       {"out of memory", "smaller batch"});
  runtime.memory = std::size_t(1) << 40;
  CHECK(model.get_weights() == before);
  runtime.whole_cudnn = false;
  says([] { engine_runs(); }, {"starting cuDNN", "a part of cuDNN", "missing"});
  runtime.whole_cudnn = true;
}
