// SPDX-License-Identifier: MIT
#include "svg_chart.hpp"

#include <algorithm>
#include <cmath>

#include "html.hpp"
#include "svg_plot.hpp"

namespace fer2013 {

namespace {

bool can_be_drawn(double value) { return std::abs(value) < 1e300; }  // not NaN, and no infinite axis

std::string circle(const char* kind, const std::string& look, double x, double y, double radius) {
  return "<circle class=\"" + std::string(kind) + " " + look + "\" cx=\"" + coordinate(x) + "\" cy=\"" + coordinate(y) +
         "\" r=\"" + coordinate(radius) + "\"/>";
}

/// The runs of values that can be drawn; one alone becomes a dot.
void draw(Plot& plot, const Series& series, int first_x, const std::string& look) {
  const auto& v = series.values;
  for (std::size_t begin = 0; begin < v.size(); ++begin) {
    if (!can_be_drawn(v[begin])) continue;
    std::size_t end = begin;
    std::string points;
    for (; end < v.size() && can_be_drawn(v[end]); ++end)
      points += coordinate(plot.x(first_x + double(end))) + "," + coordinate(plot.y(v[end])) + " ";
    if (end - begin == 1)
      plot.add(circle("dot", look, plot.x(first_x + double(begin)), plot.y(v[begin]), 3));
    else
      plot.add("<polyline class=\"line " + look + "\" points=\"" + points.substr(0, points.size() - 1) + "\"/>");
    begin = end;
  }
}

struct Label {
  double y;
  std::size_t series;
};

/// Each as near as can be to where its line ends, none over another.
std::vector<Label> placed(std::vector<Label> labels, double top, double bottom) {
  constexpr double apart = 14;
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].y, i == 0 ? top : labels[i - 1].y + apart);
  double most = bottom;
  for (std::size_t i = labels.size(); i-- > 0; most = labels[i].y - apart) labels[i].y = std::min(labels[i].y, most);
  return labels;
}

/// "training: 2.1 at first, 0.9 at the end, from 0.8 to 2.1"
std::string in_words(const Series& series) {
  std::vector<double> drawn;
  for (const double v : series.values)
    if (can_be_drawn(v)) drawn.push_back(v);
  const std::string name = series.name.empty() ? "" : series.name + ": ";
  if (drawn.empty()) return name + "no finite value";
  const auto text = [](double v) { return html::number("%.4g", v); };
  const auto [low, high] = std::minmax_element(drawn.begin(), drawn.end());
  return name + text(drawn.front()) + " at first, " + text(drawn.back()) + " at the end, from " + text(*low) + " to " +
         text(*high);
}

}  // namespace

std::string svg_chart(const LineChart& chart) {
  std::size_t points = 0, left_out = 0, longest = 0;
  double low = INFINITY, high = -INFINITY;
  std::string description = chart.title + " by " + chart.x_label + ".";
  for (const Series& series : chart.series) {
    points = std::max(points, series.values.size());
    longest = std::max(longest, series.name.size());
    description += " " + in_words(series) + ".";
    for (const double v : series.values)
      if (can_be_drawn(v))
        low = std::min(low, v), high = std::max(high, v);
      else
        ++left_out;
  }
  const bool nothing = !(low <= high);
  if (nothing) low = 0, high = 1;
  if (chart.from_zero) low = std::min(low, 0.0);
  if (chart.mark) description += " Marked: " + chart.mark_label + ".";

  const int last_x = chart.first_x + std::max(0, int(points) - 1);
  Plot plot({.id = chart.id,
             .title = chart.title,
             .description = description,
             .x_label = chart.x_label,
             .width = chart.width,
             .height = chart.height,
             .right = int(std::min(12 + 7 * longest, std::size_t(chart.width) / 3))},
            Axis::whole(chart.first_x, last_x), Axis::around(low, high));
  const auto look = [](std::size_t i) { return "s" + std::to_string(i % 4); };

  if (chart.mark) {
    const double x = plot.x(*chart.mark);
    plot.add("<line class=\"mark\" x1=\"" + coordinate(x) + "\" x2=\"" + coordinate(x) + "\" y1=\"" +
             coordinate(plot.top() - 4) + "\" y2=\"" + coordinate(plot.bottom()) + "\"/>");
    const bool right_half = x > (plot.left() + plot.right()) / 2;
    plot.text(x + (right_half ? 4 : -4), plot.top() - 9, chart.mark_label, "tick", right_half ? "end" : "start");
  }
  std::vector<Label> labels;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const auto& values = chart.series[i].values;
    draw(plot, chart.series[i], chart.first_x, look(i));
    if (chart.mark && *chart.mark >= chart.first_x && std::size_t(*chart.mark - chart.first_x) < values.size())
      if (const double v = values[std::size_t(*chart.mark - chart.first_x)]; can_be_drawn(v))
        plot.add(circle("ring", look(i), plot.x(*chart.mark), plot.y(v), 3.5));
    const auto last = std::find_if(values.rbegin(), values.rend(), can_be_drawn);
    if (last != values.rend() && !chart.series[i].name.empty()) labels.push_back({plot.y(*last) + 4, i});
  }
  for (const Label& label : placed(std::move(labels), plot.top() + 4, plot.bottom()))
    plot.text(plot.right() + 8, label.y, chart.series[label.series].name, look(label.series));
  if (nothing)
    plot.text((plot.left() + plot.right()) / 2, (plot.top() + plot.bottom()) / 2, "no finite values", "tick", "middle");
  else if (left_out > 0)
    plot.text(chart.width, 13, html::count(std::int64_t(left_out), "value") + " not finite", "tick", "end");
  return plot.svg();
}

}  // namespace fer2013
