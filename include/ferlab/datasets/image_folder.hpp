// SPDX-License-Identifier: MIT
// A folder of classes, a folder of pictures each, as a data set: <class>/* or <split>/<class>/*.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/shape.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/datasets/folder_contents.hpp"
#include "ferlab/datasets/read_progress.hpp"
#include "ferlab/datasets/resize.hpp"
#include "ferlab/datasets/words.hpp"
#include "ferlab/formats/read_picture.hpp"

namespace ferlab::datasets {

using data::Dataset, data::Storage;

struct FolderOptions {
  /// Of the images: pictures of other sizes are resized, colour becomes grey (1 channel) or grey colour (3).
  Shape shape{0, 0, 0};
  /// Label 0, 1, ..., whatever the order of the folders. Without: the folders' names, sorted.
  std::vector<std::string> class_names{};
  /// Other words that a folder may have for a class, such as fer2013_synonyms().
  Synonyms synonyms{};
  /// What folders called 0, 1, ... hold, where that is not class_names: names of those, "-" for what is left out.
  std::vector<std::string> labels{};
  /// Reads what is neither PGM nor PPM: decode_with_opencv (ferlab/opencv.hpp).
  formats::PictureDecoder decoder{};
  bool skip_bad_files = false;  ///< leave out and count what cannot be read; otherwise it is an error
  bool progress = true;         ///< a bar on the terminal once reading has taken longer than a second
  int threads = 0;              ///< 0: all cores
};

struct BadFile {
  std::string path;
  std::string reason;  ///< names the file, too
};

struct FolderReport {
  std::size_t files = 0;                  ///< good ones
  std::size_t left_out = 0;               ///< those of classes that FolderOptions::labels calls "-"
  std::size_t resized = 0;                ///< good ones that had another size than shape
  int usual_height = 0, usual_width = 0;  ///< the commonest size of those
  std::vector<std::string> strays;        ///< files beside the folders of splits and classes: passed over
  std::vector<BadFile> bad_files;
};

namespace detail {

/// What became of a file.
struct FileResult {
  int height = 0, width = 0;
  std::string wrong;  ///< nothing: all is well
};

/// Reads a file into `pixels`, of options.shape.
inline FileResult read_into(const std::string& path, const FolderOptions& options, std::uint8_t* pixels) {
  try {
    std::error_code no_such_file;  // read_picture says it
    if (std::filesystem::is_other(path, no_such_file)) throw FormatError(path + ": a pipe or a device, not a picture");
    const Shape shape = options.shape;
    const Picture picture = formats::with_channels(formats::read_picture(path, options.decoder), shape.channels);
    const bool fits = picture.height == shape.height && picture.width == shape.width;
    const auto resized = fits ? std::vector<std::uint8_t>{} : resize(picture, shape.height, shape.width);
    std::memcpy(pixels, (fits ? picture.pixels : resized).data(), shape.size());
    return {picture.height, picture.width, {}};
  } catch (const std::exception& error) {
    return {0, 0, error.what()};
  }
}

/// Each file by whichever thread is free next, into its own place of `pixels`: the same for any number of threads.
inline std::vector<FileResult> read_all(const std::vector<FolderFile>& files, const FolderOptions& options,
                                        std::uint8_t* pixels, const ReadProgress& progress) {
  std::vector<FileResult> results(files.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&](bool shows) {
    for (std::size_t i; (i = next.fetch_add(1)) < files.size();) {
      results[i] = read_into(files[i].path, options, pixels + i * options.shape.size());
      if (shows) progress(i + 1, files.size());
    }
  };
  const unsigned wanted = options.threads > 0 ? unsigned(options.threads) : std::thread::hardware_concurrency();
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < wanted && i < files.size(); ++i) workers.emplace_back(work, false);
    work(true);
  }  // all have ended
  return results;
}

inline std::string describe_bad_files(const std::string& path, const FolderReport& report) {
  constexpr std::size_t most = 20;
  std::string message = path + ": " + std::to_string(report.bad_files.size()) + " of " +
                        std::to_string(report.files + report.bad_files.size()) + " files cannot be read";
  for (std::size_t i = 0; i < report.bad_files.size() && i < most; ++i) message += "\n  " + report.bad_files[i].reason;
  if (report.bad_files.size() > most) message += "\n  and " + std::to_string(report.bad_files.size() - most) + " more";
  return message;
}

/// The commonest of the sizes that differ from shape.
inline void count_resized(const std::vector<FileResult>& results, Shape shape, FolderReport& report) {
  std::map<std::pair<int, int>, std::size_t> sizes;
  for (const FileResult& result : results)
    if (result.wrong.empty() && (result.height != shape.height || result.width != shape.width))
      ++report.resized, ++sizes[{result.height, result.width}];
  std::size_t most = 0;
  for (const auto& [size, count] : sizes)
    if (count > most) most = count, std::tie(report.usual_height, report.usual_width) = size;
}

}  // namespace detail

/// Reads `<class>/*` (Usage::unknown) or `<split>/<class>/*`, where a split is called train or Training (Usage::training);
/// val, valid, validation or PublicTest (public_test); test or PrivateTest (private_test). Letter case does not matter,
/// nor does the order of the folders. Without class_names the first split names the classes. Files that systems hide
/// (a dot before the name, Thumbs.db) are passed over. Rows are in the order of Usage, then label, then the file's name
/// (its bytes), and Dataset::file is the file's path. `report`, if given, is filled in even where this throws. Throws
/// IoError (no such folder), DataError (other folders than expected; files that cannot be read, all listed, without
/// skip_bad_files; no picture) and ArgumentError (a shape that is none, a label that names no class).
inline Dataset read_image_folder(const std::string& path, const FolderOptions& options,
                                 FolderReport* report = nullptr) {
  const Shape shape = options.shape;
  if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != 3))
    throw ArgumentError("read_image_folder: expected a shape of images with 1 or 3 channels, got " + to_string(shape));
  if (!options.labels.empty() && options.class_names.empty())
    throw ArgumentError("read_image_folder: labels are names of class_names, which are missing");
  FolderReport unwanted;
  FolderReport& found = report ? *report : unwanted;
  found = {};
  detail::FolderContents contents =
      detail::FolderReader(path, options.class_names, options.labels, options.synonyms).read();
  found.left_out = contents.left_out;
  found.strays.assign(contents.strays.begin(), contents.strays.end());

  Storage storage{.image_shape = shape, .class_names = std::move(contents.class_names)};
  storage.pixels.resize(contents.files.size() * shape.size());
  const std::vector<detail::FileResult> results =
      detail::read_all(contents.files, options, storage.pixels.data(), detail::ReadProgress(path, options.progress));
  for (std::size_t i = 0; i < results.size(); ++i) {
    detail::FolderFile& file = contents.files[i];
    if (!results[i].wrong.empty()) {
      found.bad_files.push_back({file.path, results[i].wrong});
      continue;
    }
    if (found.files != i)  // what could not be read leaves no gap
      std::memcpy(storage.pixels.data() + found.files * shape.size(), storage.pixels.data() + i * shape.size(),
                  shape.size());
    ++found.files;
    storage.labels.push_back(file.label);
    storage.usages.push_back(file.usage);
    storage.lines.push_back(0);
    storage.files.push_back(std::move(file.path));
  }
  storage.pixels.resize(found.files * shape.size());
  detail::count_resized(results, shape, found);
  if (!found.bad_files.empty() && (!options.skip_bad_files || found.files == 0))
    throw DataError(detail::describe_bad_files(path, found));
  if (found.files == 0)
    throw DataError(path + ": the folders of classes hold no pictures" +
                    (found.left_out > 0 ? " but " + std::to_string(found.left_out) + " that are left out" : ""));
  return Dataset(std::move(storage));
}

}  // namespace ferlab::datasets
