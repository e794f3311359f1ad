// SPDX-License-Identifier: MIT
#include "html.hpp"
#include "sections.hpp"

namespace fer2013::sections {

using html::element, html::escape, html::count, html::number;

namespace {

std::int64_t predictions(const ferlab::ConfusionMatrix& matrix, int c) {
  std::int64_t n = 0;
  for (int t = 0; t < matrix.classes; ++t) n += matrix.at(t, c);
  return n;
}

std::string confusion_table(const Score& score) {
  const auto& matrix = score.matrix;
  std::string head = element("td", ""), rows;
  for (const std::string& name : score.class_names) head += element("th scope=\"col\"", element("span", escape(name)));
  for (int t = 0; t < matrix.classes; ++t) {
    std::string row = element("th scope=\"row\"", escape(score.class_names[std::size_t(t)]));
    for (int p = 0; p < matrix.classes; ++p) {
      const std::int64_t support = matrix.support(t), n = matrix.at(t, p);
      const double share = support > 0 ? double(n) / double(support) : 0;
      const std::string shade = "style=\"--share:" + number("%.3f", share) + "\"";
      row += element(
          (t == p ? "td class=\"right\" " : "td ") + shade,
          n == 0 ? element("span class=\"none\"", "0") : count(n) + element("small", number("%.0f %%", 100 * share)));
    }
    rows += element("tr", row);
  }
  return "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion matrix\"><table "
         "class=\"confusion\">"
         "<caption>Confusion matrix: a row for each true class, a column for each predicted one; images, and their "
         "share of the row. The diagonal is right.</caption><thead>" +
         element("tr", head) + "</thead>" + element("tbody", rows) + "</table></div>";
}

std::string class_table(const Score& score) {
  const auto& matrix = score.matrix;
  std::string rows, head;
  bool undefined = false;
  for (const char* name : {"Class", "Precision", "Recall", "F1", "Images"}) head += element("th scope=\"col\"", name);
  for (int c = 0; c < matrix.classes; ++c) {
    const bool has_rows = matrix.support(c) > 0, predicted = predictions(matrix, c) > 0;
    const auto percent = [&](bool defined, double share) {
      undefined |= !defined;
      return element("td", defined ? number("%.1f %%", 100 * share) : "–");
    };
    rows += element("tr", element("th scope=\"row\"", escape(score.class_names[std::size_t(c)])) +
                              percent(predicted, matrix.precision(c)) + percent(has_rows, matrix.recall(c)) +
                              percent(has_rows || predicted, matrix.f1(c)) + element("td", count(matrix.support(c))));
  }
  const std::string foot = element("th scope=\"row\"", "Macro F1") + "<td></td><td></td>" +
                           element("td", number("%.1f %%", 100 * matrix.macro_f1())) +
                           element("td", count(matrix.total()));
  return "<table class=\"list\"><caption>Precision: of what was taken for the class, the share that is. Recall: of the "
         "class, the share that was found. F1: their harmonic mean." +
         std::string(undefined ? " –: no image to divide by." : "") + "</caption><thead>" + element("tr", head) +
         "</thead>" + element("tbody", rows) + element("tfoot", element("tr", foot)) + "</table>";
}

}  // namespace

std::string classes(const Score& score) {
  return "<section aria-labelledby=\"classes\">" + element("h2 id=\"classes\"", "Classes") +
         element("div class=\"columns uneven\"", confusion_table(score) + element("div", class_table(score))) +
         "</section>\n";
}

}  // namespace fer2013::sections
