// SPDX-License-Identifier: MIT
#include "data_source.hpp"

#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>
#include <ferlab/datasets/image_folder.hpp>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "face_image.hpp"

namespace fer2013 {

namespace {

using namespace ferlab;

std::string counted(std::size_t n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

void say(const Common& options, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", options.data.c_str(), what.c_str());
}

data::Dataset open_csv(const Common& options, bool allow_unlabelled) {
  datasets::ReadReport report;
  datasets::ReadOptions read;
  read.skip_bad_rows = options.skip_bad_rows;
  read.allow_unlabelled = allow_unlabelled;
  read.labels = options.labels;
  const data::Dataset all = datasets::read_fer2013(options.data, read, &report);
  if (report.bad_rows > 0)
    say(options,
        "skipped " + counted(report.bad_rows, "bad row") + " of " + std::to_string(report.rows + report.bad_rows));
  if (report.left_out > 0) say(options, "left out " + counted(report.left_out, "row") + " that --labels calls -");
  if (report.repeated_headers > 0)
    say(options, "the header comes again in " + counted(report.repeated_headers, "line") + ", passed over");
  return all;
}

data::Dataset open_folder(const Common& options) {
  datasets::FolderReport report;
  const data::Dataset all = datasets::read_image_folder(options.data,
                                                        {.shape = {48, 48, 1},
                                                         .class_names = datasets::fer2013_class_names(),
                                                         .synonyms = datasets::fer2013_synonyms(),
                                                         .labels = options.labels,
                                                         .decoder = decode,
                                                         .skip_bad_files = options.skip_bad_rows,
                                                         .threads = options.threads},
                                                        &report);
  if (!report.bad_files.empty())
    say(options, "skipped " + counted(report.bad_files.size(), "bad file") + " of " +
                     std::to_string(report.files + report.bad_files.size()) + ": " + report.bad_files[0].reason +
                     (report.bad_files.size() > 1 ? ", ..." : ""));
  if (report.left_out > 0) say(options, "left out " + counted(report.left_out, "file") + " that --labels calls -");
  if (!report.strays.empty())
    say(options, "passed over " + counted(report.strays.size(), "file") + " beside the folders: " + report.strays[0] +
                     (report.strays.size() > 1 ? ", ..." : ""));
  if (report.resized > 0)
    say(options, "resized " + counted(report.resized, "picture") + " of " + std::to_string(report.files) +
                     " to 48x48, most of them from " + std::to_string(report.usual_width) + "x" +
                     std::to_string(report.usual_height));
  return all;
}

}  // namespace

bool is_folder(const Common& options) {
  std::error_code no_such_file;  // who opens it says so
  return std::filesystem::is_directory(options.data, no_such_file);
}

data::Dataset open_data(const Common& options, bool allow_unlabelled) {
  if (options.data.empty()) {
    std::fprintf(stderr, "No --data: using %d built-in faces, drawn by this program.\n", options.faces);
    return datasets::make_faces({.count = std::size_t(options.faces)});
  }
  return is_folder(options) ? open_folder(options) : open_csv(options, allow_unlabelled);
}

data::Dataset rows_of(const data::Dataset& all, const Common& options) {
  if (options.usage.empty()) return all;
  const auto usage = datasets::usage_named(options.usage);
  if (usage == data::Usage::unknown)
    throw ArgumentError("--usage: expected Training, PublicTest or PrivateTest (or train, val, test), got " +
                        options.usage);
  const auto rows = all.with_usage(usage);
  if (rows.empty())
    throw DataError((options.data.empty() ? "the built-in faces" : options.data) + ": no row has Usage " +
                    std::string(to_string(usage)));
  return rows;
}

}  // namespace fer2013
