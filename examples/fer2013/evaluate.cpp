// SPDX-License-Identifier: MIT
// fer2013 evaluate: the score of a model on labelled images.
#include <ferlab/core/error.hpp>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "classifier.hpp"
#include "commands.hpp"
#include "data_source.hpp"
#include "report/make_report.hpp"

namespace fer2013 {

int evaluate(const Common& options) {
  if (std::filesystem::exists(options.output + "/history.csv"))
    throw ferlab::ArgumentError("--output: " + options.output +
                                " holds a training, whose report.html would be lost; give another folder");
  const auto classifier = Classifier::load(options);
  const auto rows = rows_of(open_data(options), options);
  const auto start = std::chrono::steady_clock::now();
  const Evaluated found = classifier->score(rows);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const std::string usage(to_string(rows.usage(0)));  // of all rows, where one was asked for
  const double rate = double(rows.size()) / seconds;
  const auto& names = classifier->class_names();
  const Score score = make_score(rows, options.usage.empty() ? "all rows" : usage, found.loss, found.accuracy,
                                 found.probabilities, names);
  const ferlab::ConfusionMatrix& matrix = score.matrix;

  if (!options.output.empty()) {
    const EvaluationRun run{options, classifier->net(), classifier->device(), seconds, rate};
    const std::string path = write_report(options.output, evaluation_report(run, score, classifier->layers()));
    std::fprintf(stderr, "report: %s\n", path.c_str());
  }
  if (options.json) {
    nlohmann::json json{{"loss", found.loss},
                        {"accuracy", found.accuracy},
                        {"macro_f1", matrix.macro_f1()},
                        {"images", rows.size()},
                        {"seconds", seconds},
                        {"images_per_second", rate},
                        {"usage", options.usage.empty() ? "all" : usage},
                        {"model", options.model},
                        {"net", classifier->net()},
                        {"data", options.data},
                        {"class_names", names}};
    for (int t = 0; t < matrix.classes; ++t) {
      nlohmann::json row = nlohmann::json::array();
      for (int p = 0; p < matrix.classes; ++p) row.push_back(matrix.at(t, p));
      json["confusion_matrix"].push_back(row);
      json["precision"].push_back(matrix.precision(t));
      json["recall"].push_back(matrix.recall(t));
    }
    std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  } else {
    std::cout << to_string(matrix, names);
    std::printf("\n%zu images: loss %.4f, accuracy %.2f %%, macro F1 %.4f; %.0f images/s\n", rows.size(), found.loss,
                100 * found.accuracy, matrix.macro_f1(), rate);
  }
  return 0;
}

}  // namespace fer2013
