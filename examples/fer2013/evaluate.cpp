// SPDX-License-Identifier: MIT
// fer2013 evaluate: the score of a model on labelled images.
#include <ferlab/formats/atomic_file.hpp>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "classifier.hpp"
#include "commands.hpp"
#include "data_source.hpp"
#include "pictures.hpp"

namespace fer2013 {

int evaluate(const Common& options) {
  const auto classifier = Classifier::load(options);
  const auto rows = rows_of(open_data(options), options);
  const auto start = std::chrono::steady_clock::now();
  const Scores scores = classifier->score(rows);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const auto& names = classifier->class_names();
  const auto matrix = ferlab::confusion_matrix(std::span<const float>(scores.probabilities), rows, int(names.size()));
  const double rate = double(rows.size()) / seconds;

  if (!options.output.empty()) {
    ferlab::formats::create_parent_folders(options.output + "/");
    draw_confusion_matrix(options.output + "/confusion_matrix.png", matrix, names);
    draw_mistakes(options.output + "/mistakes.png", rows, scores.probabilities, names);
    std::fprintf(stderr, "pictures: %s/confusion_matrix.png, %s/mistakes.png\n", options.output.c_str(),
                 options.output.c_str());
  }
  if (options.json) {
    nlohmann::json json{{"loss", scores.loss},
                        {"accuracy", scores.accuracy},
                        {"macro_f1", matrix.macro_f1()},
                        {"images", rows.size()},
                        {"seconds", seconds},
                        {"images_per_second", rate},
                        {"usage", options.usage.empty() ? "all" : options.usage},
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
    std::cout << json.dump() << "\n";
  } else {
    std::cout << to_string(matrix, names);
    std::printf("\n%zu images: loss %.4f, accuracy %.2f %%, macro F1 %.4f; %.0f images/s\n", rows.size(), scores.loss,
                100 * scores.accuracy, matrix.macro_f1(), rate);
  }
  return 0;
}

}  // namespace fer2013
