// SPDX-License-Identifier: MIT
// What a person sees while training runs.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "ferlab/train/state.hpp"

namespace ferlab {

/// automatic: a bar on a terminal, lines in a log.
enum class Progress { automatic, bar, lines, none };

namespace detail {

/// A bar with the epoch's time left, images a second, loss and metrics; or one line an epoch (and one every half minute
/// within a long one), with the time left for all epochs. Allocates nothing.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(Progress style, std::FILE* out = stderr)
      : style_(style != Progress::automatic ? style
               : ::isatty(::fileno(out))    ? Progress::bar
                                            : Progress::lines),
        out_(out) {}

  void epoch_begins(const TrainingState& t) {
    start_ = shown_ = Clock::now();
    seen_before_ = t.seen;
  }

  void batch_ended(const TrainingState& t) {
    if (style_ == Progress::none) return;
    const auto now = Clock::now();
    if (seconds(shown_, now) < (style_ == Progress::bar ? 0.1 : 30.0)) return;
    shown_ = now;
    draw(t, now);
    std::fputs(style_ == Progress::bar ? "\033[K\r" : "\n", out_);
    std::fflush(out_);
  }

  void epoch_ended(const TrainingState& t) {
    if (style_ == Progress::none) return;
    const EpochResult& r = t.result;
    std::fprintf(out_, "Epoch %d/%d  loss %.4f", r.epoch + 1, t.epochs, r.loss);
    print_metrics(t, "", r.metrics);
    if (!std::isnan(r.val_loss)) {
      std::fprintf(out_, "  val_loss %.4f", r.val_loss);
      print_metrics(t, "val_", r.val_metrics);
    }
    std::fprintf(out_, "  learning rate %.3g  %.1f s  %.0f images/s", double(r.learning_rate), r.seconds,
                 r.images_per_second);
    if (const int to_go = t.epochs - r.epoch - 1; to_go > 0) {
      const double share = double(t.seen - seen_before_) / double(std::max<std::int64_t>(t.seen, 1));  // after a resume
      print_time_left(to_go * r.seconds / std::max(share, 1e-9));
    }
    std::fputs(style_ == Progress::bar ? "\033[K\n" : "\n", out_);
    std::fflush(out_);
  }

  void interrupted(const TrainingState& t) {
    if (style_ == Progress::none) return;
    if (t.batch > 0)
      std::fprintf(out_, "\nStopped in epoch %d after batch %d of %d.", t.epoch + 1, t.batch, t.batches);
    else
      std::fprintf(out_, "\nStopped after epoch %d of %d.", t.epoch, t.epochs);
    std::fputs(t.complete() ? " The training is complete.\n"
                            : " With a BackupAndRestore callback all is kept: run again with resume, and it goes on "
                              "exactly there.\n",
               out_);
    std::fflush(out_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  void draw(const TrainingState& t, Clock::time_point now) {
    constexpr int width = 24;
    char bar[width + 1];
    const int done = std::clamp(t.batches > 0 ? int(std::int64_t(width) * t.batch / t.batches) : 0, 0, width);
    std::memset(bar, '=', std::size_t(done));
    std::memset(bar + done, ' ', std::size_t(width - done));
    if (done < width) bar[done] = '>';
    bar[width] = 0;
    const double elapsed = std::max(seconds(start_, now), 1e-9);
    const double rate = double(t.seen - seen_before_) / elapsed;
    const double left = double(t.batches - t.batch) * double(t.batch_size) / std::max(rate, 1e-9);
    std::fprintf(out_, "Epoch %d/%d  [%s] %d/%d  %.0f s, %.0f s left  %.0f images/s  loss %.4f", t.epoch + 1, t.epochs,
                 bar, t.batch, t.batches, elapsed, left, rate, t.result.loss);
    print_metrics(t, "", t.result.metrics);
  }
  /// Of all epochs, if the others take as long as the last one did.
  void print_time_left(double left) const {
    const bool in_seconds = left < 100, in_minutes = left < 100 * 60;
    std::fprintf(out_, "  %.*f %s left", in_minutes ? 0 : 1,
                 left / (in_seconds   ? 1
                         : in_minutes ? 60
                                      : 3600),
                 in_seconds   ? "s"
                 : in_minutes ? "min"
                              : "h");
  }
  void print_metrics(const TrainingState& t, const char* prefix,
                     const std::array<double, ops::max_metrics>& values) const {
    for (std::size_t i = 0; i < t.history.metrics.size(); ++i)
      std::fprintf(out_, "  %s%s %.4f", prefix, t.history.metrics[i].name, values[i]);
  }

  Progress style_;
  std::FILE* out_;
  Clock::time_point start_{}, shown_{};
  std::int64_t seen_before_ = 0;
};

}  // namespace detail

}  // namespace ferlab
