// SPDX-License-Identifier: MIT
// Writing zip files whose members are stored, not compressed. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/crc32c.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats {

/// Builds a file in memory. All dates are 1980-01-01: the same members give the same bytes.
class ZipWriter {
 public:
  /// `name` is UTF-8. ArgumentError for one that is there already, and where the format has no more room (4 GiB, 65534
  /// members).
  void add(const std::string& name, std::string_view data) {
    constexpr std::size_t most_bytes = 0xffffffff, most_members = 0xffff, longest_name = 0xffff;
    // Both headers of this member, the directory so far, and the end.
    const std::size_t size = members_.size() + directory_.size() + data.size() + 2 * name.size() + 128;
    if (name.size() > longest_name || size >= most_bytes || names_.size() + 1 >= most_members)
      throw ArgumentError("no room in a zip file for a member of " + std::to_string(data.size()) + " bytes called " +
                          json_quoted(name.substr(0, 100)));
    if (!names_.insert(name).second) throw ArgumentError("two members of a zip file are called " + json_quoted(name));
    const std::size_t at = members_.size();
    const std::string shared = header(name, data);
    members_ += "PK\x03\x04" + shared + name;
    members_ += data;
    directory_ += "PK\x01\x02";
    append_little_endian(directory_, made_by_unix);
    directory_ += shared;
    directory_.append(6, '\0');  // comment, disk, kind
    append_little_endian(directory_, regular_file);
    append_little_endian(directory_, std::uint32_t(at));
    directory_ += name;
  }

  std::string bytes() const {
    std::string all = members_ + directory_ + "PK\x05\x06";
    all.append(4, '\0');  // disks
    append_little_endian(all, std::uint16_t(names_.size()));
    append_little_endian(all, std::uint16_t(names_.size()));
    append_little_endian(all, std::uint32_t(directory_.size()));
    append_little_endian(all, std::uint32_t(members_.size()));
    return all.append(2, '\0');  // comment
  }

 private:
  static constexpr std::uint16_t made_by_unix = 3 << 8 | 20;
  static constexpr std::uint32_t regular_file = 0100644u << 16;

  /// What a member and its entry in the directory have in common, from the version on.
  static std::string header(const std::string& name, std::string_view data) {
    constexpr std::uint16_t version = 20, utf8_name = 1 << 11, stored = 0, midnight = 0, first_of_1980 = 1 << 5 | 1;
    std::string out;
    for (std::uint16_t field : {version, utf8_name, stored, midnight, first_of_1980}) append_little_endian(out, field);
    for (std::size_t field : {std::size_t(crc32(data)), data.size(), data.size()})
      append_little_endian(out, std::uint32_t(field));
    append_little_endian(out, std::uint16_t(name.size()));
    append_little_endian(out, std::uint16_t(0));  // no more fields
    return out;
  }

  std::string members_, directory_;
  std::set<std::string> names_;
};

}  // namespace ferlab::formats
