// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <string>
#include <utility>

#include "ferlab/persistence/training_file.hpp"

namespace ferlab {

struct BackupOptions {
  bool resume = false;            ///< continue from the file if it is there
  double save_freq_seconds = 60;  ///< between the beginnings of two saves, at least; 0: after each batch
};

/// Keeps the whole training in one file, so that a run that was stopped in any way goes on where the file was written,
/// bit for bit. As keras.callbacks.BackupAndRestore, but by time: after each batch and each epoch it looks whether
/// save_freq_seconds have passed, and a run's end (all epochs, a callback's stop, Ctrl-C) is always saved. Training
/// waits while the state is copied, not while the file is written; but where the write before is still going on when a
/// save is due, for that one. A copy takes as much memory as the file. The file is there when fit returns, and errors
/// of writing are thrown by fit: after a batch, or at the end. Give it last: callbacks before it have then finished
/// their part.
class BackupAndRestore {
 public:
  /// Throws ArgumentError for save_freq_seconds below 0.
  explicit BackupAndRestore(std::string path, BackupOptions options = {}) : path_(std::move(path)), options_(options) {
    if (!(options.save_freq_seconds >= 0))
      throw ArgumentError("BackupAndRestore: expected save_freq_seconds of at least 0, got " +
                          std::to_string(options.save_freq_seconds));
  }

  void on_train_begin(TrainingState&) {
    formats::create_parent_folders(path_);
    last_ = Clock::now();
  }
  template <class Training, class Hooks>
  void on_restore(Training& t, Hooks& hooks) {
    struct stat info {};
    if (options_.resume && ::stat(path_.c_str(), &info) == 0) load_training(path_, t, hooks);
  }
  template <class Training, class Hooks>
  void on_settled(Training& t, Hooks& hooks) {
    const auto now = Clock::now();
    if (!t.ends() && std::chrono::duration<double>(now - last_).count() < options_.save_freq_seconds) return;
    last_ = now;
    if (t.batch > 0) t.synchronize();  // between epochs nothing is on its way, and the sums start anew
    t.files.finish();                  // before the copy: there is one at a time
    t.files.start([path = path_, contents = detail::training_contents(t, hooks)] { contents.write(path); });
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string path_;
  BackupOptions options_;
  Clock::time_point last_{};  // when the last save began; at first, when the run did
};

}  // namespace ferlab
