// SPDX-License-Identifier: MIT
// FER2013's CSV as text in memory to a data set. fer2013.hpp reads it from a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/shape.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/datasets/pixel_field.hpp"

namespace ferlab::datasets {

using data::Dataset, data::Storage, data::Usage, data::no_label, data::parse_usage;

/// What label 0, 1, ... 6 of FER2013 mean.
inline std::vector<std::string> fer2013_class_names() {
  return {"Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"};
}

struct ReadOptions {
  bool skip_bad_rows = false;     ///< drop malformed rows and count them in the report; otherwise they are an error
  bool allow_unlabelled = false;  ///< take a file without emotion column (Kaggle's test.csv): every label is no_label
  bool progress = true;           ///< a bar on the terminal once reading has taken longer than a second
  Shape shape{48, 48, 1};
  std::vector<std::string> class_names = fer2013_class_names();
};

struct BadRow {
  std::size_t line;  ///< from 1, the header included
  std::string reason;
};

struct ReadReport {
  std::size_t rows = 0;      ///< good ones
  std::size_t bad_rows = 0;  ///< all of them; `reasons` keeps the first max_reasons
  std::vector<BadRow> reasons;
  static constexpr std::size_t max_reasons = 10000;
};

namespace detail {

inline std::string_view trimmed(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

/// Takes the next line, without its LF or CRLF, off the front of `text`.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t length = text.find('\n');
  std::string_view line = text.substr(0, length);
  text.remove_prefix(length == text.npos ? text.size() : length + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// Splits a line at its commas into `fields`, each without blanks and quotes around it. Returns what is wrong, or
/// nothing.
inline std::string split_fields(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (bool more = true; more;) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    const bool in_quotes = !line.empty() && line.front() == '"';
    if (in_quotes) {
      const std::size_t close = line.find('"', 1);
      if (close == line.npos) return "a quote is opened and not closed";
      fields.push_back(trimmed(line.substr(1, close - 1)));
      line.remove_prefix(close + 1);
    }
    const std::size_t comma = line.find(',');
    const std::string_view rest = trimmed(line.substr(0, comma));
    if (!in_quotes)
      fields.push_back(rest);
    else if (!rest.empty())
      return "unexpected " + quoted(rest) + " after a quoted field";
    more = comma != line.npos;
    line.remove_prefix(more ? comma + 1 : line.size());
  }
  return {};
}

/// Reads rows into the columns of a Storage.
class Fer2013Parser {
 public:
  explicit Fer2013Parser(const ReadOptions& options) : options_(options) {
    storage.image_shape = options.shape;
    storage.class_names = options.class_names;
  }

  /// Finds the columns by name. Throws DataError (without the file's name).
  void header(std::string_view line) {
    if (std::string wrong = split_fields(line, fields_); !wrong.empty()) throw DataError("header: " + wrong);
    columns_ = fields_.size();
    for (std::size_t i = 0; i < columns_; ++i)
      for (auto [name, column] : {std::pair{"emotion", &emotion_}, {"pixels", &pixels_}, {"usage", &usage_}})
        if (equal_ignoring_case(fields_[i], name)) {
          if (*column != none) throw DataError("the header names the column " + std::string(name) + " twice");
          *column = i;
        }
    if (pixels_ == none)
      throw DataError("expected a header line with the columns emotion,pixels,Usage (any order), found " +
                      quoted(line));
    if (emotion_ == none && !options_.allow_unlabelled)
      throw DataError("no emotion column: these images have no labels, which only prediction can do without");
  }

  /// Appends one row. Returns what is wrong with it, or nothing; a bad row leaves no trace.
  std::string row(std::string_view line, std::size_t number, const char* readable_end) {
    if (std::string wrong = split_fields(line, fields_); !wrong.empty()) return wrong;
    if (fields_.size() != columns_)
      return std::to_string(fields_.size()) + " fields, expected " + std::to_string(columns_);
    std::uint8_t label = no_label;
    if (emotion_ != none) {
      unsigned value = 0;
      bool good = !fields_[emotion_].empty();
      for (char c : fields_[emotion_]) {
        value = value * 10 + unsigned(c - '0');
        good = good && is_digit(c) && value < options_.class_names.size();
      }
      if (!good)
        return "emotion is " + quoted(fields_[emotion_]) + ", expected 0 to " +
               std::to_string(options_.class_names.size() - 1);
      label = std::uint8_t(value);
    }
    Usage usage = Usage::unknown;
    if (usage_ != none && (usage = parse_usage(fields_[usage_])) == Usage::unknown)
      return "Usage is " + quoted(fields_[usage_]) + ", expected Training, PublicTest or PrivateTest";

    const std::size_t before = storage.pixels.size(), count = options_.shape.size();
    storage.pixels.resize(before + count);
    std::uint8_t* const out = storage.pixels.data() + before;
    if (!parse_pixels_fast(fields_[pixels_], readable_end, count, out))
      if (std::string wrong = parse_pixels_patiently(fields_[pixels_], count, out); !wrong.empty()) {
        storage.pixels.resize(before);
        return wrong + (wrong.starts_with("pixel") ? "" : " (" + to_string(options_.shape) + ")");
      }
    storage.labels.push_back(label);
    storage.usages.push_back(usage);
    storage.lines.push_back(std::uint32_t(number));
    return {};
  }

  Storage storage;

 private:
  static bool equal_ignoring_case(std::string_view a, std::string_view lower) {
    if (a.size() != lower.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if ((a[i] >= 'A' && a[i] <= 'Z' ? char(a[i] + 32) : a[i]) != lower[i]) return false;
    return true;
  }

  static constexpr std::size_t none = std::size_t(-1);
  const ReadOptions& options_;
  std::size_t columns_ = 0, emotion_ = none, pixels_ = none, usage_ = none;
  std::vector<std::string_view> fields_;
};

inline std::string describe_bad_rows(const std::string& name, const ReadReport& report) {
  std::string message = name + ": " + std::to_string(report.bad_rows) + " of " +
                        std::to_string(report.rows + report.bad_rows) + " rows are malformed";
  for (std::size_t i = 0; i < report.reasons.size() && i < 10; ++i)
    message += "\n  " + name + ":" + std::to_string(report.reasons[i].line) + ": " + report.reasons[i].reason;
  if (report.bad_rows > 10) message += "\n  ... and " + std::to_string(report.bad_rows - 10) + " more";
  return message;
}

}  // namespace detail

/// Parses the text of a file called `name`. Columns are found by the header: emotion, pixels, Usage in any order and
/// case, with blanks around them, other columns ignored; emotion and Usage may be missing (see ReadOptions;
/// Usage::unknown). Lines end with LF or CRLF, empty ones are passed over, fields may stand in quotes, a UTF-8 byte
/// order mark may lead. `progress(bytes done, bytes in all)` is called now and then. `report`, if given, is filled in
/// even where this throws. Throws DataError that lists the malformed rows (without skip_bad_rows), or where there is no
/// header or no good row.
template <class Progress>
Dataset parse_fer2013(std::string_view text, const std::string& name, const ReadOptions& options, ReadReport* report,
                      const Progress& progress) {
  ReadReport unwanted;
  ReadReport& found = report ? *report : unwanted;
  found = {};
  const char* const text_end = text.data() + text.size();
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  if (rest.empty()) throw DataError(name + ": the file is empty");

  detail::Fer2013Parser parser(options);
  try {
    parser.header(detail::take_line(rest));
  } catch (const DataError& error) {
    throw DataError(name + ": " + error.what());
  }
  parser.storage.pixels.reserve(rest.size() / 2 +
                                1);  // a pixel takes two bytes of text or more; untouched memory is free
  constexpr std::size_t rows_between_progress = 128;
  for (std::size_t number = 2; !rest.empty(); ++number) {
    const std::string_view line = detail::take_line(rest);
    if (detail::trimmed(line).empty()) continue;
    std::string wrong = parser.row(line, number, text_end);
    if (wrong.empty()) {
      ++found.rows;
    } else {
      if (rest.empty() && text_end[-1] != '\n') wrong += "; the file ends within this line: it may be cut off";
      if (found.reasons.size() < ReadReport::max_reasons) found.reasons.push_back({number, std::move(wrong)});
      ++found.bad_rows;
    }
    if (number % rows_between_progress == 0) progress(text.size() - rest.size(), text.size());
  }
  if (found.bad_rows > 0 && !options.skip_bad_rows) throw DataError(detail::describe_bad_rows(name, found));
  if (found.rows == 0)
    throw DataError(found.bad_rows > 0 ? detail::describe_bad_rows(name, found)
                                       : name + ": a header line and no rows after it");
  return Dataset(std::move(parser.storage));
}

}  // namespace ferlab::datasets
