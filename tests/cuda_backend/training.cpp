// SPDX-License-Identifier: MIT
// Whole trainings on the CUDA backend against the CPU: on a device where there is one (test_cuda_backend_gpu), else its
// kernels run by the emulator, CUDA's runtime, cuDNN and cuBLASLt by stand-ins.
#include "cuda_backend/small_trainings.hpp"

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
