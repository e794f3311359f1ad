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

inline void draw_face(cv::Mat& frame, const Rectangle& box, const std::string& label,
                      std::span<const float> probabilities, const std::vector<std::string>& names) {
  const cv::Scalar green{80, 220, 80}, white{255, 255, 255};
  cv::rectangle(frame, cv::Rect(box.x, box.y, box.width, box.height), green, 2);
  draw_text(frame, label, std::max(box.x, 2), std::max(box.y - 8, 16), 0.7, green);
  // The bars stand beside the face, on the side that has room.
  const int wide = 170, line = 18, high = line * int(names.size()) + 6;
  const int x = box.x + box.width + 8 + wide <= frame.cols ? box.x + box.width + 8 : std::max(0, box.x - 8 - wide);
  const int y = std::clamp(box.y, 0, std::max(0, frame.rows - high));
  const cv::Rect panel = cv::Rect(x, y, wide, high) & cv::Rect(0, 0, frame.cols, frame.rows);
  if (panel.width < 40 || panel.height < 20) return;
  cv::Mat part = frame(panel);
  part *= 0.4;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const int top = int(c) * line + 5;
    cv::rectangle(part, cv::Rect(74, top, int(88 * probabilities[c]) + 1, line - 6), green, cv::FILLED);
    cv::putText(part, names[c].substr(0, 9), {4, top + 11}, cv::FONT_HERSHEY_SIMPLEX, 0.4, white, 1, cv::LINE_AA);
  }
}

inline void draw_rate(cv::Mat& frame, double frames_a_second) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f fps", frames_a_second);
  draw_text(frame, text, 8, frame.rows - 10, 0.5, {255, 255, 255});
}

}  // namespace fer2013
