// SPDX-License-Identifier: MIT
// A data set of small labelled images: rows that never change and are never copied, and lists of positions into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/shape.hpp"

namespace ferlab::data {

/// Which official part of the data set a row belongs to: the words of FER2013's Usage column.
enum class Usage : std::uint8_t { training, public_test, private_test, unknown };

/// "Training", "PublicTest", "PrivateTest" or "unknown".
constexpr std::string_view to_string(Usage usage) {
  constexpr std::string_view words[] = {"Training", "PublicTest", "PrivateTest", "unknown"};
  return words[std::size_t(usage)];
}

/// The label of a row that has none (Kaggle's test.csv).
inline constexpr std::uint8_t no_label = 255;

/// What all views of a data set share. Columns of equal length, one entry a row.
struct Storage {
  Shape image_shape{};
  std::vector<std::uint8_t> pixels{};  ///< [row][height][width][channels]
  std::vector<std::uint8_t> labels{};  ///< index into class_names, or no_label
  std::vector<Usage> usages{};
  std::vector<std::uint32_t> lines{};  ///< line of the source file, from 1; 0 where there is none
  std::vector<std::string> class_names{};
  std::vector<std::string> files{};  ///< the file of each row, where rows are files; else nothing
};

class Dataset;
struct UsageSplit;

/// A list of rows of a shared Storage. Cheap to copy, select from and hand around; safe to read from many threads.
/// Image i of the data set is `row(i)` of the storage: `select` and the splits change the list and copy no pixel.
class Dataset {
 public:
  Dataset() = default;

  /// All rows of `storage`, in order. Throws ArgumentError where its columns do not fit each other.
  explicit Dataset(Storage storage) {
    check(storage);
    rows_.resize(storage.labels.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i] = std::uint32_t(i);
    storage_ = std::make_shared<const Storage>(std::move(storage));
  }

  /// A data set of your own: `pixels` is [row][height][width][channels], one label (index into class_names) a row.
  static Dataset from_memory(Shape image_shape, std::vector<std::uint8_t> pixels, std::vector<std::uint8_t> labels,
                             std::vector<std::string> class_names, Usage usage = Usage::unknown) {
    const std::size_t rows = labels.size();
    return Dataset(Storage{image_shape, std::move(pixels), std::move(labels), std::vector<Usage>(rows, usage),
                           std::vector<std::uint32_t>(rows, 0), std::move(class_names)});
  }

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  Shape shape() const { return storage_ ? storage_->image_shape : Shape{}; }
  int classes() const { return storage_ ? int(storage_->class_names.size()) : 0; }
  const std::vector<std::string>& class_names() const {
    static const std::vector<std::string> none;
    return storage_ ? storage_->class_names : none;
  }

  /// Image i, height x width x channels, valid as long as any data set of this storage lives. i < size(), unchecked.
  std::span<const std::uint8_t> image(std::size_t i) const {
    const std::size_t size = storage_->image_shape.size();
    return {storage_->pixels.data() + row(i) * size, size};
  }
  std::uint8_t label(std::size_t i) const { return storage_->labels[row(i)]; }
  Usage usage(std::size_t i) const { return storage_->usages[row(i)]; }
  std::uint32_t line(std::size_t i) const { return storage_->lines[row(i)]; }
  /// The file of image i; empty where it has none of its own.
  const std::string& file(std::size_t i) const {
    static const std::string none;
    return storage_->files.empty() ? none : storage_->files[row(i)];
  }

  /// Position of image i in the storage, which is its row in the file when no row was skipped.
  std::uint32_t row(std::size_t i) const { return rows_[i]; }

  /// The images at `positions` of this data set, in that order; repetitions are fine.
  /// Throws ArgumentError for a position past the end.
  Dataset select(std::span<const std::uint32_t> positions) const {
    Dataset part;
    part.storage_ = storage_;
    part.rows_.reserve(positions.size());
    for (std::uint32_t position : positions) {
      if (position >= size())
        throw ArgumentError("select: position " + std::to_string(position) + " of a data set of " +
                            std::to_string(size()) + " images");
      part.rows_.push_back(rows_[position]);
    }
    return part;
  }

  /// The images of one Usage, in order; maybe none.
  Dataset with_usage(Usage wanted) const {
    Dataset part;
    part.storage_ = storage_;
    for (std::size_t i = 0; i < size(); ++i)
      if (usage(i) == wanted) part.rows_.push_back(rows_[i]);
    return part;
  }

  /// Training, PublicTest as validation, PrivateTest as test: `auto [train, validation, test] = data.split_by_usage();`
  /// A part may be empty. Throws DataError where no image has a Usage at all.
  UsageSplit split_by_usage() const;

 private:
  static void check(const Storage& s) {
    const std::size_t rows = s.labels.size();
    const auto fail = [](const std::string& what) { throw ArgumentError("data set: " + what); };
    if (s.image_shape.height < 1 || s.image_shape.width < 1 || s.image_shape.channels < 1)
      fail("images of shape " + to_string(s.image_shape));
    if (s.class_names.empty() || s.class_names.size() >= no_label)
      fail("expected 1 to 254 class names, got " + std::to_string(s.class_names.size()));
    if (rows > 0xffffffffu) fail(std::to_string(rows) + " rows are more than 2^32 - 1");
    if (s.pixels.size() != rows * s.image_shape.size())
      fail("expected " + std::to_string(rows) + " images of " + to_string(s.image_shape) + " = " +
           std::to_string(rows * s.image_shape.size()) + " pixels, got " + std::to_string(s.pixels.size()));
    if (s.usages.size() != rows || s.lines.size() != rows)
      fail("expected " + std::to_string(rows) + " usages and lines, got " + std::to_string(s.usages.size()) + " and " +
           std::to_string(s.lines.size()));
    if (!s.files.empty() && s.files.size() != rows)
      fail("expected " + std::to_string(rows) + " files or none, got " + std::to_string(s.files.size()));
    for (std::size_t i = 0; i < rows; ++i)
      if (s.labels[i] >= s.class_names.size() && s.labels[i] != no_label)
        fail("row " + std::to_string(i) + " has label " + std::to_string(s.labels[i]) + ", expected 0 to " +
             std::to_string(s.class_names.size() - 1));
  }

  std::shared_ptr<const Storage> storage_;
  std::vector<std::uint32_t> rows_;
};

/// The official split. Choose the model on `validation`, and look at `test` once.
struct UsageSplit {
  Dataset training, validation, test;
};

inline UsageSplit Dataset::split_by_usage() const {
  UsageSplit split{with_usage(Usage::training), with_usage(Usage::public_test), with_usage(Usage::private_test)};
  if (!empty() && split.training.empty() && split.validation.empty() && split.test.empty())
    throw DataError("split_by_usage: no image has a Usage (Training, PublicTest, PrivateTest); use train_test_split");
  return split;
}

}  // namespace ferlab::data
