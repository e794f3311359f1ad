// SPDX-License-Identifier: MIT
// A folder to fill with pictures, and what read_image_folder makes of it.
#pragma once

#include <ferlab/datasets/image_folder.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace ferlab::test {

using Strings = std::vector<std::string>;

/// Pictures, and files of other kinds.
struct PictureFolder : TemporaryFolder {
  void file(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path + "/" + name).parent_path());
    write_file(path + "/" + name, bytes);
  }
  void folder(const std::string& name) const { std::filesystem::create_directories(path + "/" + name); }
  /// A 2 x 1 picture of one grey.
  void grey(const std::string& name, int value) const {
    file(name, "P5\n2 1\n255\n" + std::string(2, static_cast<char>(value)));
  }
};

inline datasets::FolderOptions tiny(Strings class_names = {}) {
  return {.shape = {1, 2, 1}, .class_names = std::move(class_names)};
}
inline const Strings animals{"dog", "cat", "bird"};

/// Usage, class and first pixel of each row: "Training cat 7, ...".
inline std::string rows_of(const data::Dataset& data) {
  std::string all;
  for (std::size_t i = 0; i < data.size(); ++i)
    all += (i ? ", " : "") + std::string(to_string(data.usage(i))) + " " + data.class_names()[data.label(i)] + " " +
           std::to_string(data.image(i)[0]);
  return all;
}

/// What is said of a folder that is refused.
inline std::string refusal(const std::string& path, const datasets::FolderOptions& options) {
  try {
    datasets::read_image_folder(path, options);
    return "not refused";
  } catch (const DataError& error) {
    return error.what();
  }
}

}  // namespace ferlab::test
