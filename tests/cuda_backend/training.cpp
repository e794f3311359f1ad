// SPDX-License-Identifier: MIT
// Whole trainings on the CUDA backend, its kernels run by the emulator, CUDA's runtime and cuDNN by stand-ins, against
// the CPU.
#include <ferlab/cuda.hpp>

#include <cmath>

#include "cuda_backend/stand_in.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

namespace {

data::Dataset noise(std::size_t images, std::uint64_t seed) {
  std::vector<std::uint8_t> pixels(images * 100), labels(images);
  const RandomStream stream{.seed = seed, .purpose = Purpose::data};
  for (std::size_t i = 0; i < images; ++i) {
    labels[i] = std::uint8_t(i % 3);
    for (std::size_t k = 0; k < 100; ++k)
      pixels[i * 100 + k] = std::uint8_t(stream.below(i * 100 + k, 128) + (k % 3 == labels[i] ? 100u : 0u));
  }
  return data::Dataset::from_memory({10, 10, 1}, std::move(pixels), std::move(labels), {"a", "b", "c"});
}

auto small_net() {
  return Sequential{Input<10, 10, 1>{},
                    Conv2D<4, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},
                    BatchNorm{},
                    MaxPool<2>{},
                    Dropout{0.25f},
                    Residual{Conv2D<4, 3>{}, BatchNorm{}, ReLU{}},
                    AveragePool<2>{},
                    Flatten{},
                    Dense<9>{},
                    ReLU{},
                    Dropout{0.25f},
                    Dense<3>{},
                    Softmax{}};
}

/// Channels in eights: convolutions and dense layers by cuDNN, but for the first and the last.
auto net_for_cudnn() {
  return Sequential{Input<10, 10, 1>{},
                    Conv2D<8, 3, Padding::valid>{},
                    ReLU{},
                    Conv2D<16, 3, Padding::same, 2>{},
                    BatchNorm{},
                    ReLU{},
                    Conv2D<8, 2>{},
                    ReLU{},
                    MaxPool<2>{},
                    Conv2D<8, 1, Padding::valid, 1, Bias::no>{},
                    GlobalAveragePool{},
                    Dense<16>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},
                    Dropout{0.25f},
                    Dense<3>{},
                    Softmax{}};
}

struct Outcome {
  std::vector<double> losses;
  std::vector<float> weights, outputs;
};

template <class Backend, class Optimizer = Adam, class Net = decltype(small_net())>
Outcome outcome(const Backend& backend, const Optimizer& optimizer = {.learning_rate = 1e-2f},
                const Net& net = small_net()) {
  const auto train = noise(20, 1), validation = noise(7, 2);
  Model model{net, backend, ModelOptions{.seed = 3}};
  const History history = fit(model, optimizer, CategoricalCrossentropy{.label_smoothing = 0.1f}, train, validation,
                              {.epochs = 3, .batch_size = 8, .seed = 5, .progress = Progress::none});
  Outcome found;
  for (const EpochResult& epoch : history.epochs) {
    found.losses.push_back(epoch.loss);
    found.losses.push_back(epoch.val_loss);
  }
  found.weights = model.get_weights();
  found.outputs = predict(model, validation, 4);
  return found;
}

void compare(const Outcome& found, const Outcome& expected, double bound) {
  REQUIRE(found.losses.size() == expected.losses.size());
  for (std::size_t i = 0; i < found.losses.size(); ++i)
    CHECK(found.losses[i] == Approx(expected.losses[i]).epsilon(bound));
  REQUIRE(found.weights.size() == expected.weights.size());
  double most = 0;
  for (std::size_t i = 0; i < found.weights.size(); ++i)
    most = std::max(most, std::abs(double(found.weights[i]) - double(expected.weights[i])));
  CHECK(most < 20 * bound);
  for (std::size_t i = 0; i < found.outputs.size(); ++i)
    CHECK(std::abs(found.outputs[i] - expected.outputs[i]) < 20 * bound);
}

}  // namespace

TEST_CASE("In float a training on the device is the CPU's") {
  const auto& runtime = stand_in::runtime();
  const int before = runtime.graphs_launched;
  compare(outcome(Cuda<Precision::fp32>{}), outcome(Cpu{1}), 1e-4);
  CHECK(runtime.graphs_launched > before + 5);  // steps were replayed, not only called
  CHECK(runtime.allocated.empty());
}

TEST_CASE("Convolutions and dense layers through cuDNN's graphs are the CPU's") {
  const SGD sgd{.learning_rate = 0.1f, .momentum = 0.9f};
  const Outcome expected = outcome(Cpu{1}, sgd, net_for_cudnn());
  compare(outcome(Cuda<Precision::fp32>{}, sgd, net_for_cudnn()), expected, 1e-5);
  compare(outcome(Unfused{Cuda<Precision::tf32>{}}, sgd, net_for_cudnn()), expected, 1e-5);
  compare(outcome(Cuda{}, sgd, net_for_cudnn()), expected, 1e-2);
}

TEST_CASE("In bfloat16 it is near to it") { compare(outcome(Cuda{}), outcome(Cpu{1}), 3e-2); }

TEST_CASE("With SGD and clipping, and unfused, it is the CPU's") {
  const SGD sgd{
      .learning_rate = 0.1f, .momentum = 0.9f, .nesterov = true, .weight_decay = 1e-3f, .global_clipnorm = 0.5f};
  compare(outcome(Cuda<Precision::fp32>{}, sgd), outcome(Cpu{1}, sgd), 1e-4);
  compare(outcome(Unfused{Cuda<Precision::fp32>{}}, sgd), outcome(Cpu{1}, sgd), 1e-4);
}

TEST_CASE("Two trainings on the device are equal bit for bit") {
  const Outcome first = outcome(Cuda{}), second = outcome(Cuda{});
  CHECK(first.losses == second.losses);
  CHECK(first.weights == second.weights);
}

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

TEST_CASE("A loss that is no number ends the training on the device with the weights as they were") {
  const auto train = noise(20, 1);
  Model model{small_net(), Cuda<Precision::fp32>{}};
  std::vector<float> bias = model.get_weights("dense_1/bias");
  bias[0] = NAN;
  model.set_weights("dense_1/bias", bias);
  const auto before = model.get_weights("conv2d/kernel");
  REQUIRE_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, train, {.progress = Progress::none}), TrainingError);
  CHECK(model.get_weights("conv2d/kernel") == before);
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

TEST_CASE("What a batch reports is of its own epoch, and of all its batches in the end") {
  const auto train = noise(20, 1);
  Model model{small_net(), Cuda{}};
  struct Watch {
    void on_train_batch_end(const TrainingState& t) { CHECK(t.seen <= std::int64_t(t.batch) * t.batch_size); }
    void on_epoch_end(const TrainingState& t) { CHECK(t.seen == 20); }
  } watch;
  fit(model, Adam{}, CategoricalCrossentropy{}, train, train,
      {.epochs = 3, .batch_size = 8, .progress = Progress::none}, watch);
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
  says([] { Cuda{}; }, {"driver", "update it"});
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
