// SPDX-License-Identifier: MIT
// Whole trainings on the CUDA backend against the CPU: on a device where there is one (test_cuda_backend_gpu), else its
// kernels run by the emulator, CUDA's runtime, cuDNN and cuBLASLt by stand-ins.
#include "cuda_backend/small_trainings.hpp"
#include "support/temporary_folder.hpp"

using namespace small;

TEST_CASE("In float a training on the device is the CPU's") {
  compare(outcome(Cuda<Precision::fp32>{}), outcome(Cpu{1}), 1e-4);
}

TEST_CASE("Convolutions through cuDNN's graphs are the CPU's") {
  const SGD sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  const Outcome expected = outcome(Cpu{1}, sgd, net_for_cudnn());
  compare(outcome(Cuda<Precision::fp32>{}, sgd, net_for_cudnn()), expected, 1e-5);
  compare(outcome(Unfused{Cuda<Precision::tf32>{}}, sgd, net_for_cudnn()), expected, tf32_bound);
  compare(outcome(Cuda{}, sgd, net_for_cudnn()), expected, 1e-2);
}

TEST_CASE("Convolutions by our own kernels on tensor cores are the CPU's, and repeat bit for bit") {
  const SGD sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  const Cuda own{{.own_convolutions = true}};
  const Outcome found = outcome(own, sgd, net_for_cudnn());
  compare(found, outcome(Cpu{1}, sgd, net_for_cudnn()), 1e-2);
  compare(found, outcome(Cuda{}, sgd, net_for_cudnn()), own_bound);
  CHECK(outcome(own, sgd, net_for_cudnn()).weights == found.weights);
}

TEST_CASE("In bfloat16 it is near to it") { compare(outcome(Cuda{}), outcome(Cpu{1}), 3e-2); }

TEST_CASE("With SGD and clipping, and unfused, it is the CPU's") {
  const SGD sgd{
      .learning_rate = 0.1f, .momentum = 0.9f, .nesterov = true, .weight_decay = 1e-3f, .global_clipnorm = 0.5f};
  compare(outcome(Cuda<Precision::fp32>{}, sgd), outcome(Cpu{1}, sgd), 1e-4);
  compare(outcome(Unfused{Cuda<Precision::fp32>{}}, sgd), outcome(Cpu{1}, sgd), 1e-4);
}

TEST_CASE("Training images are changed at random as on the CPU") {
  const data::Augmentation all{.mirror = true, .shift = 0.1f, .rotate = 20, .zoom = 0.2f, .erase = 0.5f};
  const SGD sgd{.learning_rate = 1e-2f};
  const Outcome expected = outcome(Cpu{1}, sgd, small_net(), all);
  compare(outcome(Cuda<Precision::fp32>{}, sgd, small_net(), all), expected, 1e-5);
  CHECK(outcome(Cpu{1}, sgd).losses != expected.losses);
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

TEST_CASE("What is no number is found in the gradients where a ReLU has hidden it from the loss") {
  const auto train = noise(20, 1);
  Model model{net_for_cudnn(), Cuda{}};
  std::vector<float> kernel = model.get_weights("conv2d_2/kernel");  // a ReLU follows
  kernel[0] = NAN;
  model.set_weights("conv2d_2/kernel", kernel);
  REQUIRE_THROWS_AS(fit(model, Adam{}, CategoricalCrossentropy{}, train, {.progress = Progress::none}), TrainingError);
  for (const char* name : {"conv2d/kernel", "conv2d_1/kernel", "dense/kernel", "dense_1/bias"})
    for (const float weight : model.get_weights(name)) CHECK(std::isfinite(weight));
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
