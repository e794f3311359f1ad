// SPDX-License-Identifier: MIT
// Which algorithm was the fastest for a convolution, kept in a file from run to run: a choice by timing alone would
// differ between runs, and with it the last bits of results.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "ferlab/core/error.hpp"

namespace ferlab::cuda {

/// One of the plans that cuDNN recommends for a graph.
struct PlanChoice {
  std::size_t position;  ///< among all that cuDNN recommends
  std::int64_t engine;   ///< cuDNN's number of its engine
  bool operator==(const PlanChoice&) const = default;
};

/// A text file of lines "key <tab> position <tab> engine"; the last line of a key counts. Lines are only ever appended,
/// each by one write, so that several processes may share the file; what is no such line is passed over.
class PlanCache {
 public:
  // None of cuDNN's:
  static constexpr PlanChoice own_kernel{0, -1};
  static constexpr PlanChoice two_steps{0, -2};  ///< a gradient, then the ReLU's backward pass

  /// No file: nothing is remembered, is_on() is false.
  PlanCache() = default;
  /// Reads the file if it is there. Throws IoError if it cannot be written to.
  explicit PlanCache(std::string path) : path_(std::move(path)) {
    if (!is_on()) return;
    append("");
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      const auto tab = line.find('\t');
      if (tab == std::string::npos || file.eof()) continue;  // without its end: not written whole
      std::istringstream rest(line.substr(tab + 1));
      PlanChoice choice{};
      if (rest >> choice.position >> choice.engine && (rest >> std::ws).eof()) known_[line.substr(0, tab)] = choice;
    }
  }
  bool is_on() const { return !path_.empty(); }
  std::optional<PlanChoice> find(const std::string& key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Throws IoError if the file cannot be written to. Keys hold no tabs and no ends of lines.
  void remember(const std::string& key, PlanChoice choice) {
    known_[key] = choice;
    append(key + "\t" + std::to_string(choice.position) + "\t" + std::to_string(choice.engine) + "\n");
  }

 private:
  std::string path_;
  std::map<std::string, PlanChoice> known_;

  void append(const std::string& line) const {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const bool written = file >= 0 && ::write(file, line.data(), line.size()) == ssize_t(line.size());
    const int error = errno;
    if (file >= 0) ::close(file);
    if (!written)
      throw IoError("cannot write " + path_ +
                    " (Cuda's plan_cache, or FERLAB_PLAN_CACHE), where the fastest of cuDNN's plans are kept: " +
                    std::strerror(error));
  }
};

}  // namespace ferlab::cuda
