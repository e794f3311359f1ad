// SPDX-License-Identifier: MIT
// Zip files, as Keras and numpy use them. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/mapped_file.hpp"
#include "ferlab/formats/crc32c.hpp"
#include "ferlab/formats/inflate.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats {

/// A file whose directory has been checked: no name stands twice, and no two members share bytes. Throws IoError, or
/// FormatError that names the file, the member, what was expected and what came. Names are names: nothing is ever
/// written to a path that stands in the file.
class ZipFile {
 public:
  explicit ZipFile(const std::string& path) : name_(path), file_(path), bytes_(file_->text()) { parse(); }
  /// The same of bytes in memory, which must outlive this; `name` stands in errors.
  ZipFile(std::string_view bytes, const std::string& name) : name_(name), bytes_(bytes) { parse(); }

  static bool looks_like_zip(std::string_view bytes) {
    return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
  }

  const std::string& name() const { return name_; }
  /// Of all members, folders ("assets/") included, in alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, member] : members_) names.push_back(name);
    return names;
  }
  bool contains(std::string_view name) const { return members_.find(name) != members_.end(); }
  /// A member's bytes, decompressed and checked. FormatError if there is none of that name.
  std::string read(std::string_view name) const;

  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

 private:
  struct Member {
    bool deflated;
    std::uint32_t crc;
    std::size_t size;       ///< decompressed
    std::string_view data;  ///< as stored
  };
  struct Directory {
    std::size_t at, size, count;
  };

  /// `size` bytes from `at` on, which must begin with `signature`.
  std::string_view block(std::size_t at, std::size_t size, std::string_view signature, const char* what) const {
    if (at > bytes_.size() || size > bytes_.size() - at || !bytes_.substr(at).starts_with(signature))
      fail(std::string("expected ") + what + " at byte " + std::to_string(at));
    return bytes_.substr(at, size);
  }
  Directory find_directory() const;
  std::size_t read_entry(std::size_t at);
  Member read_member(const std::string& name, std::string_view entry) const;
  void parse();

  std::string name_;
  std::optional<MappedFile> file_;  ///< none for bytes in memory
  std::string_view bytes_;
  std::map<std::string, Member, std::less<>> members_;
};

namespace detail {

inline std::size_t zip_u16(std::string_view block, std::size_t at) {
  return read_little_endian<std::uint16_t>(block.data() + at);
}
inline std::size_t zip_u32(std::string_view block, std::size_t at) {
  return read_little_endian<std::uint32_t>(block.data() + at);
}

inline constexpr std::size_t zip_end_size = 22, zip_entry_size = 46, zip_local_size = 30;
inline constexpr std::string_view zip_end = "PK\x05\x06", zip_entry = "PK\x01\x02", zip_local = "PK\x03\x04";
inline constexpr std::size_t in_zip64 = 0xffffffff;  ///< a size that only zip64 has room for

}  // namespace detail

/// The directory's place stands at the end of the file, before a comment of any length.
[[gnu::cold]] inline ZipFile::Directory ZipFile::find_directory() const {
  using namespace detail;
  if (!looks_like_zip(bytes_)) fail("not a zip file: it begins with " + json_quoted(bytes_.substr(0, 24)));
  const std::size_t longest_comment = 65535;
  for (std::size_t comment = 0; comment <= longest_comment && zip_end_size + comment <= bytes_.size(); ++comment) {
    const std::size_t at = bytes_.size() - zip_end_size - comment;
    const std::string_view end = bytes_.substr(at);
    if (!end.starts_with(zip_end) || zip_u16(end, 20) != comment) continue;
    const Directory directory{zip_u32(end, 16), zip_u32(end, 12), zip_u16(end, 10)};
    if (zip_u16(end, 4) != 0 || zip_u16(end, 6) != 0 || zip_u16(end, 8) != directory.count)
      fail("one part of a zip file of several");
    if (directory.count == 0xffff || directory.at == in_zip64 || directory.size == in_zip64)
      fail("zip64, for files over 4 GiB, is not read");
    if (directory.at > at || directory.size != at - directory.at)
      fail("its directory does not end where the file's end begins");
    return directory;
  }
  fail("cut short: a zip file without its end");
}

[[gnu::cold]] inline void ZipFile::parse() {
  const Directory directory = find_directory();
  std::size_t at = directory.at;
  for (std::size_t i = 0; i < directory.count; ++i) at += read_entry(at);
  if (at != directory.at + directory.size)
    fail("its directory is not of " + std::to_string(directory.count) + " entries in " +
         std::to_string(directory.size) + " bytes");
  std::vector<std::string_view> data;
  for (const auto& [name, member] : members_)
    if (!member.data.empty()) data.push_back(member.data);
  std::sort(data.begin(), data.end(), [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
  for (std::size_t i = 0; i < data.size(); ++i) {
    const char* next = i + 1 < data.size() ? data[i + 1].data() : bytes_.data() + directory.at;
    if (data[i].data() + data[i].size() > next) fail("two of its members, or a member and the directory, overlap");
  }
}

/// Returns the size of the directory's entry at `at`.
[[gnu::cold]] inline std::size_t ZipFile::read_entry(std::size_t at) {
  using namespace detail;
  constexpr const char* what = "an entry of the directory";
  const std::string_view head = block(at, zip_entry_size, zip_entry, what);
  const std::size_t name_size = zip_u16(head, 28),
                    size = zip_entry_size + name_size + zip_u16(head, 30) + zip_u16(head, 32);
  const std::string_view entry = block(at, size, zip_entry, what);
  const std::string name(entry.substr(zip_entry_size, name_size));
  if (!members_.emplace(name, read_member(name, entry)).second) fail("two members are called " + json_quoted(name));
  return size;
}

[[gnu::cold]] inline ZipFile::Member ZipFile::read_member(const std::string& name, std::string_view entry) const {
  using namespace detail;
  const std::string where = "member " + json_quoted(name) + ": ";
  constexpr std::size_t encrypted = 1, stored = 0, deflated = 8;
  const std::size_t flags = zip_u16(entry, 8), method = zip_u16(entry, 10);
  const std::size_t packed = zip_u32(entry, 20), size = zip_u32(entry, 24), at = zip_u32(entry, 42);
  if (flags & encrypted) fail(where + "it is encrypted");
  if (method != stored && method != deflated)
    fail(where + "it is compressed by method " + std::to_string(method) + ", expected stored or deflated");
  if (packed == in_zip64 || size == in_zip64 || at == in_zip64)
    fail(where + "zip64, for files over 4 GiB, is not read");
  if (method == stored && packed != size)
    fail(where + "stored, but its sizes differ: " + std::to_string(packed) + " and " + std::to_string(size) + " bytes");
  constexpr std::size_t most_to_one = 1032;  // deflate cannot do more
  if (method == deflated && size / most_to_one > packed)
    fail(where + std::to_string(packed) + " bytes cannot become " + std::to_string(size));

  const std::string_view local = block(at, zip_local_size, zip_local, "a member");
  const std::size_t name_size = zip_u16(local, 26), data_at = at + zip_local_size + name_size + zip_u16(local, 28);
  if (bytes_.substr(at + zip_local_size, name_size) != name || zip_u16(local, 8) != method ||
      (zip_u16(local, 6) & encrypted))
    fail(where + "the directory and the member itself do not agree");
  return {method == deflated, std::uint32_t(zip_u32(entry, 16)), size, block(data_at, packed, "", "a member's data")};
}

[[gnu::cold]] inline std::string ZipFile::read(std::string_view name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) fail("expected a member " + json_quoted(name) + ", there is none");
  const Member& member = found->second;
  const std::string where = "member " + json_quoted(name) + ": ";
  std::string bytes;
  if (!member.deflated)
    bytes = member.data;
  else if (!inflate(member.data, member.size, bytes))
    fail(where + "its data are broken, or not of the " + std::to_string(member.size) + " bytes that it claims");
  if (crc32(bytes) != member.crc) fail(where + "its data are broken: the checksum differs");
  return bytes;
}

}  // namespace ferlab::formats
