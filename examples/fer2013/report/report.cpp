// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <ferlab/formats/atomic_file.hpp>

#include "html.hpp"
#include "sections.hpp"
#include "style.hpp"

namespace fer2013 {

using html::element, html::escape, html::count, html::number;

namespace sections {

namespace {

std::string figure(const char* name, const std::string& value) {
  return element("div", element("dt", name) + element("dd", value));
}

}  // namespace

std::string header(const Report& report) {
  const Score& score = report.score;
  std::string sentence = "The model gets " + number("%.2f %%", 100 * score.accuracy) + " of " +
                         count(std::int64_t(score.images), "image") + " right (" +
                         escape(score.rows + " of " + report.data) + "), with a loss of " +
                         (std::isfinite(score.loss) ? number("%.4f", score.loss) : "no number") +
                         " and a macro F1 of " + number("%.4f", score.matrix.macro_f1()) + ".";
  if (report.curves) {
    const Curves& c = *report.curves;
    sentence += " It is that of epoch " + count(std::int64_t(c.kept) + 1) + " of " +
                count(std::int64_t(c.history.epochs.size())) + ", which has " + escape(c.kept_for) + ".";
  }
  std::string figures = figure("Accuracy", html::percent_data(score.accuracy)) +
                        figure("Loss", html::data("%.4f", score.loss)) +
                        figure("Macro F1", html::data("%.4f", score.matrix.macro_f1()));
  if (score.calibration)
    figures += figure("Calibration error", html::percent_data(score.calibration->expected_error()));
  figures += figure("Images", html::data("%.0f", double(score.images)));
  return element("header", element("h1", escape(report.title)) + element("p class=\"lead\"", sentence) +
                               element("dl class=\"figures\"", figures)) +
         "\n";
}

std::string layers(const Report& report) {
  std::string rows;
  std::size_t total = 0;
  for (const auto& layer : report.layers) {
    const ferlab::Shape& s = layer.output;
    rows += element(
        "tr", element("th scope=\"row\"", escape(layer.name)) +
                  element("td", s.is_flat() ? count(s.channels)
                                            : count(s.height) + " × " + count(s.width) + " × " + count(s.channels)) +
                  element("td", layer.parameters == 0 ? "" : count(std::int64_t(layer.parameters))));
    total += layer.parameters;
  }
  return "<section aria-labelledby=\"net\">" + element("h2 id=\"net\"", "The net") + "<table class=\"list\"><caption>" +
         escape(report.net) + ": layers, what each gives for one image, and its parameters</caption><thead><tr>" +
         element("th scope=\"col\"", "Layer") + element("th scope=\"col\"", "Output") +
         element("th scope=\"col\"", "Parameters") + "</tr></thead><tbody>" + rows + "</tbody><tfoot><tr>" +
         element("th scope=\"row\"", "All") + "<td></td>" + element("td", count(std::int64_t(total))) +
         "</tr></tfoot></table></section>\n";
}

std::string facts(const std::vector<Facts>& all) {
  std::string tables;
  for (const Facts& group : all) {
    std::string rows;
    for (const auto& [name, value] : group.rows) rows += element("dt", escape(name)) + element("dd", escape(value));
    tables += element("h3", escape(group.heading)) + element("dl class=\"facts\"", rows);
  }
  return "<section aria-labelledby=\"run\">" + element("h2 id=\"run\"", "The run") + tables + "</section>\n";
}

}  // namespace sections

std::string to_html(const Report& report) {
  std::string body = sections::header(report);
  if (report.curves) body += sections::curves(*report.curves);
  body += sections::classes(report.score) + sections::calibration(report.score) + sections::mistakes(report.score) +
          element("div class=\"columns\"", sections::layers(report) + sections::facts(report.facts));
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n" +
         element("title", escape(report.title)) + "\n<style>" + page_style + "</style>\n</head>\n<body>\n<main>\n" +
         body + "</main>\n</body>\n</html>\n";
}

std::string write_report(const std::string& folder, const Report& report) {
  const std::string path = folder + "/report.html";
  ferlab::formats::write_file(path, to_html(report));
  return path;
}

}  // namespace fer2013
