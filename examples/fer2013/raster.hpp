// SPDX-License-Identifier: MIT
// A small picture to draw on: rectangles, lines and 5 x 7 letters.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fer2013 {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

class Raster {
 public:
  int width, height;
  std::vector<std::uint8_t> pixels;  ///< [height][width][3]

  Raster(int w, int h, Colour background = {255, 255, 255})
      : width(w), height(h), pixels(std::size_t(w) * std::size_t(h) * 3) {
    fill(0, 0, w, h, background);
  }

  /// What lies outside the picture is not drawn.
  void dot(int x, int y, Colour c) {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    std::uint8_t* p = pixels.data() + (std::size_t(y) * std::size_t(width) + std::size_t(x)) * 3;
    p[0] = c.red, p[1] = c.green, p[2] = c.blue;
  }
  void fill(int x, int y, int w, int h, Colour c) {
    for (int j = y; j < y + h; ++j)
      for (int i = x; i < x + w; ++i) dot(i, j, c);
  }
  void line(double x0, double y0, double x1, double y1, Colour c, int thick = 1) {
    const int steps = int(std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0}) * 2);
    for (int s = 0; s <= steps; ++s) {
      const double t = double(s) / steps;
      fill(int(std::lround(x0 + t * (x1 - x0))) - thick / 2, int(std::lround(y0 + t * (y1 - y0))) - thick / 2, thick,
           thick, c);
    }
  }
  /// Each letter is 6 * scale wide and 8 * scale high.
  void text(int x, int y, std::string_view words, Colour c, int scale = 1) {
    for (char letter : words) {
      const unsigned code = static_cast<unsigned char>(letter);
      const std::uint8_t* columns = letters[code >= 32 && code < 127 ? code - 32 : '?' - 32];
      for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 8; ++j)
          if (columns[i] >> j & 1) fill(x + i * scale, y + j * scale, scale, scale, c);
      x += 6 * scale;
    }
  }
  void centred(int x, int y, std::string_view words, Colour c, int scale = 1) {
    text(x - int(words.size()) * 3 * scale, y, words, c, scale);
  }

 private:
  // The usual 5 x 7 matrix letters from ' ' to '~': a byte a column, the lowest bit on top.
  static constexpr std::uint8_t letters[95][5] = {{0, 0, 0, 0, 0},
                                                  {0, 0, 0x5F, 0, 0},
                                                  {0, 7, 0, 7, 0},
                                                  {0x14, 0x7F, 0x14, 0x7F, 0x14},
                                                  {0x24, 0x2A, 0x7F, 0x2A, 0x12},
                                                  {0x23, 0x13, 8, 0x64, 0x62},
                                                  {0x36, 0x49, 0x56, 0x20, 0x50},
                                                  {0, 8, 7, 3, 0},
                                                  {0, 0x1C, 0x22, 0x41, 0},
                                                  {0, 0x41, 0x22, 0x1C, 0},
                                                  {0x2A, 0x1C, 0x7F, 0x1C, 0x2A},
                                                  {8, 8, 0x3E, 8, 8},
                                                  {0, 0x80, 0x70, 0x30, 0},
                                                  {8, 8, 8, 8, 8},
                                                  {0, 0, 0x60, 0x60, 0},
                                                  {0x20, 0x10, 8, 4, 2},
                                                  {0x3E, 0x51, 0x49, 0x45, 0x3E},
                                                  {0, 0x42, 0x7F, 0x40, 0},
                                                  {0x72, 0x49, 0x49, 0x49, 0x46},
                                                  {0x21, 0x41, 0x49, 0x4D, 0x33},
                                                  {0x18, 0x14, 0x12, 0x7F, 0x10},
                                                  {0x27, 0x45, 0x45, 0x45, 0x39},
                                                  {0x3C, 0x4A, 0x49, 0x49, 0x31},
                                                  {0x41, 0x21, 0x11, 9, 7},
                                                  {0x36, 0x49, 0x49, 0x49, 0x36},
                                                  {0x46, 0x49, 0x49, 0x29, 0x1E},
                                                  {0, 0, 0x14, 0, 0},
                                                  {0, 0x40, 0x34, 0, 0},
                                                  {0, 8, 0x14, 0x22, 0x41},
                                                  {0x14, 0x14, 0x14, 0x14, 0x14},
                                                  {0, 0x41, 0x22, 0x14, 8},
                                                  {2, 1, 0x59, 9, 6},
                                                  {0x3E, 0x41, 0x5D, 0x59, 0x4E},
                                                  {0x7C, 0x12, 0x11, 0x12, 0x7C},
                                                  {0x7F, 0x49, 0x49, 0x49, 0x36},
                                                  {0x3E, 0x41, 0x41, 0x41, 0x22},
                                                  {0x7F, 0x41, 0x41, 0x41, 0x3E},
                                                  {0x7F, 0x49, 0x49, 0x49, 0x41},
                                                  {0x7F, 9, 9, 9, 1},
                                                  {0x3E, 0x41, 0x41, 0x51, 0x73},
                                                  {0x7F, 8, 8, 8, 0x7F},
                                                  {0, 0x41, 0x7F, 0x41, 0},
                                                  {0x20, 0x40, 0x41, 0x3F, 1},
                                                  {0x7F, 8, 0x14, 0x22, 0x41},
                                                  {0x7F, 0x40, 0x40, 0x40, 0x40},
                                                  {0x7F, 2, 0x1C, 2, 0x7F},
                                                  {0x7F, 4, 8, 0x10, 0x7F},
                                                  {0x3E, 0x41, 0x41, 0x41, 0x3E},
                                                  {0x7F, 9, 9, 9, 6},
                                                  {0x3E, 0x41, 0x51, 0x21, 0x5E},
                                                  {0x7F, 9, 0x19, 0x29, 0x46},
                                                  {0x26, 0x49, 0x49, 0x49, 0x32},
                                                  {3, 1, 0x7F, 1, 3},
                                                  {0x3F, 0x40, 0x40, 0x40, 0x3F},
                                                  {0x1F, 0x20, 0x40, 0x20, 0x1F},
                                                  {0x3F, 0x40, 0x38, 0x40, 0x3F},
                                                  {0x63, 0x14, 8, 0x14, 0x63},
                                                  {3, 4, 0x78, 4, 3},
                                                  {0x61, 0x59, 0x49, 0x4D, 0x43},
                                                  {0, 0x7F, 0x41, 0x41, 0x41},
                                                  {2, 4, 8, 0x10, 0x20},
                                                  {0, 0x41, 0x41, 0x41, 0x7F},
                                                  {4, 2, 1, 2, 4},
                                                  {0x40, 0x40, 0x40, 0x40, 0x40},
                                                  {0, 3, 7, 8, 0},
                                                  {0x20, 0x54, 0x54, 0x78, 0x40},
                                                  {0x7F, 0x28, 0x44, 0x44, 0x38},
                                                  {0x38, 0x44, 0x44, 0x44, 0x28},
                                                  {0x38, 0x44, 0x44, 0x28, 0x7F},
                                                  {0x38, 0x54, 0x54, 0x54, 0x18},
                                                  {0, 8, 0x7E, 9, 2},
                                                  {0x18, 0xA4, 0xA4, 0x9C, 0x78},
                                                  {0x7F, 8, 4, 4, 0x78},
                                                  {0, 0x44, 0x7D, 0x40, 0},
                                                  {0x20, 0x40, 0x40, 0x3D, 0},
                                                  {0x7F, 0x10, 0x28, 0x44, 0},
                                                  {0, 0x41, 0x7F, 0x40, 0},
                                                  {0x7C, 4, 0x78, 4, 0x78},
                                                  {0x7C, 8, 4, 4, 0x78},
                                                  {0x38, 0x44, 0x44, 0x44, 0x38},
                                                  {0xFC, 0x18, 0x24, 0x24, 0x18},
                                                  {0x18, 0x24, 0x24, 0x18, 0xFC},
                                                  {0x7C, 8, 4, 4, 8},
                                                  {0x48, 0x54, 0x54, 0x54, 0x24},
                                                  {4, 4, 0x3F, 0x44, 0x24},
                                                  {0x3C, 0x40, 0x40, 0x20, 0x7C},
                                                  {0x1C, 0x20, 0x40, 0x20, 0x1C},
                                                  {0x3C, 0x40, 0x30, 0x40, 0x3C},
                                                  {0x44, 0x28, 0x10, 0x28, 0x44},
                                                  {0x4C, 0x90, 0x90, 0x90, 0x7C},
                                                  {0x44, 0x64, 0x54, 0x4C, 0x44},
                                                  {0, 8, 0x36, 0x41, 0},
                                                  {0, 0, 0x77, 0, 0},
                                                  {0, 0x41, 0x36, 8, 0},
                                                  {2, 1, 2, 4, 2}};
};

}  // namespace fer2013
