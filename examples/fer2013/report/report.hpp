// SPDX-License-Identifier: MIT
// report.html: what a training or an evaluation found, as one page that needs nothing else.
#pragma once

#include <ferlab/metrics/calibration.hpp>
#include <ferlab/metrics/confusion_matrix.hpp>
#include <ferlab/model/summary.hpp>
#include <ferlab/train/history.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fer2013 {

/// An image that was taken for another class.
struct Mistake {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels{};  ///< [height][width], grey
  int truth = 0, predicted = 0;
  double probability = 0;  ///< of the predicted class
  std::string where{};     ///< "line 12", "happy/face 7.png"; empty: from no file
};

/// What one pass over labelled images found.
struct Score {
  std::string rows{};  ///< which images: "PublicTest"
  std::size_t images = 0;
  double loss = 0, accuracy = 0;
  std::vector<std::string> class_names{};
  ferlab::ConfusionMatrix matrix{};
  std::optional<ferlab::Calibration> calibration{};  ///< none where the probabilities are no numbers
  std::vector<Mistake> mistakes{};                   ///< the most confident first
};

/// How a training came to its model.
struct Curves {
  ferlab::History history{};
  std::size_t kept = 0;              ///< place in history.epochs of the model that was kept
  std::string kept_for{};            ///< "the highest accuracy on the validation rows"
  std::vector<std::string> notes{};  ///< how to read them
};

/// A table of two columns.
struct Facts {
  std::string heading{};
  std::vector<std::pair<std::string, std::string>> rows{};
};

struct Report {
  std::string title{};
  std::string data{};  ///< where the images come from: a file name
  Score score{};
  std::optional<Curves> curves{};
  std::string net{};
  std::vector<ferlab::LayerSummary> layers{};
  std::vector<Facts> facts{};
};

/// Names, paths and numbers may be anything: all is escaped, and what is not finite is said in words.
std::string to_html(const Report& report);

/// FOLDER/report.html, whole or not at all; missing folders are made. Returns its path. Throws ferlab::IoError.
std::string write_report(const std::string& folder, const Report& report);

}  // namespace fer2013
