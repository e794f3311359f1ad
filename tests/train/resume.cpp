// SPDX-License-Identifier: MIT
// Stopping at any moment and going on equals never having stopped, bit for bit.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "support/catch.hpp"
#include "support/small_run.hpp"

using namespace ferlab;
using test::bars;
using test::bits;
using test::small_net;

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ferlab-resume-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

const FitOptions options{.epochs = 4,
                         .batch_size = 16,
                         .seed = 5,
                         .augmentation = {.shift = 0.05f, .rotate = 5},
                         .progress = Progress::none};

/// One run to the end; `more` is called as a callback.
template <class... More>
std::vector<std::byte> run(const std::string& backup, bool resume, More&&... more) {
  Model model{small_net(), Cpu{2}, {.seed = 3}};
  fit(model, Adam{.learning_rate = 3e-3f}, CategoricalCrossentropy{}, bars(150), bars(30, 2), options,
      ReduceLROnPlateau{.monitor = val_loss, .factor = 0.5f, .patience = 1, .min_delta = 0.5f},
      std::forward<More>(more)..., BackupAndRestore{backup, {.resume = resume, .save_freq_seconds = 0}});
  return bits(model);
}

}  // namespace

TEST_CASE("a run stopped by Ctrl-C inside an epoch goes on bit for bit") {
  const Folder folder;
  const auto whole = run(folder.path / "whole.safetensors", false);
  struct Interrupt {
    std::uint64_t at;
    void on_train_batch_end(const TrainingState& t) {
      if (t.step == at) std::raise(SIGINT);
    }
  };
  for (std::uint64_t at : {1, 7, 10, 15, 39}) {  // 10 batches an epoch
    INFO("stopped after step " << at);
    const std::string backup = folder.path / ("stop" + std::to_string(at) + ".safetensors");
    const bool unfinished = run(backup, true, Interrupt{at}) != whole;
    CHECK(unfinished);
    const bool same = run(backup, true) == whole;
    CHECK(same);
  }
}

TEST_CASE("a run killed at any moment goes on bit for bit") {
  const Folder folder;
  const auto whole = run(folder.path / "whole.safetensors", false);
  const char* rounds = std::getenv("FERLAB_KILL_ROUNDS");
  const RandomStream random{.seed = std::uint64_t(::getpid())};
  for (int round = 0; round < (rounds ? std::atoi(rounds) : 3); ++round) {
    const std::string backup = folder.path / ("kill" + std::to_string(round) + ".safetensors");
    int kills = 0;
    for (int attempt = 0;; ++attempt) {
      const pid_t child = ::fork();
      if (child == 0) {
        run(backup, true);
        ::_exit(0);
      }
      const bool last = attempt >= 5;
      if (!last) {
        ::usleep(2000 + random.below(std::uint64_t(round) * 100 + std::uint64_t(attempt), 60000));
        ::kill(child, SIGKILL);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      kills += WIFSIGNALED(status);
      if (WIFEXITED(status)) {
        REQUIRE(WEXITSTATUS(status) == 0);
        break;
      }
    }
    INFO(kills << " kills");
    const bool same = run(backup, true) == whole;  // nothing left to do: the finished state comes from the file
    CHECK(same);
  }
}

TEST_CASE("a run is not resumed into another one") {
  const Folder folder;
  const std::string backup = folder.path / "run.safetensors";
  run(backup, false);
  const auto resume = [&](auto net, FitOptions changed) {
    Model model{net, Cpu{1}};
    const auto before = bits(model);
    try {
      fit(model, Adam{}, CategoricalCrossentropy{}, bars(150), changed, BackupAndRestore{backup, {.resume = true}});
      FAIL("no error");
    } catch (const FormatError& e) {
      CHECK(before == bits(model));
      CHECK(model.class_names.empty());
      return std::string(e.what());
    }
    return std::string();
  };
  FitOptions changed = options;
  changed.batch_size = 8;
  CHECK(resume(small_net(), changed).find("batch_size 16, this one has 8") != std::string::npos);
  const Sequential other{Input<12, 12, 1>{}, Flatten{}, Dense<3>{}, Softmax{}};
  CHECK(resume(other, options).find("dense/kernel") != std::string::npos);
  std::filesystem::resize_file(backup, std::filesystem::file_size(backup) / 2);
  CHECK(resume(small_net(), options).find(backup) != std::string::npos);
}
