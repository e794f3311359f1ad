// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <string>

#include "ferlab/persistence/training_file.hpp"

namespace ferlab {

struct BackupOptions {
  bool resume = false;        ///< continue from the file if it is there
  int save_freq_batches = 0;  ///< also every so many batches; 0: after each epoch only (and when Ctrl-C stops the run)
};

/// Keeps the whole training in one file, so that a run that was stopped in any way goes on where the file was written,
/// bit for bit. As keras.callbacks.BackupAndRestore. Give it last: callbacks before it have then finished their part of
/// a batch.
class BackupAndRestore {
 public:
  explicit BackupAndRestore(std::string path, BackupOptions options = {}) : path_(std::move(path)), options_(options) {}

  void on_train_begin(TrainingState&) { formats::create_parent_folders(path_); }
  template <class Training, class Hooks>
  void on_restore(Training& t, Hooks& hooks) {
    struct stat info {};
    if (options_.resume && ::stat(path_.c_str(), &info) == 0) load_training(path_, t, hooks);
  }
  template <class Training, class Hooks>
  void on_settled(Training& t, Hooks& hooks) {
    save_training(path_, t, hooks);
  }
  template <class Training, class Hooks>
  void on_train_batch_end(Training& t, Hooks& hooks) {
    if (options_.save_freq_batches > 0 && t.batch % options_.save_freq_batches == 0 && t.batch < t.batches) {
      t.synchronize();
      save_training(path_, t, hooks);
    }
  }

 private:
  std::string path_;
  BackupOptions options_;
};

}  // namespace ferlab
