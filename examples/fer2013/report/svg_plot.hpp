// SPDX-License-Identifier: MIT
// A frame with two axes, as SVG: what a line chart and a reliability diagram share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fer2013 {

/// From `low` to `high`, with a tick every `step`.
struct Axis {
  double low = 0, high = 1, step = 0.2;

  /// Round numbers around [low, high], about five ticks.
  static Axis around(double low, double high);
  /// Whole numbers from `first` to `last`, and half a step of room where they are one.
  static Axis whole(int first, int last);

  std::vector<double> ticks() const;
  std::string text(double tick) const;
};

/// What surrounds the lines. Lengths are in units of the picture, about a pixel each.
struct Frame {
  std::string id{};           ///< of this picture in its page: letters, digits and -
  std::string title{};        ///< stands above the axis, and is what a screen reader says first
  std::string description{};  ///< what is to be seen, in a sentence
  std::string x_label{};
  int width = 360, height = 240;
  int right = 12;  ///< room for labels beside the axes
};

class Plot {
 public:
  Plot(Frame frame, Axis x, Axis y);

  double x(double value) const;
  double y(double value) const;
  double left() const { return left_; }
  double right() const { return frame_.width - frame_.right; }
  double top() const { return 38; }
  double bottom() const { return frame_.height - 36; }

  /// A piece of SVG; coordinates from x() and y().
  void add(std::string_view markup) { body_ += markup; }
  /// kind: a class of the style below. anchor: start, middle or end.
  void text(double x, double y, std::string_view words, std::string_view kind, std::string_view anchor = "start");

  /// The whole picture, on its own or in a page: it brings its colours for light and dark.
  std::string svg() const;

 private:
  Frame frame_;
  Axis x_, y_;
  double left_ = 30;  ///< room for the numbers beside the axis
  std::string body_;
};

/// "12.5": a coordinate.
std::string coordinate(double value);

}  // namespace fer2013
