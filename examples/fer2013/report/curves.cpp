// SPDX-License-Identifier: MIT
#include "html.hpp"
#include "sections.hpp"
#include "svg_chart.hpp"

namespace fer2013::sections {

using html::element, html::escape, html::count, html::number;

namespace {

/// The charts' numbers, for who wants them exactly or cannot see the lines.
std::string epochs_table(const ferlab::History& history, std::size_t kept) {
  std::string head, rows;
  for (const char* name : {"Epoch", "Loss", "Validation loss", "Accuracy", "Validation accuracy", "Learning rate"})
    head += element("th scope=\"col\"", name);
  for (std::size_t i = 0; i < history.epochs.size(); ++i) {
    const ferlab::EpochResult& r = history.epochs[i];
    rows += element(i == kept ? "tr class=\"kept\"" : "tr",
                    element("th scope=\"row\"", count(r.epoch + 1) + (i == kept ? " (kept)" : "")) +
                        element("td", number("%.4f", r.loss)) + element("td", number("%.4f", r.val_loss)) +
                        element("td", number("%.2f %%", 100 * r.metrics[0])) +
                        element("td", number("%.2f %%", 100 * r.val_metrics[0])) +
                        element("td", number("%.3g", double(r.learning_rate))));
  }
  return "<details><summary>The same as numbers</summary><div class=\"wide\" tabindex=\"0\" role=\"region\" "
         "aria-label=\"Epochs\"><table class=\"list\"><caption>Epoch by epoch; – is no finite number</caption><thead>" +
         element("tr", head) + "</thead>" + element("tbody", rows) + "</table></div></details>";
}

}  // namespace

std::string curves(const Curves& curves) {
  const auto& epochs = curves.history.epochs;
  const auto of = [&](const auto& value) {
    std::vector<double> values;
    for (const ferlab::EpochResult& r : epochs) values.push_back(value(r));
    return values;
  };
  const int first = epochs.empty() ? 1 : epochs.front().epoch + 1, best = first + int(curves.kept);
  LineChart chart{.first_x = first, .mark = best, .mark_label = "kept: epoch " + std::to_string(best)};

  chart.id = "loss-chart", chart.title = "Loss";
  chart.series = {{"validation", of([](auto& r) { return r.val_loss; })},
                  {"training", of([](auto& r) { return r.loss; })}};
  std::string charts = svg_chart(chart);

  chart.id = "accuracy-chart", chart.title = "Accuracy, %";
  chart.series = {{"validation", of([](auto& r) { return 100 * r.val_metrics[0]; })},
                  {"training", of([](auto& r) { return 100 * r.metrics[0]; })}};
  charts += svg_chart(chart);

  LineChart rate{.id = "rate-chart", .title = "Learning rate at the end of each epoch", .first_x = first};
  rate.series = {{"", of([](auto& r) { return double(r.learning_rate); })}};
  rate.from_zero = true;
  rate.height = 150;
  std::string notes;
  for (const std::string& note : curves.notes) notes += element("p", escape(note));
  return "<section aria-labelledby=\"curves\">" + element("h2 id=\"curves\"", "Curves") +
         element("div class=\"charts\"", charts + svg_chart(rate) + element("div class=\"note\"", notes)) +
         epochs_table(curves.history, curves.kept) + "</section>\n";
}

}  // namespace fer2013::sections
