// SPDX-License-Identifier: MIT
// What the demo draws over a frame: box, label, the probabilities as bars, frames a second.
#pragma once

#include <algorithm>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <span>
#include <string>
#include <vector>

#include "face_image.hpp"

namespace fer2013 {

inline void draw_text(cv::Mat& frame, const std::string& text, int x, int y, double scale, cv::Scalar colour) {
  cv::putText(frame, text, {x, y}, cv::FONT_HERSHEY_SIMPLEX, scale, {0, 0, 0}, 3, cv::LINE_AA);
  cv::putText(frame, text, {x, y}, cv::FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv::LINE_AA);
}

constexpr int panel_width = 220, panel_gap = 8;

/// How many times a frame is enlarged so that what is drawn over it can be read.
inline int enlargement(const cv::Mat& frame) {
  return std::max(1, (239 + std::min(frame.rows, frame.cols)) / std::max(1, std::min(frame.rows, frame.cols)));
}

/// The frame that is drawn over: enlarged where it is small, and with room for the bars beside a face that fills it.
inline cv::Mat canvas_of(const cv::Mat& frame, int times, bool room_beside) {
  cv::Mat canvas = frame;
  if (times > 1) cv::resize(frame, canvas, {}, times, times, cv::INTER_NEAREST);
  if (room_beside)
    cv::copyMakeBorder(canvas, canvas, 0, 0, 0, panel_width + 2 * panel_gap, cv::BORDER_CONSTANT, {40, 40, 40});
  return canvas;
}

inline void draw_face(cv::Mat& canvas, const Rectangle& box, const std::string& label,
                      std::span<const float> probabilities, const std::vector<std::string>& names) {
  const cv::Scalar green{80, 220, 80}, white{255, 255, 255};
  cv::rectangle(canvas, cv::Rect(box.x, box.y, box.width, box.height), green, 2);
  draw_text(canvas, label, std::max(box.x, 4), std::max(box.y - 8, 20), 0.7, green);
  // The bars stand beside the face, on the side that has room.
  const int line = 20, high = line * int(names.size()) + 6;
  const int right = box.x + box.width + panel_gap;
  const int x = right + panel_width <= canvas.cols ? right : std::max(0, box.x - panel_gap - panel_width);
  const int y = std::clamp(box.y, 0, std::max(0, canvas.rows - high));
  const cv::Rect panel = cv::Rect(x, y, panel_width, high) & cv::Rect(0, 0, canvas.cols, canvas.rows);
  cv::Mat part = canvas(panel);
  part *= 0.4;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const int top = int(c) * line + 5;
    char percent[8];
    std::snprintf(percent, sizeof percent, "%3.0f%%", 100.0 * double(probabilities[c]));
    cv::putText(part, names[c].substr(0, 9), {4, top + 12}, cv::FONT_HERSHEY_SIMPLEX, 0.45, white, 1, cv::LINE_AA);
    cv::rectangle(part, cv::Rect(84, top, int(88 * probabilities[c]) + 1, line - 6), green, cv::FILLED);
    cv::putText(part, percent, {178, top + 12}, cv::FONT_HERSHEY_SIMPLEX, 0.45, white, 1, cv::LINE_AA);
  }
}

inline void draw_rate(cv::Mat& canvas, double frames_a_second) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f fps", frames_a_second);
  draw_text(canvas, text, 8, canvas.rows - 10, 0.5, {255, 255, 255});
}

}  // namespace fer2013
