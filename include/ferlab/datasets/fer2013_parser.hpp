// SPDX-License-Identifier: MIT
// FER2013's CSV as text in memory to a data set. fer2013.hpp reads it from a file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/shape.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/datasets/pixel_field.hpp"
#include "ferlab/datasets/words.hpp"

namespace ferlab::datasets {

using data::Dataset, data::Storage, data::Usage, data::no_label;

struct ReadOptions {
  bool skip_bad_rows = false;     ///< drop malformed rows and count them in the report; otherwise they are an error
  bool allow_unlabelled = false;  ///< take a file without emotion column (Kaggle's test.csv): every label is no_label
  bool progress = true;           ///< a bar on the terminal once reading has taken longer than a second
  Shape shape{48, 48, 1};
  std::vector<std::string> class_names = fer2013_class_names();
  /// What the file's labels 0, 1, ... mean, where that is not class_names: names of those, "-" for what is left out.
  /// {"-", "Angry", ...} reads labels that are counted from 1.
  std::vector<std::string> labels{};
};

struct BadRow {
  std::size_t line;  ///< from 1, the header included
  std::string reason;
};

struct ReadReport {
  std::size_t rows = 0;              ///< good ones
  std::size_t bad_rows = 0;          ///< all of them; `reasons` keeps the first max_reasons
  std::size_t left_out = 0;          ///< those whose label ReadOptions::labels calls "-"
  std::size_t repeated_headers = 0;  ///< header lines further down, where files were put together: passed over
  std::vector<BadRow> reasons;
  static constexpr std::size_t max_reasons = 10000;
};

namespace detail {

enum class Row { good, bad, left_out, header };

/// Reads rows into the columns of a Storage.
class Fer2013Parser {
 public:
  /// Throws ArgumentError where options.labels names no class.
  explicit Fer2013Parser(const ReadOptions& options)
      : options_(options),
        words_(options.class_names, options.labels.empty() ? options.class_names : options.labels, fer2013_synonyms()) {
    storage.image_shape = options.shape;
    storage.class_names = options.class_names;
  }

  /// Finds the columns by name, and what separates them ('\0': look). Throws DataError (without the file's name).
  void header(std::string_view line, char separator) {
    std::string wrong;
    for (const char candidate : separator ? std::string(1, separator) : std::string(",;\t|")) {
      const std::string why = split_fields(line, candidate, fields_);
      if (wrong.empty()) wrong = why;
      separator_ = candidate;
      if (why.empty() && find_columns()) break;
    }
    if (pixels_ == none && !wrong.empty()) throw DataError("header: " + wrong);
    if (pixels_ == none)
      throw DataError("expected a header line with the columns emotion,pixels,Usage (any order), found " +
                      quoted(line));
    if (emotion_ == none && !options_.allow_unlabelled)
      throw DataError("no emotion column: these images have no labels, which only prediction can do without");
    header_ = std::string(trimmed(line));
    if (fields_.back().empty()) fields_.pop_back();
    columns_ = fields_.size();
  }

  /// Appends one row. `wrong` becomes what is wrong with a bad one, which leaves no trace.
  Row row(std::string_view line, std::size_t number, const char* readable_end, std::string& wrong) {
    wrong = split_fields(line, separator_, fields_);
    if (!wrong.empty()) return Row::bad;
    if (trimmed(line) == header_) return Row::header;
    if (fields_.size() == columns_ + 1 && fields_.back().empty()) fields_.pop_back();
    if (fields_.size() != columns_) {
      wrong = std::to_string(fields_.size()) + " fields, expected " + std::to_string(columns_);
      return Row::bad;
    }
    int label = no_label;
    if (emotion_ != none && (label = label_of(fields_[emotion_])) == ClassWords::left_out) return Row::left_out;
    if (label == ClassWords::unknown) {
      wrong = "emotion is " + quoted(fields_[emotion_]) + ", expected 0 to " + std::to_string(words_.numbers() - 1) +
              ", or the name of a class";
      return Row::bad;
    }
    Usage usage = Usage::unknown;
    if (usage_ != none && (usage = usage_named(fields_[usage_])) == Usage::unknown) {
      wrong = "Usage is " + quoted(fields_[usage_]) + ", expected Training, PublicTest or PrivateTest";
      return Row::bad;
    }
    const std::size_t before = storage.pixels.size();
    storage.pixels.resize(before + options_.shape.size());
    wrong = read_pixels(readable_end, storage.pixels.data() + before);
    if (!wrong.empty()) {
      storage.pixels.resize(before);
      return Row::bad;
    }
    storage.labels.push_back(std::uint8_t(label));
    storage.usages.push_back(usage);
    storage.lines.push_back(std::uint32_t(number));
    return Row::good;
  }

  /// Where labels were refused: which labelling the file may have.
  std::string label_hint() const {
    const unsigned classes = unsigned(options_.class_names.size());
    if (!options_.labels.empty() || greatest_ != classes) return {};
    std::string names;
    for (const std::string& name : options_.class_names) names += "," + name;
    if (least_ == 1)
      return "\n  The labels go from 1 to " + std::to_string(classes) +
             ": if they are counted from 1, say so: labels -" + names;
    return "\n  The labels go from 0 to " + std::to_string(classes) + ", a class more than the " +
           std::to_string(classes) +
           " of FER2013 (CK+ and FER+ have Contempt): say what they mean, - for what is to be "
           "left out, as in labels " +
           names.substr(1) + ",-";
  }

  Storage storage;

 private:
  static constexpr std::size_t none = std::size_t(-1);

  /// Takes the columns from the fields of a header. Is there one of pixels?
  bool find_columns() {
    pixels_ = emotion_ = usage_ = none;
    std::size_t label = none;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::string found = lower_case(fields_[i]);
      for (auto [name, column] :
           {std::pair{"emotion", &emotion_}, {"label", &label}, {"pixels", &pixels_}, {"usage", &usage_}})
        if (found == name) {
          if (*column != none) throw DataError("the header names the column " + found + " twice");
          *column = i;
        }
    }
    if (emotion_ == none) emotion_ = label;
    return pixels_ != none || find_pixel_columns();
  }
  /// pixel0, pixel1, ... one column each, counted from 0 or 1.
  bool find_pixel_columns() {
    const auto number = [&](std::size_t i, unsigned& value) {
      const std::string name = lower_case(fields_[i]);
      if (!name.starts_with("pixel")) return false;
      const std::string_view digits = std::string_view(name).substr(name.starts_with("pixel_") ? 6 : 5);
      return whole_number(digits, 1u << 24, value);
    };
    unsigned first = 0, next = 0;
    std::size_t begin = 0;
    while (begin < fields_.size() && !number(begin, first)) ++begin;
    if (begin == fields_.size() || first > 1) return false;
    pixel_columns_ = 1;
    while (begin + pixel_columns_ < fields_.size() && number(begin + pixel_columns_, next) &&
           next == first + pixel_columns_)
      ++pixel_columns_;
    if (pixel_columns_ != options_.shape.size())
      throw DataError("the header has columns for " + pixel_count_text(pixel_columns_) + ", expected " +
                      std::to_string(options_.shape.size()) + " (" + to_string(options_.shape) + ")");
    pixels_ = begin;
    return true;
  }

  int label_of(std::string_view field) {
    unsigned number = 0;
    if (whole_number(field, ClassWords::greatest_number, number))
      least_ = std::min(least_, number), greatest_ = std::max(greatest_, number);
    return words_.class_of(field);
  }
  std::string read_pixels(const char* readable_end, std::uint8_t* out) const {
    if (pixel_columns_ > 0) {
      for (std::size_t i = 0; i < pixel_columns_; ++i) {
        unsigned value = 0;
        if (!whole_number(fields_[pixels_ + i], 255, value))
          return "pixel " + std::to_string(i + 1) + " is " + quoted(fields_[pixels_ + i]) + ", expected 0 to 255";
        out[i] = std::uint8_t(value);
      }
      return {};
    }
    const std::size_t count = options_.shape.size();
    if (parse_pixels_fast(fields_[pixels_], readable_end, count, out)) return {};
    std::string wrong = parse_pixels_patiently(fields_[pixels_], count, out);
    if (!wrong.empty() && !wrong.starts_with("pixel")) wrong += " (" + to_string(options_.shape) + ")";
    return wrong;
  }

  const ReadOptions& options_;
  ClassWords words_;
  std::string header_;
  char separator_ = ',';
  std::size_t columns_ = 0, emotion_ = none, pixels_ = none, usage_ = none;
  std::size_t pixel_columns_ = 0;        ///< from pixels_ on, where each pixel has one
  unsigned least_ = ~0u, greatest_ = 0;  ///< of the labels that are numbers
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

/// Parses the text of a file called `name`. Columns are found by the header: emotion (or label), pixels (or pixel0,
/// pixel1, ...: a column each), Usage, in any order and case, separated by commas, semicolons, tabs or bars, other
/// columns ignored; emotion and Usage may be missing (see ReadOptions; Usage::unknown). Labels are numbers or names of
/// classes (or fer2013_synonyms); Usage may also be train, val or test. Lines end with LF or CRLF, empty ones are
/// passed over, fields may stand in quotes, a UTF-8 byte order mark and a line "sep=;" may lead, the header may come
/// again. `progress(bytes done, bytes in all)` is called now and then. `report`, if given, is filled in even where this
/// throws. Throws DataError that lists the malformed rows (without skip_bad_rows), or where the file is no CSV, or has
/// no header or no good row.
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
  if (const std::string_view what = detail::not_a_csv(rest); !what.empty())
    throw DataError(name + ": this is " + std::string(what));

  std::size_t number = 0;
  const auto next_line = [&] {
    std::string_view line;
    do {
      line = detail::take_line(rest);
      ++number;
    } while (detail::trimmed(line).empty() && !rest.empty());
    return line;
  };
  detail::Fer2013Parser parser(options);
  try {
    std::string_view line = next_line();
    char separator = '\0';
    if (line.size() == 5 && detail::lower_case(line.substr(0, 4)) == "sep=") separator = line[4], line = next_line();
    parser.header(line, separator);
  } catch (const DataError& error) {
    throw DataError(name + ": " + error.what());
  }
  parser.storage.pixels.reserve(rest.size() / 2 +
                                1);  // a pixel takes two bytes of text or more; untouched memory is free
  constexpr std::size_t rows_between_progress = 128;
  std::string wrong;
  while (!rest.empty()) {
    const std::string_view line = next_line();
    if (detail::trimmed(line).empty()) break;
    switch (parser.row(line, number, text_end, wrong)) {
      case detail::Row::good:
        ++found.rows;
        break;
      case detail::Row::left_out:
        ++found.left_out;
        break;
      case detail::Row::header:
        ++found.repeated_headers;
        break;
      case detail::Row::bad:
        if (rest.empty() && text_end[-1] != '\n') wrong += "; the file ends within this line: it may be cut off";
        if (found.reasons.size() < ReadReport::max_reasons) found.reasons.push_back({number, std::move(wrong)});
        ++found.bad_rows;
    }
    if (number % rows_between_progress == 0) progress(text.size() - rest.size(), text.size());
  }
  if (found.bad_rows > 0 && (!options.skip_bad_rows || found.rows == 0))
    throw DataError(detail::describe_bad_rows(name, found) + parser.label_hint());
  if (found.rows == 0)
    throw DataError(name + ": a header line and no rows after it" +
                    (found.left_out > 0 ? " but " + std::to_string(found.left_out) + " that are left out" : ""));
  return Dataset(std::move(parser.storage));
}

}  // namespace ferlab::datasets
