// SPDX-License-Identifier: MIT
// Reading Kaggle's fer2013.csv (and icml_face_data.csv, train.csv, test.csv), and writing the same format.
#pragma once

#include <string>

#include "ferlab/core/mapped_file.hpp"
#include "ferlab/datasets/fer2013_parser.hpp"
#include "ferlab/datasets/fer2013_writer.hpp"
#include "ferlab/datasets/read_progress.hpp"

namespace ferlab::datasets {

/// Reads a CSV of faces as parse_fer2013 describes: 48x48 grey bytes, seven classes, without a copy of the text.
/// Throws IoError (no such file, a directory) and DataError (malformed; the message lists file, line and reason).
inline Dataset read_fer2013(const std::string& path, const ReadOptions& options = {}, ReadReport* report = nullptr) {
  const MappedFile file(path);
  return parse_fer2013(file.text(), path, options, report, detail::ReadProgress(path, options.progress));
}

}  // namespace ferlab::datasets
