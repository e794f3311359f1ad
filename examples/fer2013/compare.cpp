// SPDX-License-Identifier: MIT
// fer2013 compare: trainings side by side, each of one seed or of several.
#include <ferlab/core/error.hpp>
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

/// "58.4 ± 0.3": the mean of value(run), and the standard deviation where the runs differ.
template <class Value>
std::string mean_and_deviation(const Runs& runs, const char* format, Value&& value) {
  const double n = double(runs.runs.size());
  double mean = 0, squares = 0;
  for (const Run& run : runs.runs) mean += value(run) / n;
  for (const Run& run : runs.runs) squares += (value(run) - mean) * (value(run) - mean);
  char number[32];
  std::snprintf(number, sizeof number, format, mean);
  std::string text = number;
  if (squares > 0) {
    std::snprintf(number, sizeof number, format, std::sqrt(squares / (n - 1)));
    text += " ± " + std::string(number);
  }
  return text;
}

std::string row(const Runs& runs) {
  const auto best = [](const Run& run) { return std::max_element(run.val_accuracy.begin(), run.val_accuracy.end()); };
  const auto percent = [&](const auto& value) {
    return mean_and_deviation(runs, "%.1f", [&](const Run& run) { return 100 * value(run); });
  };
  const auto whole = [&](const auto& value) {
    return mean_and_deviation(runs, "%.0f", [&](const Run& run) { return double(value(run)); });
  };
  std::string text = "| " + runs.name + " | " + std::to_string(runs.runs.size());
  for (const std::string& cell : {whole([](const Run& run) { return run.accuracy.size(); }),
                                  percent([](const Run& run) { return run.accuracy.back(); }),
                                  percent([](const Run& run) { return run.val_accuracy.back(); }),
                                  percent([&](const Run& run) { return *best(run); }),
                                  whole([&](const Run& run) { return best(run) - run.val_accuracy.begin() + 1; })})
    text += " | " + cell;
  return text + " |\n";
}

std::string accuracy_chart(const Runs& first, const Runs& other) {
  const auto longest = std::max(first.name.size(), other.name.size()) + std::string(", validation").size();
  const int label_width = 12 + 7 * int(longest);  // at most a third of the chart is theirs
  LineChart chart{.id = "accuracy", .title = "Accuracy, %", .width = std::max(480, 3 * label_width), .height = 300};
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
  if (!options.output.empty() && options.folders.size() < 2)
    throw ferlab::ArgumentError("compare --output: expected two folders or more to draw the first against the others");
  std::vector<Runs> all;
  for (const std::string& folder : options.folders) all.push_back(read_runs(folder));
  std::cout
      << "| | runs | epochs | training accuracy, last epoch, % | validation, last | validation, best | at epoch |\n"
         "|---|---|---|---|---|---|---|\n";
  for (const Runs& runs : all) std::cout << row(runs);
  if (options.output.empty()) return 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    std::string name = all[i].name;
    std::replace(name.begin(), name.end(), '/', '-');
    const std::string path = options.output + "/" + name + ".svg";
    ferlab::formats::write_file(path, accuracy_chart(all[0], all[i]));
    std::fprintf(stderr, "%s\n", path.c_str());
  }
  return 0;
}

}  // namespace fer2013
