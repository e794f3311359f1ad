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
#include "recipe.hpp"
#include "report/make_report.hpp"

namespace fer2013 {

namespace {

struct Parts {
  data::Dataset training, validation, test;
  const char* chosen_on;  ///< what the validation rows are called
};

/// Training on Training, the model chosen on PublicTest, PrivateTest untouched. Without Usage: two stratified tenths.
/// Throws DataError where the CSV has Usages, but none to train on or none to choose on.
Parts official_split(const data::Dataset& all) {
  const auto rows = [&](data::Usage usage) { return all.with_usage(usage).size(); };
  const std::size_t training_rows = rows(data::Usage::training), public_rows = rows(data::Usage::public_test);
  if (training_rows > 0 && public_rows > 0) {
    auto [training, validation, test] = all.split_by_usage();
    return {training, validation, test, "PublicTest"};
  }
  if (rows(data::Usage::unknown) < all.size())
    throw DataError("the CSV has " + std::to_string(training_rows) + " rows with Usage Training, " +
                    std::to_string(public_rows) + " with PublicTest and " +
                    std::to_string(rows(data::Usage::private_test)) +
                    " with PrivateTest; training needs Training and PublicTest. Without a Usage column, rows are split "
                    "at random");
  auto [training, validation, test, kept] = data::split_in_tenths(all);
  std::fprintf(stderr, "No Usage column: a stratified tenth is kept for validation, and one for test.\n");
  if (kept > 0)
    std::fprintf(stderr, "%zu row%s of classes with fewer than %zu: all kept for training.\n", kept,
                 kept == 1 ? "" : "s", data::TenthsSplit::fewest);
  return {training, validation, test, "validation split"};
}

/// The tutorial ignores Usage and splits twice at random.
Parts tutorial_split(const data::Dataset& all) {
  const auto [rest, test] = data::train_test_split(all, {.test_size = 0.1, .random_state = 42});
  const auto [training, validation] = data::train_test_split(rest, {.test_size = 0.1, .random_state = 41});
  return {training, validation, test, "validation split"};
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

/// Scores the model that was kept, and leaves the report.
template <class M>
int report(const TrainOptions& options, const FitOptions& fitting, M& model, const History& history, const Parts& parts,
           double seconds) {
  const std::string best = options.output + "/best.safetensors";
  load_model(best, model);
  const data::Dataset& scored = options.tutorial ? parts.test : parts.validation;
  const std::string what = options.tutorial ? "test split" : parts.chosen_on;
  std::vector<float> outputs;
  const auto result = evaluate(model, scored, outputs);
  const double accuracy = result.of(Accuracy{});
  const std::string path = write_report(
      options.output,
      training_report({options, fitting, history, options.tutorial ? val_loss : val_accuracy, parts.chosen_on,
                       parts.training.size(), parts.validation.size(), parts.test.size(), describe(model.backend)},
                      make_score(scored, what, result.loss, accuracy, outputs, model.class_names),
                      layer_summaries(model)));
  std::fprintf(stderr,
               "\nThe best model on the %s: loss %.4f, accuracy %.2f %% of %zu images; %zu epochs in %.0f s\n"
               "  report        %s\n  weights       %s\n  history       %s/history.csv\n"
               "  TensorBoard   tensorboard --logdir %s/logs\n",
               what.c_str(), result.loss, 100 * accuracy, scored.size(), history.epochs.size(), seconds, path.c_str(),
               best.c_str(), options.output.c_str(), options.output.c_str());
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
    std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  return 0;
}

template <class Net, class Backend>
int run(const TrainOptions& options, const Net& net, const Backend& backend) {
  const data::Dataset all = open_data(options);
  const Parts parts = options.tutorial ? tutorial_split(all) : official_split(all);
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
      .epochs = options.epochs,
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
    const Adam adam{.learning_rate = options.learning_rate};
    history =
        fit(model, adam, CategoricalCrossentropy{}, parts.training, parts.validation, fitting,
            ReduceLROnPlateau{.monitor = val_loss, .factor = recipe::rate_factor, .patience = recipe::rate_patience},
            board, EarlyStopping{.monitor = val_loss, .patience = recipe::stop_patience},
            ModelCheckpoint{options.output + "/best.safetensors",
                            {.monitor = val_loss, .save_best_only = true, .half = options.half}},
            log, warning, backup);
  } else {
    const auto batches =
        (parts.training.size() + std::size_t(options.batch_size) - 1) / std::size_t(options.batch_size);
    const Adam adam{.learning_rate = CosineDecay{.initial_learning_rate = options.learning_rate,
                                                 .decay_steps = std::uint64_t(options.epochs) * batches}};
    history = fit(model, adam, CategoricalCrossentropy{.label_smoothing = recipe::label_smoothing}, parts.training,
                  parts.validation, fitting, board,
                  ModelCheckpoint{options.output + "/best.safetensors",
                                  {.monitor = val_accuracy, .save_best_only = true, .half = options.half}},
                  log, warning, backup);
  }
  if (history.interrupted) {
    std::fprintf(stderr, "Go on with the same command and --resume.\n");
    return 130;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report(options, fitting, model, history, parts, seconds);
}

}  // namespace

int train(const TrainOptions& given) {
  TrainOptions options = given;
  if (options.tutorial) options.net = "tutorial";
  if (options.output.empty()) options.output = "fer2013-" + options.net;
  const bool compact = options.net == "compact";
  if (options.epochs == 0) options.epochs = options.tutorial ? 100 : compact ? 30 : 60;
  if (options.learning_rate == 0) options.learning_rate = compact ? 2e-3f : 1e-3f;
  return with_backend(options, [&](const auto& backend) {
    return compact ? run(options, compact_net(), backend) : run(options, tutorial_net(), backend);
  });
}

}  // namespace fer2013
