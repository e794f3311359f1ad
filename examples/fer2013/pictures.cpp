// SPDX-License-Identifier: MIT
#include "pictures.hpp"

#include <ferlab/formats/png.hpp>

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
  ferlab::formats::create_parent_folders(path);
  ferlab::formats::write_png(path, raster.width, raster.height, 3, raster.pixels);
}

struct Curve {
  const char* name;
  Colour colour;
  std::function<double(const ferlab::EpochResult&)> value;
};

/// 1, 2 or 5 times a power of ten: about six of them fill `span`.
double tick_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 6)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power * 6 >= span) return times * power;
  return 10 * power;
}

/// One chart with its top left corner at (left, 0).
void chart(Raster& raster, int left, const char* title, const std::vector<ferlab::EpochResult>& epochs,
           const std::vector<Curve>& curves) {
  const int x0 = left + 90, y0 = 60, w = 560, h = 380;
  double low = INFINITY, high = -INFINITY;
  for (const auto& epoch : epochs)
    for (const Curve& curve : curves)
      if (const double v = curve.value(epoch); std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (!(low <= high)) low = 0, high = 1;
  if (high - low < 1e-6) low -= 0.05, high += 0.05;
  const double step = tick_step(high - low);
  low = std::floor(low / step) * step, high = std::ceil(high / step) * step;
  const auto px = [&](std::size_t i) {
    return x0 + (epochs.size() > 1 ? double(w) * double(i) / double(epochs.size() - 1) : w / 2.0);
  };
  const auto py = [&](double v) { return y0 + h * (high - v) / (high - low); };

  raster.centred(x0 + w / 2, 18, title, black, 3);
  const char* pattern = step < 0.01 ? "%6.4f" : step < 0.1 ? "%6.2f" : step < 1 ? "%6.1f" : "%6.0f";
  for (double v = low; v < high + step / 2; v += step) {
    raster.fill(x0, int(py(v)), w, 1, grey);
    raster.text(left + 8, int(py(v)) - 7, format(pattern, v), black, 2);
  }
  const std::size_t every = std::max<std::size_t>(1, (epochs.size() + 9) / 10);
  for (std::size_t i = 0; i < epochs.size(); i += every)
    raster.centred(int(px(i)), y0 + h + 10, std::to_string(epochs[i].epoch + 1), black, 2);
  raster.centred(x0 + w / 2, y0 + h + 36, "epoch", black, 2);
  raster.fill(x0, y0, 1, h, black);
  raster.fill(x0, y0 + h, w, 1, black);
  int legend = x0 + 40;
  for (const Curve& curve : curves) {
    for (std::size_t i = 0; i < epochs.size(); ++i) {
      const double v = curve.value(epochs[i]);
      if (!std::isfinite(v)) continue;
      raster.fill(int(px(i)) - 3, int(py(v)) - 3, 6, 6, curve.colour);
      if (i > 0 && std::isfinite(curve.value(epochs[i - 1])))
        raster.line(px(i - 1), py(curve.value(epochs[i - 1])), px(i), py(v), curve.colour, 2);
    }
    raster.fill(legend, y0 + h + 70, 30, 4, curve.colour);
    raster.text(legend + 40, y0 + h + 65, curve.name, black, 2);
    legend += 240;
  }
}

}  // namespace

void draw_curves(const std::string& path, const ferlab::History& history) {
  using Result = ferlab::EpochResult;
  Raster raster(1360, 540);
  chart(raster, 0, "loss", history.epochs,
        {{"training", blue, [](const Result& r) { return r.loss; }},
         {"validation", orange, [](const Result& r) { return r.val_loss; }}});
  chart(raster, 680, "accuracy", history.epochs,
        {{"training", blue, [](const Result& r) { return r.metrics[0]; }},
         {"validation", orange, [](const Result& r) { return r.val_metrics[0]; }}});
  save(path, raster);
}

void draw_confusion_matrix(const std::string& path, const ferlab::ConfusionMatrix& matrix,
                           const std::vector<std::string>& names) {
  const int cell = 116, left = 140, top = 110, n = matrix.classes;
  Raster raster(left + cell * n + 20, top + cell * n + 20);
  raster.centred(raster.width / 2, 16, "true (down), predicted (across)", black, 2);
  raster.centred(
      raster.width / 2, 44,
      "accuracy " + format("%.2f %%", 100 * matrix.accuracy()) + ", macro F1 " + format("%.3f", matrix.macro_f1()),
      black, 2);
  for (int t = 0; t < n; ++t) {
    const std::string name = names[std::size_t(t)].substr(0, 9);
    raster.text(16, top + cell * t + cell / 2 - 7, name, black, 2);
    raster.centred(left + cell * t + cell / 2, top - 26, name, black, 2);
    for (int p = 0; p < n; ++p) {
      const double share = matrix.support(t) > 0 ? double(matrix.at(t, p)) / double(matrix.support(t)) : 0;
      const auto fade = [&](int full) { return std::uint8_t(255 - share * (255 - full)); };
      const int x = left + cell * p, y = top + cell * t;
      raster.fill(x, y, cell, cell, grey);
      raster.fill(x + 1, y + 1, cell - 2, cell - 2, {fade(8), fade(69), fade(148)});
      const Colour ink = share > 0.5 ? Colour{255, 255, 255} : black;
      raster.centred(x + cell / 2, y + cell / 2 - 26, std::to_string(matrix.at(t, p)), ink, 3);
      raster.centred(x + cell / 2, y + cell / 2 + 12, format("%.1f %%", 100 * share), ink, 2);
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

  const int scale = 3, columns = 6, w = data.shape().width * scale, h = data.shape().height * scale,
            cell_w = std::max(w, 19 * 12) + 24, cell_h = h + 58;  // 19 letters: the longest "true > predicted"
  const int rows = std::max(1, (int(mistakes.size()) + columns - 1) / columns);
  Raster raster(columns * cell_w + 16, rows * cell_h + 48);
  raster.text(16, 14, mistakes.empty() ? "no mistakes" : "the most confident mistakes: true > predicted", black, 2);
  for (std::size_t m = 0; m < mistakes.size(); ++m) {
    const int x = 16 + int(m) % columns * cell_w, y = 48 + int(m) / columns * cell_h;
    const auto image = data.image(mistakes[m].image);
    const int channels = data.shape().channels;
    for (int j = 0; j < h; ++j)
      for (int i = 0; i < w; ++i) {
        const auto at = std::size_t((j / scale * data.shape().width + i / scale) * channels);
        raster.dot(x + i, y + j, {image[at], image[at], image[at]});
      }
    raster.text(x, y + h + 6, names[data.label(mistakes[m].image)] + " > " + names[std::size_t(mistakes[m].predicted)],
                black, 2);
    raster.text(x, y + h + 26, format("%.1f %%", 100 * double(mistakes[m].probability)), black, 2);
  }
  save(path, raster);
}

}  // namespace fer2013
