// SPDX-License-Identifier: MIT
// A small grey drawing surface with anti-aliased shapes, for the built-in faces.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ferlab/core/philox.hpp"

namespace ferlab::datasets::detail {

/// Random numbers of one row, drawn one after the other.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t row) : stream_{.seed = seed, .purpose = Purpose::data, .step = row} {}

  float uniform() { return stream_.uniform(next_++); }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  bool chance(float probability) { return uniform() < probability; }
  /// Mean 0, deviation 1, within +-3.5: the sum of four uniform bytes.
  float normal() { return bell(stream_.word(next_++)); }
  float normal(float deviation) { return deviation * normal(); }

  /// One normal number for each element of `out`, added to it.
  void add_noise(std::span<float> out, float deviation) {
    std::uint32_t block = std::uint32_t(next_ / 4 + 1);  // after all words drawn so far
    for (std::size_t i = 0; i < out.size(); ++block)
      for (std::uint32_t word : stream_.block(block))
        if (i < out.size()) out[i++] += deviation * bell(word);
    next_ = std::uint64_t(block) * 4;
  }

 private:
  static float bell(std::uint32_t word) {
    const std::uint32_t sum = (word & 0xff) + ((word >> 8) & 0xff) + ((word >> 16) & 0xff) + (word >> 24);
    return (float(sum) - 510) / 147.8f;  // four bytes: mean 4 * 127.5, variance 4 * (256^2 - 1) / 12
  }
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

struct Point {
  float x = 0, y = 0;
};

/// A curve y(x) = height + slope * x + bend * x^2 over -reach..reach. y points down: a negative bend has its ends up.
struct Arc {
  float reach, height = 0, slope = 0, bend = 0;
  float operator()(float x) const { return height + (slope + bend * x) * x; }

  /// Distance from a stroke along the curve, `width` wide; negative inside.
  float stroke(float x, float y, float width) const {
    const float on = std::clamp(x, -reach, reach), steepness = slope + 2 * bend * on;
    const float dx = x - on, dy = (y - (*this)(on)) / std::sqrt(1 + steepness * steepness);
    return std::sqrt(dx * dx + dy * dy) - width / 2;
  }
};

/// Distance from an ellipse (first order); negative inside.
inline float ellipse(float x, float y, float radius_x, float radius_y) {
  const float u = x / radius_x, v = y / radius_y;
  return (std::sqrt(u * u + v * v) - 1) * std::min(radius_x, radius_y);
}

/// Distance from the area between two arcs over the same reach; negative inside.
inline float lens(float x, float y, const Arc& upper, const Arc& lower) {
  return std::max({upper(x) - y, y - lower(x), std::abs(x) - upper.reach});
}

/// Distance from the segment a-b drawn `width` wide; negative inside.
inline float segment(float x, float y, Point a, Point b, float width) {
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float t = std::clamp(((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy + 1e-9f), 0.0f, 1.0f);
  const float ex = x - a.x - t * dx, ey = y - a.y - t * dy;
  return std::sqrt(ex * ex + ey * ey) - width / 2;
}

/// Where a feature sits in head coordinates (x right, y down, head radius about 1), and how much the turned head
/// narrows it.
struct Place {
  Point centre;
  float narrow_x = 1, narrow_y = 1;
};

/// size x size greys, 0 black to 1 white, and a head coordinate system on them.
class Canvas {
 public:
  explicit Canvas(int size) : size_(size), grey(std::size_t(size) * std::size_t(size)) {}

  /// Puts the head's centre at `centre` (fractions of the picture), its unit `radius` (fraction of the size) long,
  /// turned by `roll` (radians, clockwise).
  void place_head(Point centre, float radius, float roll) {
    origin_ = {centre.x * float(size_), centre.y * float(size_)};
    scale_ = radius * float(size_);
    cos_ = std::cos(roll), sin_ = std::sin(roll);
  }

  /// Blends `tone` (a grey, or a function of local x, y) into the pixels of a shape: `distance(x, y)` from its border
  /// in the coordinates of `place`, negative inside; the shape lies within +-reach of the place. `soft` blurs its edge.
  template <class Distance, class Tone>
  void paint(const Place& place, Point reach, const Tone& tone, float opacity, float soft, const Distance& distance) {
    const float margin = soft + 1.5f / scale_;
    each_pixel(place, {reach.x + margin, reach.y + margin}, [&](float& pixel, float x, float y) {
      const float cover = std::clamp(0.5f - distance(x, y) / (soft + 1 / scale_), 0.0f, 1.0f) * opacity;
      if constexpr (requires { tone(x, y); })
        pixel += cover * (tone(x, y) - pixel);
      else
        pixel += cover * (tone - pixel);
    });
  }

  /// Light from one side: brighter by x and y for each unit of the head's coordinates.
  void light(Point direction) {
    each_pixel({}, {10, 10}, [&](float& pixel, float x, float y) {
      pixel *= std::clamp(1 + direction.x * x + direction.y * y, 0.3f, 1.6f);
    });
  }

  /// Three taps across and three down: 1 2 1 mixed with the middle by `strength`, 0 none to 1 full.
  void blur(float strength) {
    const float side = strength / 4, middle = 1 - strength / 2;
    const std::size_t n = std::size_t(size_);
    std::vector<float> line(n);
    const auto pass = [&](std::size_t start, std::size_t step) {
      for (std::size_t i = 0; i < n; ++i) line[i] = grey[start + i * step];
      for (std::size_t i = 0; i < n; ++i)
        grey[start + i * step] = middle * line[i] + side * (line[i ? i - 1 : 0] + line[i + 1 < n ? i + 1 : n - 1]);
    };
    for (std::size_t i = 0; i < n; ++i) pass(i * n, 1), pass(i, n);
  }

 private:
  template <class Body>
  void each_pixel(const Place& place, Point reach, const Body& body) {
    const float across = reach.x * place.narrow_x, down = reach.y * place.narrow_y;
    const Point c{origin_.x + scale_ * (cos_ * place.centre.x - sin_ * place.centre.y),
                  origin_.y + scale_ * (sin_ * place.centre.x + cos_ * place.centre.y)};
    const float width = scale_ * (std::abs(cos_) * across + std::abs(sin_) * down);
    const float height = scale_ * (std::abs(sin_) * across + std::abs(cos_) * down);
    const auto bound = [this](float v) { return int(std::clamp(v, 0.0f, float(size_))); };
    const int x1 = bound(c.x + width + 1), y1 = bound(c.y + height + 1);
    for (int row = bound(c.y - height); row < y1; ++row)
      for (int column = bound(c.x - width); column < x1; ++column) {
        const float dx = (float(column) + 0.5f - c.x) / scale_, dy = (float(row) + 0.5f - c.y) / scale_;
        const float x = (cos_ * dx + sin_ * dy) / place.narrow_x, y = (cos_ * dy - sin_ * dx) / place.narrow_y;
        body(grey[std::size_t(row) * std::size_t(size_) + std::size_t(column)], x, y);
      }
  }

  int size_;
  Point origin_;
  float scale_ = 1, cos_ = 1, sin_ = 0;

 public:
  std::vector<float> grey;
};

}  // namespace ferlab::datasets::detail
