// SPDX-License-Identifier: MIT
// A data set as a CSV in FER2013's format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/formats/atomic_file.hpp"

namespace ferlab::datasets {

using data::Dataset, data::Usage, data::no_label;

/// Writes what read_fer2013 reads: emotion,pixels,Usage with LF. The emotion or Usage column is left out where no image
/// has one. The file appears under its name only when it is whole. Throws IoError, and ArgumentError where only a part
/// of the images has a label or a Usage.
inline void write_fer2013(const std::string& path, const Dataset& dataset) {
  std::size_t labelled = 0, used = 0;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    labelled += dataset.label(i) != no_label;
    used += dataset.usage(i) != Usage::unknown;
  }
  const auto in_part = [&](std::size_t n) { return n != 0 && n != dataset.size(); };
  if (in_part(labelled) || in_part(used))
    throw ArgumentError("write_fer2013: of " + std::to_string(dataset.size()) + " images " + std::to_string(labelled) +
                        " have a label and " + std::to_string(used) + " a Usage; expected all or none");

  std::array<std::string, 256> digits;
  for (std::size_t i = 0; i < digits.size(); ++i) digits[i] = std::to_string(i);
  formats::AtomicFile file(path);
  std::string text = std::string(labelled ? "emotion," : "") + "pixels" + (used ? ",Usage\n" : "\n");
  constexpr std::size_t enough = 1 << 20;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    if (labelled) text += digits[dataset.label(i)] + ",";
    for (std::uint8_t pixel : dataset.image(i)) (text += digits[pixel]) += ' ';
    text.back() = ',';
    if (used)
      text += to_string(dataset.usage(i));
    else
      text.pop_back();
    text += '\n';
    if (text.size() >= enough) file.write(text.data(), text.size()), text.clear();
  }
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace ferlab::datasets
