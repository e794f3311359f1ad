// SPDX-License-Identifier: MIT
// What the CPU's own kernels are held to holds for Eigen's: PyTorch's numbers, gradients, resume.
#include "eigen/strict_eigen.hpp"

#include <csignal>

#include "golden/compare.hpp"
#include "support/gradient_check.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::check_gradients;
using test::Shift;

TEST_CASE("PyTorch's numbers, fused and unfused") {
  golden::compare<double>(EigenCpu{}, 1e-9, 1e-9);
  golden::compare<double>(Unfused{EigenCpu{}}, 1e-9, 1e-9);
  golden::compare<float>(EigenCpu{}, 1e-4, 1e-3);
}

TEST_CASE("gradients of the layers") {
  const EigenCpu eigen;
  check_gradients(Sequential{Input<5, 6, 2>{}, Shift{}, Conv2D<3, 3>{}, ReLU{}, BatchNorm{}}, 3, eigen);
  check_gradients(Sequential{Input<7, 5, 1>{}, Shift{}, Conv2D<4, 3, Padding::same, 2>{}}, 3, eigen);
  check_gradients(Sequential{Input<6, 6, 2>{}, Shift{}, MaxPool<2>{}, Flatten{}, Dense<5>{}, Softmax{}}, 3, eigen);
  check_gradients(Sequential{Input<5, 5, 2>{}, Shift{}, AveragePool<3, 2, Padding::same>{}, Dropout{0.3f}}, 3, eigen);
  check_gradients(Sequential{Input<4, 4, 3>{}, Shift{}, Residual{Conv2D<3, 3>{}, ReLU{}}, GlobalAveragePool{}}, 3,
                  eigen);
}

namespace {

struct Interrupt {
  std::uint64_t at;
  void on_train_batch_end(const TrainingState& t) {
    if (t.step == at) std::raise(SIGINT);
  }
};

template <class... More>
std::vector<std::byte> run(const std::string& backup, bool resume, More&&... more) {
  Model model{test::small_net(), EigenCpu{}, {.seed = 3}};
  fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, test::bars(90), test::bars(30, 2),
      {.epochs = 3, .batch_size = 16, .seed = 5, .progress = Progress::none}, std::forward<More>(more)...,
      BackupAndRestore{backup, {.resume = resume}});
  return test::bits(model);
}

}  // namespace

TEST_CASE("a run that was stopped goes on bit for bit") {
  const test::TemporaryFolder folder;
  const auto whole = run(folder / "whole.safetensors", false);
  for (std::uint64_t at : {2, 6, 9}) {  // 6 batches an epoch
    const std::string backup = folder / ("stop" + std::to_string(at) + ".safetensors");
    const bool unfinished = run(backup, true, Interrupt{at}) != whole;
    CHECK(unfinished);
    const bool same = run(backup, true) == whole;
    CHECK(same);
  }
}
