// SPDX-License-Identifier: MIT
// What only a device can say of its memory; tests/cuda_backend/ counts allocations without one.
#include "cuda_backend/small_trainings.hpp"

using namespace small;

namespace {

std::size_t free_bytes() {
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for free memory");
  return free;
}

/// The device's free memory at the end of each epoch.
struct Watch {
  std::vector<std::size_t> free;
  void on_epoch_end(const TrainingState&) { free.push_back(free_bytes()); }
};

template <class Net>
void check_flat(const Net& net) {
  const auto train = noise(200, 1), validation = noise(70, 2);
  Model model{net, Cuda{}};
  Watch watch;
  fit(model, Adam{}, CategoricalCrossentropy{}, train, validation,
      {.epochs = 30, .batch_size = 16, .progress = Progress::none}, watch);
  REQUIRE(watch.free.size() == 30);
  // The first epoch records its steps, and CUDA may make room for them when they are launched for the first time.
  for (std::size_t epoch = 2; epoch < watch.free.size(); ++epoch) CHECK(watch.free[epoch] >= watch.free[1]);
}

}  // namespace

TEST_CASE("After its second epoch a training takes no more of the device's memory") {
  check_flat(small_net());
  check_flat(net_for_cudnn());
}

TEST_CASE("Trainings one after the other give all memory back") {
  check_flat(small_net());  // what CUDA and cuDNN load once, they keep
  const std::size_t before = free_bytes();
  for (int i = 0; i < 3; ++i) check_flat(small_net());
  constexpr std::size_t of_the_drivers_own = std::size_t(4) << 20;  // it frees in pieces
  CHECK(free_bytes() + of_the_drivers_own >= before);
}
