// SPDX-License-Identifier: MIT
// Which face of this frame is which of the last one, and its probabilities smoothed over time. Knows nothing of OpenCV.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "face_image.hpp"

namespace fer2013 {

struct TrackedFace {
  Rectangle box;
  std::vector<float> probabilities;  ///< smoothed
  int unseen = 0;                    ///< frames since it was last found
};

/// Intersection over union, 0..1.
inline double overlap(const Rectangle& a, const Rectangle& b) {
  const double w = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x),
               h = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return w * h / (double(a.width) * a.height + double(b.width) * b.height - w * h);
}

class FaceTracker {
 public:
  /// smoothing: the share of the past in each new value, 0..1.
  explicit FaceTracker(float smoothing) : smoothing_(smoothing) {}

  /// Begins a frame; faces not found for 10 frames are forgotten.
  void begin_frame() {
    for (TrackedFace& face : faces_) ++face.unseen;
    std::erase_if(faces_, [](const TrackedFace& face) { return face.unseen > 10; });
  }

  /// The face at `box`, with `probabilities` blended into its past.
  const TrackedFace& update(const Rectangle& box, std::span<const float> probabilities) {
    TrackedFace* best = nullptr;
    for (TrackedFace& face : faces_)
      if (face.unseen > 0 && overlap(face.box, box) > 0.3 &&
          (!best || overlap(face.box, box) > overlap(best->box, box)))
        best = &face;
    if (!best) {
      faces_.push_back({box, {probabilities.begin(), probabilities.end()}, 0});
      return faces_.back();
    }
    best->box = box;
    best->unseen = 0;
    for (std::size_t c = 0; c < probabilities.size(); ++c)
      best->probabilities[c] = smoothing_ * best->probabilities[c] + (1 - smoothing_) * probabilities[c];
    return *best;
  }

 private:
  float smoothing_;
  std::vector<TrackedFace> faces_;
};

}  // namespace fer2013
