// SPDX-License-Identifier: MIT
#include "pictures.hpp"

#include <ferlab/io/png.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "raster.hpp"

namespace fer2013 {

namespace {

constexpr Colour black{40, 40, 40}, grey{225, 225, 225}, blue{31, 119, 180}, orange{230, 110, 20};

std::string format(const char* pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

void save(const std::string& path, const Raster& raster) {
  ferlab::io::create_parent_folders(path);
  ferlab::io::write_png(path, raster.width, raster.height, 3, raster.pixels);
}

struct Curve {
  const char* name;
  Colour colour;
  std::function<double(const ferlab::EpochResult&)> value;
};

/// One chart with its top left corner at (left, 0).
void chart(Raster& raster, int left, const char* title, const std::vector<ferlab::EpochResult>& epochs,
           const std::vector<Curve>& curves) {
  const int x0 = left + 60, y0 = 50, w = 400, h = 300;
  double low = INFINITY, high = -INFINITY;
  for (const auto& epoch : epochs)
    for (const Curve& curve : curves)
      if (const double v = curve.value(epoch); std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (!(low <= high)) low = 0, high = 1;
  if (high - low < 1e-9) high = low + 1e-9 + std::abs(low) * 0.01;
  const double room = 0.05 * (high - low);
  low -= room, high += room;
  const auto px = [&](std::size_t i) {
    return x0 + (epochs.size() > 1 ? double(w) * double(i) / double(epochs.size() - 1) : w / 2.0);
  };
  const auto py = [&](double v) { return y0 + h * (high - v) / (high - low); };

  raster.centred(x0 + w / 2, 15, title, black, 2);
  for (int k = 0; k <= 5; ++k) {
    const double v = low + (high - low) * k / 5;
    raster.fill(x0, int(py(v)), w, 1, grey);
    raster.text(left + 12, int(py(v)) - 4, format("%6.3f", v), black);
  }
  const std::size_t step = std::max<std::size_t>(1, (epochs.size() + 9) / 10);
  for (std::size_t i = 0; i < epochs.size(); i += step)
    raster.centred(int(px(i)), y0 + h + 8, std::to_string(i + 1), black);
  raster.centred(x0 + w / 2, y0 + h + 24, "epoch", black);
  raster.fill(x0, y0, 1, h, black);
  raster.fill(x0, y0 + h, w, 1, black);
  int legend = y0 + h + 40;
  for (const Curve& curve : curves) {
    for (std::size_t i = 0; i < epochs.size(); ++i) {
      const double v = curve.value(epochs[i]);
      if (!std::isfinite(v)) continue;
      raster.fill(int(px(i)) - 2, int(py(v)) - 2, 4, 4, curve.colour);
      if (i > 0 && std::isfinite(curve.value(epochs[i - 1])))
        raster.line(px(i - 1), py(curve.value(epochs[i - 1])), px(i), py(v), curve.colour, 2);
    }
    raster.fill(x0 + 10, legend, 20, 3, curve.colour);
    raster.text(x0 + 36, legend - 3, curve.name, black);
    legend += 14;
  }
}

}  // namespace

void draw_curves(const std::string& path, const ferlab::History& history) {
  using Result = ferlab::EpochResult;
  Raster raster(960, 430);
  chart(raster, 0, "loss", history.epochs,
        {{"training", blue, [](const Result& r) { return r.loss; }},
         {"validation", orange, [](const Result& r) { return r.val_loss; }}});
  chart(raster, 480, "accuracy", history.epochs,
        {{"training", blue, [](const Result& r) { return r.accuracy; }},
         {"validation", orange, [](const Result& r) { return r.val_accuracy; }}});
  save(path, raster);
}

void draw_confusion_matrix(const std::string& path, const ferlab::ConfusionMatrix& matrix,
                           const std::vector<std::string>& names) {
  const int cell = 72, left = 90, top = 60, n = matrix.classes;
  Raster raster(left + cell * n + 20, top + cell * n + 30);
  raster.centred(left + cell * n / 2, 12, "predicted (across), true (down)", black, 1);
  raster.centred(
      left + cell * n / 2, 28,
      "accuracy " + format("%.2f %%", 100 * matrix.accuracy()) + ", macro F1 " + format("%.3f", matrix.macro_f1()),
      black, 1);
  for (int t = 0; t < n; ++t) {
    const std::string& name = names[std::size_t(t)];
    raster.text(8, top + cell * t + cell / 2 - 4, name.substr(0, 13), black);
    raster.centred(left + cell * t + cell / 2, top - 14, name.substr(0, 11), black);
    for (int p = 0; p < n; ++p) {
      const double share = matrix.support(t) > 0 ? double(matrix.at(t, p)) / double(matrix.support(t)) : 0;
      const auto fade = [&](int full) { return std::uint8_t(255 - share * (255 - full)); };
      const int x = left + cell * p, y = top + cell * t;
      raster.fill(x + 1, y + 1, cell - 2, cell - 2, {fade(8), fade(69), fade(148)});
      const Colour ink = share > 0.5 ? Colour{255, 255, 255} : black;
      raster.centred(x + cell / 2, y + cell / 2 - 12, std::to_string(matrix.at(t, p)), ink, 2);
      raster.centred(x + cell / 2, y + cell / 2 + 12, format("%.1f %%", 100 * share), ink);
    }
  }
  save(path, raster);
}

void draw_mistakes(const std::string& path, const ferlab::data::Dataset& data, std::span<const float> probabilities,
                   const std::vector<std::string>& names, int count) {
  struct Mistake {
    std::size_t image;
    int predicted;
    float probability;
  };
  const std::size_t classes = names.size();
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const float* row = probabilities.data() + i * classes;
    const float* best = std::max_element(row, row + classes);
    if (best - row != data.label(i)) mistakes.push_back({i, int(best - row), *best});
  }
  std::sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.image < b.image;
  });
  mistakes.resize(std::min(mistakes.size(), std::size_t(count)));

  const int scale = 2, columns = 6, w = data.shape().width * scale, h = data.shape().height * scale,
            cell_w = std::max(w, 120) + 12, cell_h = h + 34;
  const int rows = std::max(1, (int(mistakes.size()) + columns - 1) / columns);
  Raster raster(columns * cell_w + 12, rows * cell_h + 30);
  raster.text(12, 10, mistakes.empty() ? "no mistakes" : "true > predicted, the most confident mistakes", black);
  for (std::size_t m = 0; m < mistakes.size(); ++m) {
    const int x = 12 + int(m) % columns * cell_w, y = 28 + int(m) / columns * cell_h;
    const auto image = data.image(mistakes[m].image);
    const int channels = data.shape().channels;
    for (int j = 0; j < h; ++j)
      for (int i = 0; i < w; ++i) {
        const auto at = std::size_t((j / scale * data.shape().width + i / scale) * channels);
        raster.dot(x + i, y + j, {image[at], image[at], image[at]});
      }
    raster.text(x, y + h + 4, names[data.label(mistakes[m].image)] + " > " + names[std::size_t(mistakes[m].predicted)],
                black);
    raster.text(x, y + h + 15, format("%.1f %%", 100 * double(mistakes[m].probability)), black);
  }
  save(path, raster);
}

}  // namespace fer2013
