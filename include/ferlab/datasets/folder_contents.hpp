// SPDX-License-Identifier: MIT
// Which pictures a folder of classes holds, of which class and Usage: by names alone, before any file is opened.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/datasets/words.hpp"

namespace ferlab::datasets::detail {

struct FolderFile {
  std::string path;
  std::uint8_t label;
  data::Usage usage;
};

struct FolderContents {
  std::vector<std::string> class_names;
  std::vector<FolderFile> files;  ///< Training, PublicTest, PrivateTest; then by class, then by name
  std::set<std::string> strays;   ///< files beside the folders of splits and classes
  std::size_t left_out = 0;       ///< files of classes that are called "-"
};

struct FolderEntry {
  std::string name;
  bool is_folder;
};

/// What is in a folder, sorted by the bytes of the names. Not what the systems hide: names with a dot before them,
/// Thumbs.db, desktop.ini, and the folder __MACOSX of an archive. Throws IoError.
inline std::vector<FolderEntry> list_folder(const std::string& path) {
  std::vector<FolderEntry> entries;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name[0] == '.' || name == "Thumbs.db" || name == "desktop.ini" || name == "__MACOSX") continue;
    std::error_code broken_link;  // it is no folder; who opens it says what is wrong
    entries.push_back({name, entry->is_directory(broken_link)});
  }
  if (error) throw IoError("cannot read the folder " + path + ": " + error.message());
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

inline std::string inside(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

/// Looks into a folder that holds <class>/* or <split>/<class>/*.
class FolderReader {
 public:
  /// As in FolderOptions. Throws ArgumentError where a label names no class.
  FolderReader(const std::string& path, const std::vector<std::string>& class_names,
               const std::vector<std::string>& labels, const Synonyms& synonyms)
      : path_(path), synonyms_(synonyms), words_(class_names, labels.empty() ? class_names : labels, synonyms) {
    contents_.class_names = class_names;
  }

  /// Throws IoError, and DataError where the folders are not as expected.
  FolderContents read() {
    const std::vector<Split> splits = find_splits();
    if (contents_.class_names.empty()) {
      contents_.class_names = folders_in(splits[0].path);  // one that is new in a later split is an error
      words_ = ClassWords(contents_.class_names, {}, synonyms_);
    }
    if (contents_.class_names.size() >= data::no_label)
      throw DataError(path_ + ": " + std::to_string(contents_.class_names.size()) +
                      " folders of classes; the most is 254");
    for (const Split& split : splits) read_split(split);
    return std::move(contents_);
  }

 private:
  struct Split {
    std::string name, path;
    data::Usage usage;
  };

  /// Names of the folders in `path`; the paths of what else is there become strays.
  std::vector<std::string> folders_in(const std::string& path) {
    std::vector<std::string> folders;
    for (const FolderEntry& entry : list_folder(path))
      if (entry.is_folder)
        folders.push_back(entry.name);
      else
        contents_.strays.insert(inside(path, entry.name));
    return folders;
  }

  /// In the order of Usage; the folder itself, of unknown Usage, where it holds folders of classes at once.
  std::vector<Split> find_splits() {
    std::vector<Split> splits;
    std::vector<std::string> names, others;
    for (const std::string& name : folders_in(path_)) {
      const data::Usage usage = usage_named(name);
      if (usage == data::Usage::unknown || words_.class_of(name) != ClassWords::unknown)
        others.push_back(name);
      else
        names.push_back(name), splits.push_back({name, inside(path_, name), usage});
    }
    if (splits.empty()) return {{"", path_, data::Usage::unknown}};
    if (!others.empty())
      throw DataError(path_ + ": holds splits (" + listed(names) + ") beside other folders (" + listed(others) +
                      "); expected splits alone, with folders of classes in each, or folders of classes alone");
    std::stable_sort(splits.begin(), splits.end(), [](const Split& a, const Split& b) { return a.usage < b.usage; });
    for (std::size_t i = 1; i < splits.size(); ++i)
      if (splits[i].usage == splits[i - 1].usage)
        throw DataError(path_ + ": the folders " + splits[i - 1].name + " and " + splits[i].name +
                        " are the same split, " + std::string(to_string(splits[i].usage)));
    return splits;
  }

  void read_split(const Split& split) {
    const std::vector<std::string> folders = folders_in(split.path);
    if (folders.empty())
      throw DataError(split.path + ": expected folders of classes in it" +
                      (contents_.class_names.empty() ? "" : " (" + listed(contents_.class_names) + ")") +
                      ", found none");
    std::vector<std::string> folder_of(contents_.class_names.size());
    for (const std::string& name : folders) {
      const std::string path = inside(split.path, name);
      const int found = words_.class_of(name);
      if (found == ClassWords::unknown)
        throw DataError(path + ": there is no class " + name +
                        " (move the folder away to leave it out); the classes are " + listed(contents_.class_names) +
                        (split.usage == data::Usage::unknown ? ", and splits are called train, val and test" : ""));
      if (found == ClassWords::left_out) {
        contents_.left_out += list_folder(path).size();
        continue;
      }
      std::string& folder = folder_of[std::size_t(found)];
      if (!folder.empty())
        throw DataError(folder + " and " + path + " are folders of the same class, " +
                        contents_.class_names[std::size_t(found)]);
      folder = path;
    }
    for (std::size_t label = 0; label < folder_of.size(); ++label)
      if (!folder_of[label].empty())
        for (const FolderEntry& entry : list_folder(folder_of[label]))
          contents_.files.push_back({inside(folder_of[label], entry.name), std::uint8_t(label), split.usage});
  }

  const std::string& path_;
  const Synonyms& synonyms_;
  ClassWords words_;
  FolderContents contents_;
};

}  // namespace ferlab::datasets::detail
