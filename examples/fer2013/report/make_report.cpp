// SPDX-License-Identifier: MIT
#include "make_report.hpp"

#include <ferlab/callbacks/monitor.hpp>
#include <ferlab/version.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>

#include "../tutorial_numbers.hpp"
#include "html.hpp"

#ifdef FERLAB_WITH_OPENCV
#include <opencv2/core/version.hpp>
#endif

namespace fer2013 {

using html::count, html::number;

namespace {

constexpr std::size_t most_mistakes = 24;

/// Where an image stands: the line of a CSV, or a file of a folder of classes.
std::string place_of(const ferlab::data::Dataset& data, std::size_t i) {
  if (data.line(i) > 0) return "line " + std::to_string(data.line(i));
  const std::filesystem::path file = data.file(i);
  return file.empty() ? "" : (file.parent_path().filename() / file.filename()).string();
}

std::vector<Mistake> confident_mistakes(const ferlab::data::Dataset& data, std::span<const float> probabilities,
                                        std::size_t classes) {
  struct Found {
    std::size_t image;
    int predicted;
    float probability;
    float confidence;  ///< the same, but what is no number comes last
  };
  std::vector<Found> found;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const float* row = probabilities.data() + i * classes;
    const float* best = std::max_element(row, row + classes);
    if (best - row != data.label(i)) found.push_back({i, int(best - row), *best, std::isnan(*best) ? -1 : *best});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.confidence > b.confidence; });
  found.resize(std::min(found.size(), most_mistakes));

  const ferlab::Shape shape = data.shape();
  std::vector<Mistake> mistakes;
  for (const Found& f : found) {
    const auto image = data.image(f.image);
    std::vector<std::uint8_t> grey;
    for (std::size_t at = 0; at < image.size(); at += std::size_t(shape.channels)) grey.push_back(image[at]);
    mistakes.push_back({shape.width, shape.height, std::move(grey), data.label(f.image), f.predicted,
                        double(f.probability), place_of(data, f.image)});
  }
  return mistakes;
}

std::string data_name(const Common& options) {
  return options.data.empty() ? count(options.faces) + " built-in faces" : options.data;
}

std::string device(const Common& options, const std::string& description) {
  return options.device == "cpu" ? "CPU, " + description : description;
}

std::string duration(double seconds) {
  if (seconds < 60) return number("%.1f s", seconds);
  const auto whole = std::int64_t(seconds + 0.5);
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

Facts versions() {
  Facts facts{"Versions", {{"ferlab", FERLAB_VERSION}}};
#ifdef __clang__
  facts.rows.push_back({"Compiler", __VERSION__});
#else
  facts.rows.push_back({"Compiler", "g++ " __VERSION__});
#endif
#ifdef FERLAB_WITH_OPENCV
  facts.rows.push_back({"OpenCV", CV_VERSION});
#endif
  return facts;
}

std::string in_words(const ferlab::data::Augmentation& a) {
  std::string text;
  const auto say = [&](bool used, const std::string& what) {
    if (used) text += (text.empty() ? "" : "; ") + what;
  };
  say(a.mirror, "half mirrored");
  say(a.shift > 0, "shifted by at most " + number("%g %%", 100 * double(a.shift)));
  say(a.rotate > 0, "turned by at most " + number("%g°", double(a.rotate)));
  say(a.zoom > 0, "sizes changed by at most " + number("%g %%", 100 * double(a.zoom)));
  say(a.erase > 0, number("%g %%", 100 * double(a.erase)) + " with a part erased");
  return text.empty() ? "none" : text;
}

/// The place of the epoch whose model ModelCheckpoint kept.
std::size_t kept_epoch(const ferlab::History& history, const ferlab::Monitor& monitor) {
  ferlab::detail::BestSoFar best;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < history.epochs.size(); ++i)
    if (best.improves(monitor, history.value(i, monitor), 0)) kept = i;
  return kept;
}

}  // namespace

Score make_score(const ferlab::data::Dataset& data, std::string rows, double loss, double accuracy,
                 std::span<const float> probabilities, const std::vector<std::string>& class_names) {
  Score score{.rows = std::move(rows),
              .images = data.size(),
              .loss = loss,
              .accuracy = accuracy,
              .class_names = class_names,
              .matrix = ferlab::confusion_matrix(probabilities, data, int(class_names.size()))};
  if (std::all_of(probabilities.begin(), probabilities.end(), [](float p) { return std::isfinite(p); }))
    score.calibration = ferlab::calibration(probabilities, data, int(class_names.size()));
  score.mistakes = confident_mistakes(data, probabilities, class_names.size());
  return score;
}

Report training_report(const TrainingRun& run, Score score, std::vector<ferlab::LayerSummary> layers) {
  const TrainOptions& o = run.options;
  const bool tutorial = o.tutorial;
  double speed = 0;
  for (const ferlab::EpochResult& r : run.history.epochs) speed += r.images_per_second;
  speed /= double(std::max<std::size_t>(1, run.history.epochs.size()));

  const auto patience = [](int epochs) {
    return "after " + std::to_string(epochs) + " epochs without a lower validation loss";
  };
  const bool smooth = o.label_smoothing > 0;
  const std::string smoothing = "label smoothing of " + number("%g", double(o.label_smoothing));
  const std::string rate = number("%g", double(o.learning_rate)) +
                           (tutorial ? ", times " + number("%g", double(tutorial_numbers::rate_factor)) + " " +
                                           patience(tutorial_numbers::rate_patience)
                            : o.constant_learning_rate ? ", constant"
                                                       : ", falling as a cosine to 0");
  const std::string at_work = std::string(o.dropout ? "dropout" : "") + (o.dropout && o.augmentation ? " and " : "") +
                              (o.augmentation ? "augmentation" : "");
  Curves curves{
      .history = run.history,
      .kept = kept_epoch(run.history, run.monitor),
      .kept_for = std::string("the ") + (run.monitor.higher_is_better ? "highest accuracy" : "lowest loss") +
                  " on the validation rows",
      .notes = {"Validation is measured after each epoch; training during it, while the weights still change" +
                    (at_work.empty() ? "" : ", with " + at_work + " at work") + ": its numbers may be the worse ones.",
                (smooth ? "These losses are what training minimizes, with a " + smoothing +
                              "; the loss at the top is without it."
                        : "The loss is categorical crossentropy.") +
                    (run.penalties.empty() ? "" : " The L2 penalty is included.")}};
  const Facts settings{"Settings",
                       {{"Net", o.net + (tutorial ? ", as in the Keras tutorial" : "")},
                        {"Epochs", std::to_string(run.fitting.epochs)},
                        {"Batch size", std::to_string(o.batch_size)},
                        {"Optimizer", "Adam"},
                        {"Learning rate", rate},
                        {"Stops early", tutorial ? patience(tutorial_numbers::stop_patience) : "no"},
                        {"Loss", "categorical crossentropy" + (smooth ? ", " + smoothing : "")},
                        {"Dropout", o.dropout ? "at the rates of the net" : "none"},
                        {"L2 penalty", run.penalties.empty() ? "none" : run.penalties},
                        {"Augmentation", in_words(run.fitting.augmentation)},
                        {"Pixels", tutorial ? "as they are, 0 to 255" : "standardized"},
                        {"Seed", std::to_string(o.seed)},
                        {"Device", device(o, run.device)},
                        {"Output", o.output}}};
  const Facts data{"Data",
                   {{"From", data_name(o)},
                    {"Training", count(std::int64_t(run.training_rows), "row")},
                    {"Validation", count(std::int64_t(run.validation_rows), "row") + " (" + run.chosen_on + ")"},
                    {"Test", count(std::int64_t(run.test_rows), "row") +
                                 (tutorial || run.test_rows == 0 ? "" : ", not looked at")}}};
  const Facts time{
      "Time",
      {{"Epochs", count(std::int64_t(run.history.epochs.size()), "epoch") + " in " + duration(run.seconds)},
       {"Training", number("%.0f images/s", speed)},
       {"Ended", now()}}};
  return {.title = "fer2013: training of the " + o.net + " net",
          .data = data_name(o),
          .score = std::move(score),
          .curves = std::move(curves),
          .net = "The " + o.net + " net",
          .layers = std::move(layers),
          .facts = {settings, data, time, versions()}};
}

Report evaluation_report(const EvaluationRun& run, Score score, std::vector<ferlab::LayerSummary> layers) {
  const Common& o = run.options;
  const Facts settings{"Settings", {{"Model", o.model}, {"Net", run.net}, {"Device", device(o, run.device)}}};
  const Facts data{"Data",
                   {{"From", data_name(o)}, {"Rows", count(std::int64_t(score.images)) + " (" + score.rows + ")"}}};
  const Facts time{"Time",
                   {{"Evaluation", duration(run.seconds)},
                    {"Speed", number("%.0f images/s", run.images_per_second)},
                    {"Date", now()}}};
  return {.title = "fer2013: evaluation of the " + run.net + " net",
          .data = data_name(o),
          .score = std::move(score),
          .net = "The " + run.net + " net",
          .layers = std::move(layers),
          .facts = {settings, data, time, versions()}};
}

}  // namespace fer2013
