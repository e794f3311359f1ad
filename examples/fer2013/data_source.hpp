// SPDX-License-Identifier: MIT
// Where images come from: the CSV that was given, or the built-in faces.
#pragma once

#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>

#include <cstdio>

#include "commands.hpp"

namespace fer2013 {

inline ferlab::data::Dataset open_data(const Common& options, bool allow_unlabelled = false) {
  if (options.data.empty()) {
    std::fprintf(stderr, "No --data: using %d built-in faces, drawn by this program.\n", options.faces);
    return ferlab::datasets::make_faces({.count = std::size_t(options.faces)});
  }
  ferlab::datasets::ReadReport report;
  ferlab::datasets::ReadOptions read;
  read.skip_bad_rows = options.skip_bad_rows;
  read.allow_unlabelled = allow_unlabelled;
  read.labels = options.labels;
  const ferlab::data::Dataset all = ferlab::datasets::read_fer2013(options.data, read, &report);
  if (report.bad_rows > 0)
    std::fprintf(stderr, "%s: skipped %zu bad row%s of %zu\n", options.data.c_str(), report.bad_rows,
                 report.bad_rows == 1 ? "" : "s", report.rows + report.bad_rows);
  if (report.left_out > 0)
    std::fprintf(stderr, "%s: left out %zu row%s that --labels calls -\n", options.data.c_str(), report.left_out,
                 report.left_out == 1 ? "" : "s");
  if (report.repeated_headers > 0)
    std::fprintf(stderr, "%s: the header comes again in %zu line%s, passed over\n", options.data.c_str(),
                 report.repeated_headers, report.repeated_headers == 1 ? "" : "s");
  return all;
}

/// The rows of one Usage, or all rows where none is named. Throws ArgumentError for an unknown word or no rows.
inline ferlab::data::Dataset rows_of(const ferlab::data::Dataset& all, const Common& options) {
  if (options.usage.empty()) return all;
  const auto usage = ferlab::data::parse_usage(options.usage);
  if (usage == ferlab::data::Usage::unknown)
    throw ferlab::ArgumentError("--usage: expected Training, PublicTest or PrivateTest, got " + options.usage);
  const auto rows = all.with_usage(usage);
  if (rows.empty())
    throw ferlab::DataError((options.data.empty() ? "the built-in faces" : options.data) + ": no row has Usage " +
                            options.usage);
  return rows;
}

}  // namespace fer2013
