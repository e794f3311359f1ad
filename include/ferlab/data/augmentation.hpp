// SPDX-License-Identifier: MIT
// Random changes of training images, drawn anew each time an image is seen: the same on every backend, since whatever
// decides a pixel is computed in integers (but for one rounding of a double).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/core/philox.hpp"
#include "ferlab/core/shape.hpp"

namespace ferlab::data {

/// How far an image may be changed; 0 or false turns a change off. Amounts are drawn uniformly. What moves in from
/// outside of the image repeats its border.
struct Augmentation {
  bool mirror = false;      ///< left and right change places in half of the images
  float shift = 0;          ///< at most by this share of the width and of the height, either way; 0 to 1
  float rotate = 0;         ///< degrees at most, either way; 0 to 45
  float zoom = 0;           ///< 0.1: sizes of 0.9 to 1.1; 0 to 0.9
  float erase = 0;          ///< the share of images that lose a rectangle: 0 is what the network sees there
  float erase_size = 0.4f;  ///< its height and width are at most this share of the image's; above 0, up to 1

  /// Names them: a training that is resumed with others is refused.
  void numbers(auto& each) const {
    each("mirror", mirror);
    each("shift", shift);
    each("rotate", rotate);
    each("zoom", zoom);
    each("erase", erase);
    each("erase_size", erase_size);
  }
};

/// An Augmentation for images of one shape, ready to be applied. Plain data: kernels take it by value.
class Augmenter {
 public:
  /// What one image undergoes, in units of 2^-16 pixels: what comes to (x, y), counted from the middle, was at (xx * x
  /// + xy * y + x0, yx * x + yy * y + y0). The erased rectangle is in whole pixels.
  struct Change {
    std::int32_t xx = one, xy = 0, yx = 0, yy = one, x0 = 0, y0 = 0;
    std::int32_t erased_top = 0, erased_left = 0, erased_bottom = 0, erased_right = 0;
  };

  constexpr Augmenter() = default;
  /// Throws ArgumentError for an amount outside of its range, or a side of more than 16384 pixels.
  Augmenter(const Augmentation& a, Shape shape)
      : height_(shape.height), width_(shape.width), channels_(shape.channels), mirror_(a.mirror) {
    const auto within = [](float value, float least, float most, const char* name) {
      if (!(value >= least && value <= most))
        throw ArgumentError(std::string("Augmentation: expected ") + name + " from " + std::to_string(least) + " to " +
                            std::to_string(most) + ", got " + std::to_string(value));
    };
    within(a.shift, 0, 1, "shift");
    within(a.rotate, 0, 45, "rotate");
    within(a.zoom, 0, 0.9f, "zoom");
    within(a.erase, 0, 1, "erase");
    within(a.erase_size, 1e-6f, 1, "erase_size");
    if (std::max(height_, width_) > 16384)
      throw ArgumentError("Augmentation: expected images of at most 16384 pixels a side, got " + to_string(shape));
    shift_x_ = nearest(double(a.shift) * width_ * one);
    shift_y_ = nearest(double(a.shift) * height_ * one);
    tangent_ = nearest(std::tan(double(a.rotate) * 3.14159265358979323846 / 360) * steps);
    zoom_ = nearest(double(a.zoom) * steps);
    erase_ = nearest(double(a.erase) * one);
    erase_height_ = std::max(1, nearest(double(a.erase_size) * height_));
    erase_width_ = std::max(1, nearest(double(a.erase_size) * width_));
  }

  /// Does it leave every image as it is?
  constexpr bool is_none() const { return !mirror_ && (shift_x_ | shift_y_ | tangent_ | zoom_ | erase_) == 0; }

  constexpr int width() const { return width_; }
  constexpr int channels() const { return channels_; }

  /// The change of sample number `sample` of the batch of this step.
  constexpr Change draw(std::uint64_t seed, std::uint64_t step, int sample) const {
    const RandomStream random{.seed = seed, .purpose = Purpose::augmentation, .step = step};
    const auto first = random.block(std::uint32_t(3 * sample)), second = random.block(std::uint32_t(3 * sample + 1)),
               third = random.block(std::uint32_t(3 * sample + 2));
    // A turn without sines: by 2 atan(t), whose cosine is (1 - t^2) / (1 + t^2); t is a multiple of 1 / steps, so that
    // all of this is exact but for the divisions.
    const double t = either_way(first[1], tangent_), square = double(steps) * steps;
    const double per_zoom = double(steps) / (steps + either_way(first[2], zoom_)) / (square + t * t);
    const std::int32_t cosine = nearest((square - t * t) * per_zoom * one);
    const std::int32_t sine = nearest(2 * t * steps * per_zoom * one);
    const bool mirrored = mirror_ && (first[0] & 1u) != 0;
    Change change;
    change.xx = mirrored ? -cosine : cosine;
    change.xy = sine;
    change.yx = mirrored ? sine : -sine;
    change.yy = cosine;
    change.x0 = either_way(first[3], shift_x_);
    change.y0 = either_way(second[0], shift_y_);
    if ((second[1] >> 16) < std::uint32_t(erase_)) {
      const std::int32_t tall = 1 + below(second[2], erase_height_), wide = 1 + below(second[3], erase_width_);
      change.erased_top = below(third[0], height_ - tall + 1);
      change.erased_left = below(third[1], width_ - wide + 1);
      change.erased_bottom = change.erased_top + tall;
      change.erased_right = change.erased_left + wide;
    }
    return change;
  }

  static constexpr bool is_erased(const Change& change, int y, int x) {
    return y >= change.erased_top && y < change.erased_bottom && x >= change.erased_left && x < change.erased_right;
  }

  /// Channel c of pixel (y, x) of the changed image, bilinear between four of `pixels` ([height][width][channels]).
  constexpr float pixel(const std::uint8_t* pixels, const Change& change, int y, int x, int c) const {
    const std::int64_t across = 2 * x + 1 - width_, down = 2 * y + 1 - height_;  // twice the way from the middle
    const std::int64_t column =
        ((change.xx * across + change.xy * down) >> 1) + change.x0 + std::int64_t(width_ - 1) * (one / 2);
    const std::int64_t row =
        ((change.yx * across + change.yy * down) >> 1) + change.y0 + std::int64_t(height_ - 1) * (one / 2);
    const int left = int(column >> 16), top = int(row >> 16);
    const std::int32_t to_right = std::int32_t(column >> 8) & 255, to_bottom = std::int32_t(row >> 8) & 255;
    const int l = clamp(left, width_), r = clamp(left + 1, width_);
    const std::uint8_t* const upper = pixels + std::ptrdiff_t(clamp(top, height_)) * width_ * channels_ + c;
    const std::uint8_t* const lower = pixels + std::ptrdiff_t(clamp(top + 1, height_)) * width_ * channels_ + c;
    const std::int32_t above = upper[l * channels_] * (256 - to_right) + upper[r * channels_] * to_right;
    const std::int32_t below = lower[l * channels_] * (256 - to_right) + lower[r * channels_] * to_right;
    return float(above * (256 - to_bottom) + below * to_bottom) * 0x1p-16f;
  }

 private:
  static constexpr std::int32_t one = 65536, steps = 4096;
  std::int32_t height_ = 0, width_ = 0, channels_ = 0;
  bool mirror_ = false;
  std::int32_t shift_x_ = 0, shift_y_ = 0;           // at most, in 2^-16 pixels
  std::int32_t tangent_ = 0, zoom_ = 0;              // at most, in 1 / steps
  std::int32_t erase_ = 0;                           // how many of 2^16 images
  std::int32_t erase_height_ = 1, erase_width_ = 1;  // at most, in pixels

  static constexpr std::int32_t nearest(double x) { return std::int32_t(x < 0 ? x - 0.5 : x + 0.5); }
  static constexpr int clamp(int i, int size) { return i < 0 ? 0 : i < size ? i : size - 1; }
  static constexpr std::int32_t below(std::uint32_t word, std::int32_t bound) {
    return std::int32_t((std::uint64_t(word) * std::uint32_t(bound)) >> 32);
  }
  static constexpr std::int32_t either_way(std::uint32_t word, std::int32_t most) {
    return below(word, 2 * most + 1) - most;
  }
};

}  // namespace ferlab::data
