// SPDX-License-Identifier: MIT
#include <algorithm>

#include "html.hpp"
#include "sections.hpp"
#include "svg_plot.hpp"

namespace fer2013::sections {

using html::element, html::escape, html::count, html::number;

namespace {

std::string range(std::size_t bin, std::size_t bins) {
  return number("%.0f", 100.0 * double(bin) / double(bins)) + "–" +
         number("%.0f %%", 100.0 * double(bin + 1) / double(bins));
}

std::string diagram(const ferlab::Calibration& calibration) {
  Plot plot({.id = "reliability-diagram",
             .title = "Right, %",
             .description = "Reliability diagram: a bar for each range of confidence, as high as the share of its "
                            "predictions that are right, and a line where the two are equal. The numbers are in the "
                            "table below.",
             .x_label = "confidence, %",
             .height = 260},
            {0, 100, 20}, {0, 100, 20});
  const double width = 100.0 / double(calibration.bins.size());
  for (std::size_t b = 0; b < calibration.bins.size(); ++b) {
    const auto& bin = calibration.bins[b];
    if (bin.count == 0) continue;
    const double left = plot.x(width * double(b)) + 1.5, right = plot.x(width * double(b + 1)) - 1.5,
                 top = std::min(plot.y(100 * bin.accuracy), plot.bottom() - 1.5);
    plot.add("<rect class=\"bar\" x=\"" + coordinate(left) + "\" y=\"" + coordinate(top) + "\" width=\"" +
             coordinate(right - left) + "\" height=\"" + coordinate(plot.bottom() - top) + "\"/>");
  }
  plot.add("<line class=\"line s1\" x1=\"" + coordinate(plot.x(0)) + "\" y1=\"" + coordinate(plot.y(0)) + "\" x2=\"" +
           coordinate(plot.x(100)) + "\" y2=\"" + coordinate(plot.y(100)) + "\"/>");
  plot.text(plot.x(97), plot.y(100) - 8, "perfectly calibrated", "s1", "end");
  return plot.svg();
}

std::string bins_table(const ferlab::Calibration& calibration) {
  std::string head, rows;
  for (const char* name : {"Confidence", "Images", "Mean", "Right"}) head += element("th scope=\"col\"", name);
  for (std::size_t b = 0; b < calibration.bins.size(); ++b) {
    const auto& bin = calibration.bins[b];
    rows += element("tr", element("th scope=\"row\"", range(b, calibration.bins.size())) +
                              element("td", count(std::int64_t(bin.count))) +
                              element("td", bin.count > 0 ? number("%.1f %%", 100 * bin.confidence) : "–") +
                              element("td", bin.count > 0 ? number("%.1f %%", 100 * bin.accuracy) : "–"));
  }
  return "<table class=\"list\"><caption>By confidence: images, their mean confidence, and the share that is "
         "right</caption><thead>" +
         element("tr", head) + "</thead>" + element("tbody", rows) + "</table>";
}

/// Whether confidence is above accuracy, on the whole.
std::string meaning(const ferlab::Calibration& calibration) {
  double confidence = 0, accuracy = 0, total = 0;
  for (const auto& bin : calibration.bins) {
    confidence += double(bin.count) * bin.confidence;
    accuracy += double(bin.count) * bin.accuracy;
    total += double(bin.count);
  }
  confidence = 100 * confidence / total, accuracy = 100 * accuracy / total;
  return "On average the model is " + number("%.1f %%", confidence) + " sure and " + number("%.1f %%", accuracy) +
         " right" +
         (confidence > accuracy + 2   ? ": it is too sure of itself."
          : confidence < accuracy - 2 ? ": it is less sure than it could be."
                                      : ".");
}

}  // namespace

std::string calibration(const Score& score) {
  std::string body;
  if (!score.calibration) {
    body = element("p", "The model's outputs are no finite numbers, so there are no probabilities to judge.");
  } else {
    const double error = score.calibration->expected_error();
    body =
        element("div class=\"columns\"",
                element("div", diagram(*score.calibration) +
                                   element("p", "The expected calibration error (ECE) is " + html::percent_data(error) +
                                                    ": the mean distance between the stated probability and the share "
                                                    "of right answers, weighted by images. " +
                                                    meaning(*score.calibration)) +
                                   element("p class=\"quiet\"",
                                           "Ten bins of equal width, as in Guo, Pleiss, Sun and Weinberger, "
                                           "<cite>On Calibration of Modern Neural Networks</cite>, ICML 2017, "
                                           "equation 3.")) +
                    bins_table(*score.calibration));
  }
  return "<section aria-labelledby=\"calibration\">" + element("h2 id=\"calibration\"", "Calibration") + body +
         "</section>\n";
}

}  // namespace fer2013::sections
