// SPDX-License-Identifier: MIT
#include "runs.hpp"

#include <ferlab/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace fer2013 {

namespace {

/// At least one; an empty one between or behind commas counts.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t begin = 0, comma = 0; comma != line.npos; begin = comma + 1)
    fields.push_back(line.substr(begin, (comma = line.find(',', begin)) - begin));
  return fields;
}

Run read_run(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw ferlab::IoError("cannot open " + path.string());
  std::string line;
  std::getline(file, line);
  const auto names = fields_of(line);
  const auto place = [&](const char* name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) throw ferlab::DataError(path.string() + ": there is no column " + name);
    return std::size_t(at - names.begin());
  };
  const std::size_t accuracy = place("accuracy"), val_accuracy = place("val_accuracy"), val_loss = place("val_loss");
  Run run;
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    const auto fields = fields_of(line);
    if (fields.size() != names.size())
      throw ferlab::DataError(path.string() + ":" + std::to_string(number) + ": " + std::to_string(fields.size()) +
                              " fields, expected " + std::to_string(names.size()));
    const auto value = [&](std::size_t at) {
      char* end = nullptr;
      const double number_read = std::strtod(fields[at].c_str(), &end);
      if (*end != '\0')
        throw ferlab::DataError(path.string() + ":" + std::to_string(number) + ": " + fields[at] + " is no number");
      return fields[at].empty() ? std::nan("") : number_read;
    };
    run.accuracy.push_back(value(accuracy));
    run.val_accuracy.push_back(value(val_accuracy));
    run.val_loss.push_back(value(val_loss));
  }
  if (run.accuracy.empty()) throw ferlab::DataError(path.string() + ": no epoch has ended yet");
  return run;
}

}  // namespace

Runs read_runs(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) throw ferlab::DataError(folder.string() + ": there is no such folder");
  const auto of = [](const std::filesystem::path& training) { return training / "history.csv"; };
  Runs found{(folder / "").parent_path().lexically_normal().string(), {}};
  if (std::filesystem::exists(of(folder))) {
    found.runs.push_back(read_run(of(folder)));
    return found;
  }
  std::vector<std::filesystem::path> histories;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (std::filesystem::exists(of(entry.path()))) histories.push_back(of(entry.path()));
  if (error) throw ferlab::IoError("cannot read the folder " + folder.string() + ": " + error.message());
  std::sort(histories.begin(), histories.end());
  for (const auto& history : histories) found.runs.push_back(read_run(history));
  if (found.runs.empty())
    throw ferlab::DataError(folder.string() + ": expected history.csv of a training, here or in the folders below");
  return found;
}

std::vector<double> mean_by_epoch(const Runs& runs, std::vector<double> Run::*column) {
  std::size_t epochs = (runs.runs.front().*column).size();
  for (const Run& run : runs.runs) epochs = std::min(epochs, (run.*column).size());
  std::vector<double> mean(epochs);
  for (const Run& run : runs.runs)
    for (std::size_t i = 0; i < epochs; ++i) mean[i] += (run.*column)[i] / double(runs.runs.size());
  return mean;
}

}  // namespace fer2013
