// SPDX-License-Identifier: MIT
// What is in a data set, and what is wrong with it: counts, copies, labels that contradict each other, black images.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/data/dataset.hpp"

namespace ferlab::data {

/// Rows of one Usage that also stand in another.
struct SharedRows {
  Usage part, other;
  std::size_t rows = 0;    ///< rows of `part` whose image also stands in `other`
  std::size_t images = 0;  ///< different images among them
};

/// Filled by describe(); print it with << or to_string.
struct Description {
  static constexpr std::size_t usages = 4;

  Shape image_shape;
  std::vector<std::string> class_names;
  std::vector<std::array<std::size_t, usages>> counts;  ///< [class][Usage]
  std::size_t rows = 0;
  std::size_t unlabelled = 0;                       ///< rows without a label
  std::size_t distinct_images = 0;                  ///< images that differ in at least one pixel
  std::size_t repeated_images = 0;                  ///< distinct images that occur more than once
  std::size_t conflicting_images = 0;               ///< repeated images with different labels
  std::size_t conflicting_rows = 0;                 ///< all rows of those
  std::array<std::size_t, usages> copies_within{};  ///< by Usage: rows that repeat an earlier image of the same Usage
  std::vector<SharedRows> shared;                   ///< each pair of Usages with rows in common, in both directions
  std::array<std::size_t, usages> black{};          ///< by Usage: images of nothing but zeros

  struct Row {
    std::size_t position;
    std::uint8_t label;
    Usage usage;
    std::string pixels;  ///< the first numbers, as in the file
  };
  std::vector<Row> tail;  ///< the last five rows
};

namespace detail {

/// A 64-bit digest of an image, eight bytes a step. Equal images have equal digests; the reverse is checked by
/// comparing.
inline std::uint64_t image_digest(std::span<const std::uint8_t> image) {
  std::uint64_t hash = image.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  };
  std::size_t i = 0;
  for (std::uint64_t word; i + 8 <= image.size(); i += 8) std::memcpy(&word, image.data() + i, 8), mix(word);
  for (; i < image.size(); ++i) mix(image[i]);
  return hash;
}

/// Positions of `data`, equal images next to each other and in order of position; `body(group)` for each distinct
/// image.
template <class Body>
void for_each_distinct_image(const Dataset& data, const Body& body) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  order.reserve(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) order.push_back({image_digest(data.image(i)), std::uint32_t(i)});
  const auto compare = [&data](std::uint32_t a, std::uint32_t b) {
    return std::memcmp(data.image(a).data(), data.image(b).data(), data.image(a).size());
  };
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const int difference = compare(a.second, b.second);
    return difference != 0 ? difference < 0 : a.second < b.second;
  });
  std::vector<std::uint32_t> group;
  for (std::size_t i = 0; i < order.size(); ++i) {
    group.push_back(order[i].second);
    const bool last = i + 1 == order.size() || order[i + 1].first != order[i].first ||
                      compare(order[i].second, order[i + 1].second) != 0;
    if (!last) continue;
    body(std::span<const std::uint32_t>(group));
    group.clear();
  }
}

inline void count_copies(const Dataset& data, Description& d) {
  std::array<std::array<SharedRows, Description::usages>, Description::usages> shared{};
  for_each_distinct_image(data, [&](std::span<const std::uint32_t> group) {
    ++d.distinct_images;
    if (group.size() < 2) return;
    ++d.repeated_images;
    std::array<std::size_t, Description::usages> rows{};
    bool conflict = false;
    for (std::uint32_t i : group) {
      ++rows[std::size_t(data.usage(i))];
      conflict = conflict || data.label(i) != data.label(group[0]);
    }
    if (conflict) ++d.conflicting_images, d.conflicting_rows += group.size();
    for (std::size_t a = 0; a < rows.size(); ++a) {
      if (rows[a] == 0) continue;
      d.copies_within[a] += rows[a] - 1;
      for (std::size_t b = 0; b < rows.size(); ++b)
        if (a != b && rows[b] > 0) shared[a][b].rows += rows[a], ++shared[a][b].images;
    }
  });
  for (std::size_t a = 0; a < shared.size(); ++a)
    for (std::size_t b = 0; b < shared.size(); ++b)
      if (shared[a][b].rows > 0) d.shared.push_back({Usage(a), Usage(b), shared[a][b].rows, shared[a][b].images});
}

inline std::string padded(std::string_view text, int width) {  // right-aligned; left-aligned where width is negative
  const std::size_t wanted = std::size_t(width < 0 ? -width : width);
  const std::string blanks(text.size() < wanted ? wanted - text.size() : 0, ' ');
  return width < 0 ? std::string(text) + blanks : blanks + std::string(text);
}
inline std::string padded(std::size_t number, int width) { return padded(std::to_string(number), width); }

inline std::string abbreviated_pixels(std::span<const std::uint8_t> image) {
  constexpr std::size_t width = 46;  // a pandas column is 50 characters wide, dots included
  std::string text;
  for (std::size_t i = 0; i < image.size() && text.size() <= width; ++i) {
    if (i) text += ' ';
    text += std::to_string(image[i]);
  }
  return text.size() > width ? text.substr(0, width) + "..." : text;
}

}  // namespace detail

/// Looks at every pixel once (hashing), and at images with equal hashes again. Takes memory for 16 bytes a row.
inline Description describe(const Dataset& data) {
  Description d;
  d.image_shape = data.shape();
  d.class_names = data.class_names();
  d.counts.resize(d.class_names.size());
  d.rows = data.size();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t usage = std::size_t(data.usage(i));
    if (data.label(i) == no_label)
      ++d.unlabelled;
    else
      ++d.counts[data.label(i)][usage];
    const auto image = data.image(i);
    if (std::all_of(image.begin(), image.end(), [](std::uint8_t pixel) { return pixel == 0; })) ++d.black[usage];
  }
  detail::count_copies(data, d);
  for (std::size_t i = data.size() - std::min<std::size_t>(5, data.size()); i < data.size(); ++i)
    d.tail.push_back({i, data.label(i), data.usage(i), detail::abbreviated_pixels(data.image(i))});
  return d;
}

/// A table for people.
inline std::string to_string(const Description& d) {
  using detail::padded;
  std::array<std::size_t, Description::usages> totals{};
  for (const auto& by_usage : d.counts)
    for (std::size_t u = 0; u < totals.size(); ++u) totals[u] += by_usage[u];
  const auto line = [&](const std::string& name, const std::array<std::size_t, Description::usages>& numbers) {
    std::string text = padded(name, -14);
    std::size_t all = 0;
    for (std::size_t u = 0; u < totals.size(); ++u) {
      if (totals[u] > 0) text += padded(numbers[u], 13);
      all += numbers[u];
    }
    return text + padded(all, 10) + "\n";
  };

  std::string text = std::to_string(d.rows) + " images of " + to_string(d.image_shape) + "\n\n" + padded("", -14);
  for (std::size_t u = 0; u < totals.size(); ++u)
    if (totals[u] > 0) text += padded(to_string(Usage(u)), 13);
  text += padded("all", 10) + "\n";
  for (std::size_t c = 0; c < d.counts.size(); ++c)
    text += line(std::to_string(c) + " " + d.class_names[c], d.counts[c]);
  text += line("all", totals);
  if (d.unlabelled > 0) text += "without label: " + std::to_string(d.unlabelled) + "\n";

  text += "\nDistinct images: " + std::to_string(d.distinct_images) + "; " + std::to_string(d.repeated_images) +
          " of them occur more than once, " + std::to_string(d.conflicting_images) +
          " of those with different labels (" + std::to_string(d.conflicting_rows) + " rows)\n";
  const auto list = [&](const std::string& what, const std::array<std::size_t, Description::usages>& numbers) {
    std::string found;
    for (std::size_t u = 0; u < numbers.size(); ++u)
      if (numbers[u] > 0)
        found += (found.empty() ? "" : ", ") + std::to_string(numbers[u]) + " " + std::string(to_string(Usage(u)));
    if (!found.empty()) text += what + found + "\n";
  };
  list("Rows that repeat an earlier one of the same Usage: ", d.copies_within);
  for (const SharedRows& s : d.shared)
    text += "Rows in two Usages: " + std::to_string(s.rows) + " " + std::string(to_string(s.part)) + " rows (" +
            std::to_string(s.images) + " images) also stand in " + std::string(to_string(s.other)) + "\n";
  list("All black: ", d.black);

  text += "\n" + padded("emotion", 14) + padded("pixels", 51) + padded("Usage", 13) + "\n";
  for (const Description::Row& row : d.tail)
    text += padded(row.position, -7) + padded(row.label == no_label ? "-" : std::to_string(row.label), 7) +
            padded(row.pixels, 51) + padded(to_string(row.usage), 13) + "\n";
  return text;
}

inline std::ostream& operator<<(std::ostream& out, const Description& description) {
  return out << to_string(description);
}

}  // namespace ferlab::data
