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

/// Replaces {epoch}, {epoch:02d} (from 1), {loss}, {accuracy}, {val_loss}, {val_accuracy} and {val_loss:.4f} as
/// Python's format does. Throws ArgumentError for any other word in braces.
[[gnu::cold]] inline std::string checkpoint_path(std::string_view pattern, const EpochResult& r) {
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
    char text[64];
    int width = 0, digits = 6, used = 0;
    if (name == "epoch") {
      if (!format.empty() && (std::sscanf(format.c_str(), "%dd%n", &width, &used) != 1 ||
                              std::size_t(used) != format.size() || width > 20))
        throw ArgumentError("ModelCheckpoint: expected {epoch} or {epoch:02d}, got {" + word + "}");
      std::snprintf(text, sizeof text, format.starts_with('0') ? "%0*d" : "%*d", width, r.epoch + 1);
    } else {
      const Monitor* found = nullptr;
      for (const Monitor* m : {&train_loss, &train_accuracy, &val_loss, &val_accuracy})
        if (name == m->name) found = m;
      if (!found || (!format.empty() && (std::sscanf(format.c_str(), ".%df%n", &digits, &used) != 1 ||
                                         std::size_t(used) != format.size() || digits > 20)))
        throw ArgumentError(
            "ModelCheckpoint: expected {epoch}, {loss}, {accuracy}, {val_loss} or {val_accuracy}, as {val_loss:.4f}, "
            "got {" +
            word + "}");
      std::snprintf(text, sizeof text, "%.*f", digits, r.*(found->value));
    }
    path += text;
  }
  return path;
}

}  // namespace detail

/// Saves the model after every epoch, or with save_best_only after those that are the best so far (strictly). The path
/// may hold {epoch:02d} and {val_loss:.4f}; missing folders are made. As keras.callbacks.ModelCheckpoint.
struct ModelCheckpoint {
  std::string path;
  CheckpointOptions options{};

  void on_train_begin(TrainingState&) {
    detail::checkpoint_path(path, {});  // a bad pattern shows before the first epoch, not after it
    best = {};
  }
  template <class Training>
  void on_epoch_end(Training& t) {
    if (options.save_best_only &&
        !best.improves(options.monitor, detail::watched(options.monitor, t, "ModelCheckpoint"), 0))
      return;
    const std::string file = detail::checkpoint_path(path, t.result);
    formats::create_parent_folders(file);
    save_model(file, t.model, {.half = options.half});
  }
  void save(const auto& writer) const { writer.put("best", best.best); }
  void load(const auto& reader) { best.best = reader.template get<double>("best"); }

  // What it remembers.
  detail::BestSoFar best{};
};

}  // namespace ferlab
