// SPDX-License-Identifier: MIT
// Lines over whole numbers (epochs, steps), as SVG.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace fer2013 {

struct Series {
  std::string name{};            ///< stands at the end of its line
  std::vector<double> values{};  ///< at first_x, first_x + 1, ...; what is not finite is left out
};

struct LineChart {
  std::string id{};     ///< of this picture in its page: letters, digits and -
  std::string title{};  ///< what the lines show, with its unit: "Accuracy, %"
  std::string x_label = "epoch";
  int first_x = 1;
  std::vector<Series> series{};  ///< at most four keep a colour and a kind of line of their own
  std::optional<int> mark{};     ///< an x that stands out
  std::string mark_label{};      ///< "kept: epoch 27"
  bool from_zero = false;        ///< the axis begins at 0
  int width = 360, height = 240;
};

/// A picture on its own: a file of it needs nothing else, and a page may contain it.
std::string svg_chart(const LineChart& chart);

}  // namespace fer2013
