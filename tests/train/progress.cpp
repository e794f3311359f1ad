// SPDX-License-Identifier: MIT
#include <ferlab/train/progress.hpp>

#include <string>

#include "support/catch.hpp"

using namespace ferlab;

namespace {
/// What a display writes when shown one epoch of two batches.
std::string shown(Progress style, double seconds_an_epoch = 0, std::int64_t seen_before = 0) {
  std::FILE* file = std::tmpfile();
  detail::ProgressDisplay display(style, file);
  TrainingState t;
  t.epochs = 3;
  t.epoch = 1;
  t.batches = 2;
  t.batch_size = 8;
  t.history.metrics = {detail::metric_info<Accuracy>()};
  t.seen = seen_before;
  display.epoch_begins(t);
  for (t.batch = 1; t.batch <= 2; ++t.batch) {
    t.seen += 8;
    if (style == Progress::bar) ::usleep(120'000);  // it is redrawn ten times a second at most
    display.batch_ended(t);
  }
  t.result.epoch = 1;
  t.result.seconds = seconds_an_epoch;
  t.result.loss = 0.5;
  t.result.metrics[0] = 0.25;
  display.epoch_ended(t);
  t.result.val_loss = 0.75;
  t.result.val_metrics[0] = 0.125;
  display.epoch_ended(t);
  t.batch = 1;
  display.interrupted(t);
  t.batch = 0;
  for (t.epoch = 2; t.epoch <= 3; ++t.epoch) display.interrupted(t);
  std::string text(std::size_t(std::ftell(file)), '\0');
  std::rewind(file);
  REQUIRE(std::fread(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
  return text;
}
}  // namespace

TEST_CASE("progress: a line an epoch in a log, none on request") {
  const std::string lines = shown(Progress::lines);
  CHECK(lines == shown(Progress::automatic));  // a file is no terminal
  CHECK(lines.find("Epoch 2/3  loss 0.5000  accuracy 0.2500  learning rate") != std::string::npos);
  CHECK(lines.find("val_loss 0.7500  val_accuracy 0.1250") != std::string::npos);
  CHECK(lines.find("Stopped in epoch 2 after batch 1 of 2") != std::string::npos);
  CHECK(lines.find("Stopped after epoch 2 of 3. With a BackupAndRestore") != std::string::npos);
  CHECK(lines.find("run again with resume") != std::string::npos);
  CHECK(lines.find("Stopped after epoch 3 of 3. The training is complete.\n") != std::string::npos);
  CHECK(lines.find('\r') == std::string::npos);
  CHECK(lines.find('\033') == std::string::npos);
  CHECK(shown(Progress::none).empty());
}

TEST_CASE("progress: the time left for all epochs") {
  CHECK(shown(Progress::lines, 50).find("images/s  50 s left\n") != std::string::npos);
  CHECK(shown(Progress::lines, 600).find("  10 min left\n") != std::string::npos);
  CHECK(shown(Progress::lines, 9000).find("  2.5 h left\n") != std::string::npos);
  CHECK(shown(Progress::lines, 10, 16).find("  20 s left\n") != std::string::npos);  // resumed half way
}

TEST_CASE("progress: the bar is redrawn in place, and ends in a whole line") {
  const std::string bar = shown(Progress::bar);
  CHECK(bar.find("Epoch 2/3  [============>           ] 1/2") != std::string::npos);
  CHECK(bar.find("s left") != std::string::npos);
  CHECK(bar.find("images/s") != std::string::npos);
  CHECK(bar.find('\r') != std::string::npos);
  CHECK(bar.find("Epoch 2/3  loss 0.5000") != std::string::npos);
  CHECK(bar.back() == '\n');
}
