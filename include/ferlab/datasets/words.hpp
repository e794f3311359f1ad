// SPDX-License-Identifier: MIT
// The words that people write for classes and for Usages, in a column of a CSV or as the name of a folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/datasets/csv_text.hpp"

namespace ferlab::datasets {

/// What label 0, 1, ... 6 of FER2013 mean.
inline std::vector<std::string> fer2013_class_names() {
  return {"Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"};
}

/// Words that mean the same stand together.
using Synonyms = std::vector<std::vector<std::string>>;

/// The words of other data sets of faces.
inline Synonyms fer2013_synonyms() {
  return {{"Angry", "Anger"}, {"Disgust", "Disgusted"},  {"Fear", "Fearful"},      {"Happy", "Happiness"},
          {"Sad", "Sadness"}, {"Surprise", "Surprised"}, {"Neutral", "Neutrality"}};
}

/// Training, PublicTest, PrivateTest, and the usual words for them, in any letter case; else Usage::unknown.
inline data::Usage usage_named(std::string_view text) {
  using data::Usage;
  const std::string word = detail::lower_case(text);
  for (const auto& [name, usage] : {std::pair{"training", Usage::training},
                                    {"train", Usage::training},
                                    {"publictest", Usage::public_test},
                                    {"validation", Usage::public_test},
                                    {"valid", Usage::public_test},
                                    {"val", Usage::public_test},
                                    {"privatetest", Usage::private_test},
                                    {"test", Usage::private_test}})
    if (word == name) return usage;
  return Usage::unknown;
}

namespace detail {

/// "Angry, Disgust, Fear".
inline std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

/// Finds the class that a word means: its name or a synonym in any letter case, or a number.
class ClassWords {
 public:
  static constexpr int left_out = -1, unknown = -2;
  static constexpr unsigned greatest_number = 1000;

  /// The number n means the class labels[n]; "-" is for what is left out. Throws ArgumentError where a label names no
  /// class.
  ClassWords(const std::vector<std::string>& class_names, const std::vector<std::string>& labels,
             const Synonyms& synonyms) {
    for (const std::string& name : class_names) names_.push_back(name), lower_names_.push_back(lower_case(name));
    for (const auto& words : synonyms) {
      synonyms_.emplace_back();
      for (const std::string& word : words) synonyms_.back().push_back(lower_case(word));
    }
    for (const std::string& label : labels) {
      numbers_.push_back(label == "-" ? left_out : class_named(label));
      if (numbers_.back() == unknown)
        throw ArgumentError("labels: there is no class " + quoted(std::string_view(label)) + "; there are " +
                            listed(class_names) + ", and -");
    }
  }

  /// Its index, left_out or unknown.
  int class_of(std::string_view text) const {
    const int named = class_named(text);
    unsigned number = 0;
    if (named != unknown || !whole_number(text, greatest_number, number)) return named;
    return number < numbers_.size() ? numbers_[number] : unknown;
  }

  /// How many numbers mean something: 0 to numbers() - 1.
  std::size_t numbers() const { return numbers_.size(); }

 private:
  /// As it is written before any letter case: "a" and "A" may be two classes.
  int class_named(std::string_view text) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == text) return int(i);
    const std::string word = lower_case(text);
    if (const int index = index_of(word); index != unknown) return index;
    for (const auto& words : synonyms_)
      if (std::find(words.begin(), words.end(), word) != words.end())
        for (const std::string& other : words)
          if (const int index = index_of(other); index != unknown) return index;
    return unknown;
  }
  int index_of(const std::string& lower_name) const {
    const auto at = std::find(lower_names_.begin(), lower_names_.end(), lower_name);
    return at == lower_names_.end() ? unknown : int(at - lower_names_.begin());
  }

  std::vector<std::string> names_, lower_names_;
  Synonyms synonyms_;         ///< in small letters
  std::vector<int> numbers_;  ///< the class of each
};

}  // namespace detail
}  // namespace ferlab::datasets
