// SPDX-License-Identifier: MIT
// fer2013 train: the right way by default, the tutorial's way on request.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "backends.hpp"
#include "commands.hpp"
#include "data_source.hpp"
#include "nets.hpp"
#include "output_lock.hpp"
#include "pictures.hpp"

namespace fer2013 {

namespace {

struct Parts {
  data::Dataset training, validation, test;
  const char* chosen_on;  ///< what the validation rows are called
};

/// Training on Training, the model chosen on PublicTest, PrivateTest untouched. Without PublicTest a stratified tenth
/// of Training is chosen on; without any Usage there are two stratified tenths. Throws DataError where there are
/// Usages, but none to train on.
Parts official_split(const data::Dataset& all, bool is_folder) {
  const std::size_t unknown_rows = all.with_usage(data::Usage::unknown).size();
  data::UsageSplit parts = unknown_rows < all.size() ? all.split_by_usage() : data::UsageSplit{};
  if (!parts.training.empty() && !parts.validation.empty())
    return {parts.training, parts.validation, parts.test, "PublicTest"};
  data::TenthsSplit split;
  if (!parts.training.empty()) {
    split = data::split_off_tenth(parts.training);
    split.test = parts.test;
    std::fprintf(stderr, "No %s: a stratified tenth of %s is kept for validation.\n",
                 is_folder ? "folder val" : "PublicTest", is_folder ? "train" : "Training");
  } else if (unknown_rows == all.size()) {
    split = data::split_in_tenths(all);
    std::fprintf(stderr, "No %s: a stratified tenth is kept for validation, and one for test.\n",
                 is_folder ? "folders train, val and test" : "Usage column");
  } else if (is_folder) {
    throw DataError("the folder has no pictures in train, but " + std::to_string(parts.validation.size()) +
                    " in val and " + std::to_string(parts.test.size()) +
                    " in test; training needs train. Give one of these folders itself to split it at random");
  } else {
    throw DataError("the CSV has no rows with Usage Training, but " + std::to_string(parts.validation.size()) +
                    " with PublicTest and " + std::to_string(parts.test.size()) +
                    " with PrivateTest; training needs Training. Without a Usage column, rows are split at random");
  }
  if (split.kept > 0)
    std::fprintf(stderr, "%zu row%s of classes with fewer than %zu: all kept for training.\n", split.kept,
                 split.kept == 1 ? "" : "s", data::TenthsSplit::fewest);
  return {split.training, split.validation, split.test, "validation split"};
}

/// The tutorial ignores Usage and splits twice at random.
Parts tutorial_split(const data::Dataset& all) {
  const auto [rest, test] = data::train_test_split(all, {.test_size = 0.1, .random_state = 42});
  const auto [training, validation] = data::train_test_split(rest, {.test_size = 0.1, .random_state = 41});
  return {training, validation, test, "validation split"};
}

/// The net with what --no-dropout and --l2 say of its layers.
template <class Net>
Net regularized(Net net, const TrainOptions& options) {
  net.for_each_layer([&](auto& layer) {
    if constexpr (requires { layer.rate; })
      if (!options.dropout) layer.rate = 0;
    if constexpr (requires { layer.kernel_regularizer; })
      if (options.l2 > 0) layer.kernel_regularizer = L2{options.l2};
  });
  return net;
}

/// Says once that a training has gone wrong: a loss far above that of a guess among all classes.
struct WarnAboveChance {
  double guess;
  bool said = false;

  void on_epoch_end(const TrainingState& t) {
    if (said || !(t.result.loss > 3 * guess)) return;
    said = true;
    std::fprintf(stderr,
                 "The loss %.3g is far above %.2f, that of guessing: this training has gone wrong. Try a lower "
                 "--learning-rate than %g.\n",
                 t.result.loss, guess, double(t.result.learning_rate));
  }
};

template <class M>
int report(const TrainOptions& options, M& model, const History& history, const Parts& parts, double seconds) {
  const std::string best = options.output + "/best.safetensors";
  load_model(best, model);
  const std::string csv = options.output + "/history.csv";
  draw_curves(options.output + "/curves.png", history);
  const data::Dataset& scored = options.tutorial ? parts.test : parts.validation;
  std::vector<float> outputs;
  const auto result = evaluate(model, scored, outputs);
  const double accuracy = result.of(Accuracy{});
  draw_confusion_matrix(options.output + "/confusion_matrix.png",
                        confusion_matrix(std::span<const float>(outputs), scored, int(model.class_names.size())),
                        model.class_names);
  draw_mistakes(options.output + "/mistakes.png", scored, outputs, model.class_names);
  const char* what = options.tutorial ? "test split" : parts.chosen_on;
  std::fprintf(stderr,
               "\nThe best model on the %s: loss %.4f, accuracy %.2f %% of %zu images; %zu epochs in %.0f s\n"
               "  weights       %s\n  curves        %s/curves.png, %s\n  confusions    %s/confusion_matrix.png\n"
               "  mistakes      %s/mistakes.png\n  TensorBoard   tensorboard --logdir %s/logs\n",
               what, result.loss, 100 * accuracy, scored.size(), history.epochs.size(), seconds, best.c_str(),
               options.output.c_str(), csv.c_str(), options.output.c_str(), options.output.c_str(),
               options.output.c_str());
  if (options.json) {
    nlohmann::json json{{"net", options.net},   {"model", best},           {"loss", result.loss},
                        {"accuracy", accuracy}, {"images", scored.size()}, {"epochs", history.epochs.size()},
                        {"seconds", seconds},   {"seed", options.seed}};
    for (const EpochResult& r : history.epochs)
      json["history"].push_back({{"epoch", r.epoch + 1},
                                 {"loss", r.loss},
                                 {"accuracy", r.metrics[0]},
                                 {"val_loss", r.val_loss},
                                 {"val_accuracy", r.val_metrics[0]},
                                 {"learning_rate", r.learning_rate},
                                 {"seconds", r.seconds},
                                 {"images_per_second", r.images_per_second}});
    std::cout << json.dump() << "\n";
  }
  return 0;
}

template <class Net, class Backend>
int run(const TrainOptions& options, const Net& net, const Backend& backend, int epochs, float learning_rate) {
  const data::Dataset all = open_data(options);
  const Parts parts = options.tutorial ? tutorial_split(all) : official_split(all, is_folder(options));
  const OutputLock lock(options.output);

  Model model{net, backend, {.seed = options.seed}};
  model.preprocessing =
      options.tutorial ? data::Preprocessing::raw() : data::Preprocessing::standardize(parts.training);
  model.class_names = all.class_names();
  model.notes["net"] = options.net;
  std::fprintf(stderr, "%s net, %zu parameters; %zu images to train on, %zu to validate; %s\n", options.net.c_str(),
               decltype(model)::Plan::parameter_count, parts.training.size(), parts.validation.size(),
               describe(backend).c_str());

  // What a face may undergo and still be that face.
  const data::Augmentation small_changes{.mirror = true, .shift = 0.1f, .rotate = 10, .zoom = 0.1f};
  const FitOptions fitting{
      .epochs = epochs,
      .batch_size = options.batch_size,
      .seed = options.seed,
      .augmentation = options.augmentation && !options.tutorial ? small_changes : data::Augmentation{},
      .progress = options.quiet ? Progress::none : Progress::automatic};
  WarnAboveChance warning{std::log(double(all.classes()))};
  TensorBoard board{options.output + "/logs"};
  CSVLogger log{options.output + "/history.csv"};
  BackupAndRestore backup{options.output + "/backup.safetensors", {.resume = options.resume, .save_freq_batches = 200}};
  const auto start = std::chrono::steady_clock::now();
  History history;
  if (options.tutorial) {
    const Adam adam{.learning_rate = learning_rate};
    history = fit(model, adam, CategoricalCrossentropy{}, parts.training, parts.validation, fitting,
                  ReduceLROnPlateau{.monitor = val_loss, .factor = 0.9f, .patience = 3}, board,
                  EarlyStopping{.monitor = val_loss, .patience = 8},
                  ModelCheckpoint{options.output + "/best.safetensors",
                                  {.monitor = val_loss, .save_best_only = true, .half = options.half}},
                  log, warning, backup);
  } else {
    const auto batches =
        (parts.training.size() + std::size_t(options.batch_size) - 1) / std::size_t(options.batch_size);
    LearningRate rate = learning_rate;
    if (!options.constant_learning_rate)
      rate = CosineDecay{.initial_learning_rate = learning_rate, .decay_steps = std::uint64_t(epochs) * batches};
    history =
        fit(model, Adam{.learning_rate = rate}, CategoricalCrossentropy{.label_smoothing = options.label_smoothing},
            parts.training, parts.validation, fitting, board,
            ModelCheckpoint{options.output + "/best.safetensors",
                            {.monitor = val_accuracy, .save_best_only = true, .half = options.half}},
            log, warning, backup);
  }
  if (history.interrupted) {
    std::fprintf(stderr, "Go on with the same command and --resume.\n");
    return 130;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report(options, model, history, parts, seconds);
}

int default_epochs(const TrainOptions& options) {
  if (options.tutorial) return 100;
  if (options.net == "tutorial") return 60;
  return options.data.empty() ? 12 : 30;  // drawn faces are soon learned
}

}  // namespace

int train(const TrainOptions& given) {
  TrainOptions options = given;
  if (options.tutorial) options.net = "tutorial";
  if (options.output.empty()) options.output = "fer2013-" + options.net;
  const int epochs = options.epochs > 0 ? options.epochs : default_epochs(options);
  const float rate = options.learning_rate > 0 ? options.learning_rate : options.net == "compact" ? 2e-3f : 1e-3f;
  return with_backend(options, [&](const auto& backend) {
    return options.net == "compact" ? run(options, regularized(compact_net(), options), backend, epochs, rate)
                                    : run(options, regularized(tutorial_net(), options), backend, epochs, rate);
  });
}

}  // namespace fer2013
