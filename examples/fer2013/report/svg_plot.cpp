// SPDX-License-Identifier: MIT
#include "svg_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "html.hpp"

namespace fer2013 {

namespace {

// Each colour of text or line has a contrast of 4.5:1 or more with the page, in both schemes.
constexpr const char* style = R"(<style>
.plot { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.plot text { fill: #1b1f24; font-variant-numeric: tabular-nums; }
.plot text.tick { fill: #59626d; }
.plot text.title { font-weight: 600; }
.plot .grid { stroke: #e3e7eb; }
.plot .axis, .plot .mark { stroke: #59626d; }
.plot .mark { stroke-dasharray: 1 3; stroke-linecap: round; }
.plot .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.plot .ring { fill: #ffffff; stroke-width: 1.8; }
.plot .bar { fill: #1f5fa8; fill-opacity: .25; stroke: #1f5fa8; }
.plot .s0 { stroke: #1f5fa8; } .plot text.s0, .plot .dot.s0 { fill: #1f5fa8; stroke: none; }
.plot .s1 { stroke: #a3480f; } .plot text.s1, .plot .dot.s1 { fill: #a3480f; stroke: none; }
.plot .s2 { stroke: #2c6e49; } .plot text.s2, .plot .dot.s2 { fill: #2c6e49; stroke: none; }
.plot .s3 { stroke: #7a3e9d; } .plot text.s3, .plot .dot.s3 { fill: #7a3e9d; stroke: none; }
.plot .line.s1 { stroke-dasharray: 5 4; }
.plot .line.s2 { stroke-dasharray: 1 4; }
.plot .line.s3 { stroke-dasharray: 9 3 2 3; }
@media (prefers-color-scheme: dark) {
.plot text { fill: #e4e7eb; }
.plot text.tick { fill: #9aa4af; }
.plot .grid { stroke: #2a3037; }
.plot .axis, .plot .mark { stroke: #9aa4af; }
.plot .ring { fill: #15181c; }
.plot .bar { fill: #82b4ee; stroke: #82b4ee; }
.plot .s0 { stroke: #82b4ee; } .plot text.s0, .plot .dot.s0 { fill: #82b4ee; }
.plot .s1 { stroke: #eea468; } .plot text.s1, .plot .dot.s1 { fill: #eea468; }
.plot .s2 { stroke: #7cc69c; } .plot text.s2, .plot .dot.s2 { fill: #7cc69c; }
.plot .s3 { stroke: #cba0e6; } .plot text.s3, .plot .dot.s3 { fill: #cba0e6; }
}
</style>
)";

/// 1, 2 or 5 times a power of ten: about five of them fill `span`.
double round_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 5)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power * 5 >= span) return times * power;
  return 10 * power;
}

}  // namespace

std::string coordinate(double value) { return html::number("%.4g", value); }

Axis Axis::around(double low, double high) {
  if (high - low <= 1e-9 * std::max(std::abs(low), std::abs(high))) {  // one value, or as good as one
    const double room = low == 0 ? 1 : 0.05 * std::abs(low);
    low -= room, high += room;
  }
  const double step = round_step(high - low);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

Axis Axis::whole(int first, int last) {
  if (first >= last) return {first - 0.5, first + 0.5, 1};
  return {double(first), double(last), std::max(1.0, round_step((last - first) * 0.8))};
}

std::vector<double> Axis::ticks() const {
  std::vector<double> all;
  const double first = std::ceil(low / step - 1e-9);
  for (int i = 0; i < 20; ++i) {  // counted, so that it ends whatever the numbers are
    const double tick = (first + i) * step;
    if (tick > high + 1e-6 * step) break;
    all.push_back(std::abs(tick) < 1e-9 * step ? 0 : tick);
  }
  return all;
}

std::string Axis::text(double tick) const {
  if (std::max(std::abs(low), std::abs(high)) >= 1e5 || step < 1e-6) return html::number("%.3g", tick);
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", std::max(0, int(std::ceil(-std::log10(step) - 1e-9))), tick);
  return text;
}

Plot::Plot(Frame frame, Axis x, Axis y) : frame_(std::move(frame)), x_(x), y_(y) {
  for (const double tick : y_.ticks()) left_ = std::max(left_, 12 + 7 * double(y_.text(tick).size()));
  for (const double tick : y_.ticks()) {
    const std::string at = coordinate(this->y(tick));
    add("<line class=\"grid\" x1=\"" + coordinate(left()) + "\" x2=\"" + coordinate(right()) + "\" y1=\"" + at +
        "\" y2=\"" + at + "\"/>");
    text(left() - 7, this->y(tick) + 4, y_.text(tick), "tick", "end");
  }
  add("<line class=\"axis\" x1=\"" + coordinate(left()) + "\" x2=\"" + coordinate(right()) + "\" y1=\"" +
      coordinate(bottom()) + "\" y2=\"" + coordinate(bottom()) + "\"/>");
  for (const double tick : x_.ticks()) text(this->x(tick), bottom() + 16, x_.text(tick), "tick", "middle");
  text((left() + right()) / 2, bottom() + 31, frame_.x_label, "tick", "middle");
  text(0, 13, frame_.title, "title");
}

double Plot::x(double value) const { return left() + (right() - left()) * (value - x_.low) / (x_.high - x_.low); }
double Plot::y(double value) const { return bottom() - (bottom() - top()) * (value - y_.low) / (y_.high - y_.low); }

void Plot::text(double x, double y, std::string_view words, std::string_view kind, std::string_view anchor) {
  add("<text class=\"" + std::string(kind) + "\" x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) +
      "\" text-anchor=\"" + std::string(anchor) + "\">" + html::escape(words) + "</text>");
}

std::string Plot::svg() const {
  const std::string size = std::to_string(frame_.width), high = std::to_string(frame_.height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" aria-labelledby=\"" + frame_.id +
         "-title " + frame_.id + "-description\" width=\"" + size + "\" height=\"" + high + "\" viewBox=\"0 0 " + size +
         " " + high + "\">\n<title id=\"" + frame_.id + "-title\">" + html::escape(frame_.title) +
         "</title><desc id=\"" + frame_.id + "-description\">" + html::escape(frame_.description) + "</desc>\n" +
         style + body_ + "\n</svg>\n";
}

}  // namespace fer2013
