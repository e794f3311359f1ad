// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "ferlab/callbacks/monitor.hpp"
#include "ferlab/persistence/model_file.hpp"

namespace ferlab {

struct CheckpointOptions {
  Monitor monitor = val_loss;
  bool save_best_only = false;
  bool half = false;  ///< weights as F16
};

namespace detail {

/// The number of an epoch that a file name calls `name`: loss, val_loss, accuracy, val_accuracy ... Throws
/// ArgumentError where fit does not measure it.
[[gnu::cold]] inline double named_value(std::string_view name, const History& history, const EpochResult& r) {
  const bool validation = name.starts_with("val_");
  const std::string_view bare = validation ? name.substr(4) : name;
  if (bare == "loss") return validation ? r.val_loss : r.loss;
  std::string names = "{epoch}, {loss}, {val_loss}";
  for (std::size_t i = 0; i < history.metrics.size(); ++i) {
    const std::string metric = history.metrics[i].name;
    if (name == metric) return r.metrics[i];
    if (validation && bare == metric) return r.val_metrics[i];
    names += ", {" + metric + "}, {val_" + metric + "}";
  }
  throw ArgumentError("ModelCheckpoint: the file name has {" + std::string(name) + "}, but this fit has " + names);
}

/// Replaces {epoch}, {epoch:02d} (from 1), {loss}, {val_loss}, a metric's {accuracy}, {val_accuracy}, and
/// {val_loss:.4f} as Python's format does. Throws ArgumentError for any other word in braces.
[[gnu::cold]] inline std::string checkpoint_path(std::string_view pattern, const History& history,
                                                 const EpochResult& r) {
  std::string path;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{'), close = pattern.find('}', open);
    path += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    if (close == std::string_view::npos) throw ArgumentError("ModelCheckpoint: '{' without '}' in the file name");
    const std::string word(pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
    const std::size_t colon = word.find(':');
    const std::string name = word.substr(0, colon), format = colon == std::string::npos ? "" : word.substr(colon + 1);
    char text[400];
    int width = 0, digits = 6, used = 0;
    if (name == "epoch") {
      if (!format.empty() && (std::sscanf(format.c_str(), "%dd%n", &width, &used) != 1 ||
                              std::size_t(used) != format.size() || width > 20))
        throw ArgumentError("ModelCheckpoint: expected {epoch} or {epoch:02d}, got {" + word + "}");
      std::snprintf(text, sizeof text, format.starts_with('0') ? "%0*d" : "%*d", width, r.epoch + 1);
    } else {
      const double value = named_value(name, history, r);
      if (!format.empty() && (std::sscanf(format.c_str(), ".%df%n", &digits, &used) != 1 ||
                              std::size_t(used) != format.size() || digits > 20))
        throw ArgumentError("ModelCheckpoint: expected a number as {" + name + ":.4f}, got {" + word + "}");
      std::snprintf(text, sizeof text, "%.*f", digits, value);
    }
    path += text;
  }
  return path;
}

}  // namespace detail

/// Saves the model after every epoch, or with save_best_only after those that are the best so far (strictly). The path
/// may hold {epoch:02d} and {val_loss:.4f}; missing folders are made. As keras.callbacks.ModelCheckpoint. Training
/// waits while the model is copied; a thread writes it before the next file of the run is begun (so a backup never
/// speaks of a model that is not on disk), and before on_train_end. Errors of writing are thrown by fit: after a batch,
/// or at the end.
struct ModelCheckpoint {
  std::string path;
  CheckpointOptions options{};

  void on_train_begin(TrainingState& t) {
    detail::checkpoint_path(path, t.history, {});  // a bad pattern shows before the first epoch, not after it
    if (options.save_best_only) detail::check_monitor(options.monitor, t, name);
    best = {};
  }
  template <class Training>
  void on_epoch_end(Training& t) {
    if (options.save_best_only && !best.improves(options.monitor, t.history.value(t.result, options.monitor), 0))
      return;
    const std::string file = detail::checkpoint_path(path, t.history, t.result);
    formats::create_parent_folders(file);
    t.files.finish();  // before the copy: there is one at a time
    t.files.start([file, contents = detail::model_contents(t.model, {.half = options.half})] { contents.write(file); });
  }

  static constexpr const char* name = "ModelCheckpoint";
  std::string identity() const { return options.save_best_only ? path + ", " + options.monitor.name : path; }
  void remembers(auto& each) { each("best", best.best); }

  // What it remembers.
  detail::BestSoFar best{};
};

}  // namespace ferlab
