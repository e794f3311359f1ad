// SPDX-License-Identifier: MIT
// fer2013 predict: the expression in picture files, each a face that fills its picture, or in a CSV or a folder.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "classifier.hpp"
#include "commands.hpp"
#include "data_source.hpp"
#include "face_image.hpp"

namespace fer2013 {

namespace {

void print(const std::string& what, std::span<const float> probabilities, const std::vector<std::string>& names,
           bool json) {
  const auto best = std::size_t(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
  if (json) {
    nlohmann::json line{{"image", what}, {"label", names[best]}};
    for (std::size_t c = 0; c < names.size(); ++c) line["probabilities"][names[c]] = probabilities[c];
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return;
  }
  std::printf("%s: %s\n", what.c_str(), names[best].c_str());
  for (std::size_t c = 0; c < names.size(); ++c)
    std::printf("  %-9s %5.1f %%  %s\n", names[c].c_str(), 100.0 * double(probabilities[c]),
                std::string(std::size_t(40 * probabilities[c] + 0.5f), '#').c_str());
}

}  // namespace

int predict(const PredictOptions& options) {
  const auto classifier = Classifier::load(options);
  for (const std::string& path : options.images) {
    const Picture picture = read_image(path);
    warn_if_tiny(path, picture.width, picture.height);
    print(path, classifier->predict(to_face(picture)), classifier->class_names(), options.json);
  }
  if (!options.data.empty()) {
    const auto rows = rows_of(open_data(options, true), options);
    for (std::size_t i = 0; i < rows.size(); ++i)
      print(rows.file(i).empty() ? options.data + ":" + std::to_string(rows.line(i)) : rows.file(i),
            classifier->predict(rows.image(i)), classifier->class_names(), options.json);
  }
  return 0;
}

}  // namespace fer2013
