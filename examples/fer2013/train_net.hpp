// SPDX-License-Identifier: MIT
// A training from the rows to the report: what is the same whatever the net and the recipe. Each net's own file
// includes this, so that they compile side by side.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "backends.hpp"
#include "commands.hpp"
#include "data_source.hpp"
#include "output_lock.hpp"
#include "parts.hpp"
#include "report/make_report.hpp"

namespace fer2013 {

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

/// The net with what --no-dropout and --l2 say of its layers.
template <class Net>
Net regularized(Net net, const TrainOptions& options) {
  net.for_each_layer([&](auto& layer) {
    if constexpr (requires { layer.rate; })
      if (!options.dropout) layer.rate = 0;
    if constexpr (requires { layer.kernel_regularizer; })
      if (options.l2) layer.kernel_regularizer = L2{*options.l2};
  });
  return net;
}

/// "0.01 on 1 kernel of 12"; empty where no kernel is penalized.
template <class Net>
std::string penalties_of(Net net) {
  int kernels = 0, penalized = 0;
  float most = 0;
  net.for_each_layer([&](const auto& layer) {
    if constexpr (requires { layer.kernel_regularizer; }) {
      ++kernels;
      penalized += layer.kernel_regularizer.factor > 0;
      most = std::max(most, layer.kernel_regularizer.factor);
    }
  });
  char text[64];
  std::snprintf(text, sizeof text, "%g on %d of %d kernels", double(most), penalized, kernels);
  return penalized > 0 ? text : "";
}

/// Scores the model that was kept as `evaluate` would, with the penalties of `net` itself, and leaves the report.
template <class Recipe, class Net, class Backend>
void report(const TrainOptions& options, const FitOptions& fitting, const Net& net, const Backend& backend,
            const History& history, const Parts& parts) {
  const std::string best = options.output + "/best.safetensors";
  if (!std::filesystem::exists(best))
    throw TrainingError("no epoch was kept: the validation loss was no number in any; try a lower --learning-rate");
  Model model{net, backend};
  load_model(best, model);
  const auto [scored, what] = Recipe::scored(parts);
  double seconds = 0;
  for (const EpochResult& r : history.epochs) seconds += r.seconds;
  std::vector<float> outputs;
  const auto result = evaluate(model, scored, outputs);
  const double accuracy = result.of(Accuracy{});
  const std::string path = write_report(
      options.output,
      training_report(
          {options, fitting, history, Recipe::monitor, parts.chosen_on, parts.training.size(), parts.validation.size(),
           parts.test.size(), describe(backend), penalties_of(regularized(net, options)), seconds},
          make_score(scored, what, result.loss, accuracy, outputs, model.class_names), layer_summaries(model)));
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
}

/// Trains `net` as Recipe (recipes.hpp) says. Returns the program's exit status.
template <class Recipe, class Net, class Backend>
int train_net(const TrainOptions& options, const Net& net, const Backend& backend) {
  const data::Dataset all = open_data(options);
  const Parts parts = Recipe::split(all, options);
  const OutputLock lock(options.output);

  Model model{regularized(net, options), backend, {.seed = options.seed}};
  model.preprocessing = Recipe::preprocessing(parts.training);
  model.class_names = all.class_names();
  model.notes["net"] = options.net;
  std::fprintf(stderr, "%s net, %zu parameters; %zu images to train on, %zu to validate; %s\n", options.net.c_str(),
               decltype(model)::Plan::parameter_count, parts.training.size(), parts.validation.size(),
               describe(backend).c_str());

  // What a face may undergo and still be that face.
  const data::Augmentation small_changes{.mirror = true, .shift = 0.1f, .rotate = 10, .zoom = 0.1f};
  const FitOptions fitting{.epochs = options.epochs,
                           .batch_size = options.batch_size,
                           .seed = options.seed,
                           .augmentation = options.augmentation ? small_changes : data::Augmentation{},
                           .progress = options.quiet ? Progress::none : Progress::automatic};
  const History history =
      Recipe::fit(model, options, parts, fitting, TensorBoard{options.output + "/logs"},
                  ModelCheckpoint{options.output + "/best.safetensors",
                                  {.monitor = Recipe::monitor, .save_best_only = true, .half = options.half}},
                  CSVLogger{options.output + "/history.csv"}, WarnAboveChance{std::log(double(all.classes()))},
                  BackupAndRestore{options.output + "/backup.safetensors",
                                   {.resume = options.resume, .save_freq_seconds = options.save_freq_seconds}});
  if (history.interrupted) {
    std::fprintf(stderr, "Go on with the same command and --resume; where no epoch is left, it writes the report.\n");
    return 130;
  }
  report<Recipe>(options, fitting, net, backend, history, parts);
  return 0;
}

}  // namespace fer2013
