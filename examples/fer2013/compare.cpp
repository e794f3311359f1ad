// SPDX-License-Identifier: MIT
// fer2013 compare: trainings side by side, each of one seed or of several.
#include <ferlab/formats/atomic_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <string>

#include "commands.hpp"
#include "report/svg_chart.hpp"
#include "runs.hpp"

namespace fer2013 {

namespace {

/// "58.4 ± 0.3": the mean of value(run), and the standard deviation where there are several.
template <class Value>
std::string mean_and_deviation(const Runs& runs, const char* format, Value&& value) {
  const double n = double(runs.runs.size());
  double mean = 0, squares = 0;
  for (const Run& run : runs.runs) mean += value(run) / n;
  for (const Run& run : runs.runs) squares += (value(run) - mean) * (value(run) - mean);
  char number[32];
  std::snprintf(number, sizeof number, format, mean);
  std::string text = number;
  if (runs.runs.size() > 1) {
    std::snprintf(number, sizeof number, format, std::sqrt(squares / (n - 1)));
    text += " ± " + std::string(number);
  }
  return text;
}

std::string row(const Runs& runs) {
  const auto best = [](const Run& run) { return std::max_element(run.val_accuracy.begin(), run.val_accuracy.end()); };
  return "| " + runs.name + " | " + std::to_string(runs.runs.size()) + " | " +
         std::to_string(mean_by_epoch(runs, &Run::accuracy).size()) + " | " +
         mean_and_deviation(runs, "%.1f", [](const Run& run) { return 100 * run.accuracy.back(); }) + " | " +
         mean_and_deviation(runs, "%.1f", [](const Run& run) { return 100 * run.val_accuracy.back(); }) + " | " +
         mean_and_deviation(runs, "%.1f", [&](const Run& run) { return 100 * *best(run); }) + " | " +
         mean_and_deviation(runs, "%.0f",
                            [&](const Run& run) { return double(best(run) - run.val_accuracy.begin() + 1); }) +
         " | " + mean_and_deviation(runs, "%.2f", [](const Run& run) { return run.val_loss.back(); }) + " |\n";
}

std::string accuracy_chart(const Runs& first, const Runs& other) {
  LineChart chart{.id = "accuracy", .title = "Accuracy, %", .width = 480, .height = 300};
  for (const Runs* runs : {&first, &other})
    for (const auto& [column, of] : {std::pair{&Run::accuracy, ", training"}, {&Run::val_accuracy, ", validation"}}) {
      auto values = mean_by_epoch(*runs, column);
      for (double& value : values) value *= 100;
      chart.series.push_back({runs->name + of, std::move(values)});
    }
  return svg_chart(chart);
}

}  // namespace

int compare(const CompareOptions& options) {
  std::vector<Runs> all;
  for (const std::string& folder : options.folders) all.push_back(read_runs(folder));
  std::cout
      << "| | runs | epochs | training accuracy, last epoch, % | validation, last | validation, best | at epoch | "
         "validation loss, last |\n|---|---|---|---|---|---|---|---|\n";
  for (const Runs& runs : all) std::cout << row(runs);
  if (options.output.empty()) return 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const std::string path = options.output + "/" + all[i].name + ".svg", text = accuracy_chart(all[0], all[i]);
    ferlab::formats::create_parent_folders(path);
    ferlab::formats::AtomicFile file(path);
    file.write(text.data(), text.size());
    file.commit();
    std::fprintf(stderr, "%s\n", path.c_str());
  }
  return 0;
}

}  // namespace fer2013
