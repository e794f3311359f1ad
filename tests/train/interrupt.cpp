// SPDX-License-Identifier: MIT
// Ctrl-C at any moment of a training: it is seen, and what was saved goes on to the same bits.
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <csignal>

#include "support/catch.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

namespace {

/// The next one sends the signal.
std::atomic<bool> in_next_dense = false, in_next_write = false;

/// A backend in whose passes the signal may come.
struct RaisingCpu : Cpu {
  using Cpu::Cpu;
};

template <class T>
void run(const RaisingCpu& cpu, const ops::Dense& op, const ops::Memory<T>& m) {
  if (in_next_dense.exchange(false)) std::raise(SIGINT);
  run(static_cast<const Cpu&>(cpu), op, m);
}

ssize_t raising_write(int file, const void* data, std::size_t size) {
  if (in_next_write.exchange(false)) std::raise(SIGINT);  // in the thread that writes
  return ::write(file, data, size);
}

enum class Moment {
  never,
  train_begin,
  restore,
  epoch_begin,
  batch_1,
  batch_2,
  batch_4,  // the last
  validation,
  epoch_end,
  saving,
  writing,
  saved,
  train_end
};

/// Where it came, or would come: an epoch of four batches.
struct When {
  Moment moment = Moment::never;
  int epoch = 0;
  int signal = SIGINT;
};

/// Sends the signal. Notes where the run ended.
struct Raise {
  When when;
  int epoch = 0, batch = 0;

  void on_train_begin(TrainingState&) { at(Moment::train_begin, when.epoch); }
  void on_restore(TrainingState&) { at(Moment::restore, when.epoch); }
  void on_epoch_begin(TrainingState& t) { at(Moment::epoch_begin, t.epoch); }
  void on_train_batch_end(TrainingState& t) {
    if (t.batch == 1) at(Moment::batch_1, t.epoch);
    if (t.batch == 2) at(Moment::batch_2, t.epoch);
    if (t.batch < t.batches) return;
    at(Moment::batch_4, t.epoch);
    if (when.moment == Moment::validation && when.epoch == t.epoch) in_next_dense = true;
  }
  void on_epoch_end(TrainingState& t) { at(Moment::epoch_end, t.epoch); }
  void on_settled(TrainingState& t) {
    if (t.batch > 0) return;
    at(Moment::saving, t.epoch - 1);
    if (when.moment == Moment::writing && when.epoch == t.epoch - 1) in_next_write = true;
  }
  void on_train_end(TrainingState& t) {
    at(Moment::train_end, t.epoch - 1);
    epoch = t.epoch;
    batch = t.batch;
  }

 private:
  void at(Moment now, int in_epoch) const {
    if (now == when.moment && in_epoch == when.epoch) std::raise(when.signal);
  }
};

/// Comes after the look of BackupAndRestore.
struct RaiseAfterwards {
  When when;
  void on_settled(TrainingState& t) const {
    if (when.moment == Moment::saved && t.batch == 0 && t.epoch - 1 == when.epoch) std::raise(when.signal);
  }
};

constexpr int epochs = 3;

struct Ended {
  std::vector<std::byte> weights;
  bool interrupted;
  int epoch, batch;  // where
  std::size_t measured;
};

Ended train(const std::string& backup, When when, double save_freq_seconds) {
  Model model{test::small_net(), RaisingCpu{1}, {.seed = 3}};
  Raise raise{when};
  const History history =
      fit(model, Adam{.learning_rate = 1e-2f}, CategoricalCrossentropy{}, test::bars(60), test::bars(20, 2),
          {.epochs = epochs, .batch_size = 16, .seed = 5, .progress = Progress::none},
          EarlyStopping{.monitor = val_loss, .patience = 9, .restore_best_weights = true}, raise,
          BackupAndRestore{backup, {.resume = true, .save_freq_seconds = save_freq_seconds}}, RaiseAfterwards{when});
  return {test::bits(model), history.interrupted, raise.epoch, raise.batch, history.epochs.size()};
}

/// Stops there, and goes on.
void check(When when, int epoch, int batch, double save_freq_seconds) {
  INFO("moment " << int(when.moment) << " of epoch " << when.epoch << ", save_freq_seconds " << save_freq_seconds);
  const test::TemporaryFolder folder;
  static const Ended whole = train(folder / "whole", {}, INFINITY);
  REQUIRE_FALSE(whole.interrupted);
  const Ended stopped = train(folder / "backup", when, save_freq_seconds);
  CHECK(stopped.interrupted);
  CHECK(stopped.epoch == epoch);
  CHECK(stopped.batch == batch);
  CHECK(stopped.measured == std::size_t(epoch));
  CHECK((stopped.weights == whole.weights) == (epoch == epochs));  // complete: the best weights are given back too
  const Ended resumed = train(folder / "backup", {}, save_freq_seconds);
  CHECK_FALSE(resumed.interrupted);
  CHECK(resumed.measured == std::size_t(epochs));
  const bool same = resumed.weights == whole.weights;
  CHECK(same);
}

}  // namespace

TEST_CASE("Ctrl-C at any moment of any epoch is seen, and nothing is lost") {
  for (const double save_freq_seconds : {double(INFINITY), 0.0}) {
    for (const Moment before : {Moment::train_begin, Moment::restore}) check({before}, 0, 1, save_freq_seconds);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      const auto stops = [&](Moment moment, int at_epoch, int at_batch) {
        check({moment, epoch}, at_epoch, at_batch, save_freq_seconds);
      };
      for (const Moment early : {Moment::epoch_begin, Moment::batch_1}) stops(early, epoch, 1);
      stops(Moment::batch_2, epoch, 2);
      for (const Moment late : {Moment::batch_4, Moment::validation, Moment::epoch_end}) stops(late, epoch + 1, 0);
      const bool last = epoch + 1 == epochs;  // no batch comes after
      for (const Moment later : {Moment::saving, Moment::saved}) stops(later, epoch + 1, last ? 0 : 1);
      if (last) stops(Moment::train_end, epochs, 0);
    }
  }
}

TEST_CASE("Ctrl-C while a thread writes the training's file is seen") {
  formats::detail::file_calls.write = raising_write;
  check({Moment::writing, epochs - 1}, epochs, 0, INFINITY);
  const test::TemporaryFolder folder;
  const Ended stopped = train(folder / "backup", {Moment::writing, 0}, 0);  // when it is seen is up to the thread
  formats::detail::file_calls = {};
  CHECK(stopped.interrupted);
  const bool same = train(folder / "backup", {}, 0).weights == train(folder / "whole", {}, 0).weights;
  CHECK(same);
}

TEST_CASE("SIGTERM is as Ctrl-C, and after fit both are as before") {
  static volatile std::sig_atomic_t seen = 0;
  const auto previous = std::signal(SIGINT, [](int) { seen = 1; });
  check({Moment::epoch_end, epochs - 1, SIGTERM}, epochs, 0, INFINITY);
  std::raise(SIGINT);
  CHECK(seen == 1);
  std::signal(SIGINT, previous);
}
