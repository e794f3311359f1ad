// SPDX-License-Identifier: MIT
// Zip files that are broken or made to do harm: each gives one clear error. And those that are compressed.
#include <ferlab/formats/zip.hpp>
#include <ferlab/formats/zip_writer.hpp>

#include <string>
#include <string_view>

#include "formats/deflated.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::test;
using formats::ZipFile;
using formats::ZipWriter;

namespace {

std::string u16(std::size_t value) { return {static_cast<char>(value & 255), static_cast<char>(value >> 8 & 255)}; }
std::string u32(std::size_t value) { return u16(value & 0xffff) + u16(value >> 16); }

/// What stands in both headers of a member, by its place in the directory's; the member's own is 2 bytes before.
enum Field { flags = 8, method = 10, crc = 16, packed = 20, size = 24 };

struct Change {
  Field field;
  std::string bytes;
};

/// A file with the members "a" (`data`) and "b" ("hello"), and changes in what stands of "a".
std::string file_of(std::string_view data, std::initializer_list<Change> changes) {
  ZipWriter writer;
  writer.add("a", data);
  writer.add("b", "hello");
  std::string bytes = writer.bytes();
  const std::size_t entry = bytes.find("PK\x01\x02");
  for (const Change& change : changes) {
    bytes.replace(entry + change.field, change.bytes.size(), change.bytes);
    bytes.replace(std::size_t(change.field) - 2, change.bytes.size(), change.bytes);
  }
  return bytes;
}
std::string deflated_file(const std::string& data, const std::string& text) {
  return file_of(data, {{method, u16(8)}, {size, u32(text.size())}, {crc, u32(formats::crc32(text))}});
}

/// Reads all there is. Returns the error, or "".
std::string refusal(const std::string& bytes) {
  try {
    const ZipFile file(bytes, "file");
    for (const std::string& name : file.names()) file.read(name);
    return "";
  } catch (const FormatError& error) {
    return error.what();
  }
}

/// `bytes` with `change` at `offset` behind the last `mark`.
std::string changed(std::string bytes, std::string_view mark, std::size_t offset, std::string_view change) {
  const std::size_t at = bytes.rfind(mark);
  REQUIRE(at != std::string::npos);
  return bytes.replace(at + offset, change.size(), change);
}

const std::string end = "PK\x05\x06", entry = "PK\x01\x02";

}  // namespace

TEST_CASE("deflated members are decompressed") {
  const std::string bytes = deflated_file(dynamic_squares, squares());
  const ZipFile file(bytes, "file");
  CHECK(file.read("a") == squares());
  CHECK(file.read("b") == "hello");
  CHECK(refusal(deflated_file(dynamic_zeros, std::string(100'000, '\0'))) == "");
  CHECK(refusal(deflated_file(stored_hello, "hello")) == "");
}

TEST_CASE("what is no zip file says how it begins") {
  CHECK(refusal("") == "file: not a zip file: it begins with \"\"");
  CHECK(refusal("<!DOCTYPE html>\n<html>\n<head>") ==
        "file: not a zip file: it begins with \"<!DOCTYPE html>\\u000a<html>\\u000a<\"");
}

TEST_CASE("a zip file that is cut anywhere is refused") {
  const std::string whole = file_of("data", {});
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(refusal(whole.substr(0, n)) != "");
  CHECK(refusal(whole.substr(0, 60)) == "file: cut short: a zip file without its end");
}

TEST_CASE("what Keras and numpy do not write is refused by its name") {
  CHECK(refusal(file_of("data", {{flags, u16(1)}})) == "file: member \"a\": it is encrypted");
  CHECK(refusal(file_of("data", {{method, u16(12)}})) ==
        "file: member \"a\": it is compressed by method 12, expected stored or deflated");
  const std::string good = file_of("data", {}), zip64 = "zip64, for files over 4 GiB, is not read";
  CHECK(refusal(changed(good, end, 8, "\xff\xff\xff\xff")) == "file: " + zip64);
  CHECK(refusal(changed(good, end, 16, "\xff\xff\xff\xff")) == "file: " + zip64);
  CHECK(refusal(changed(good, entry, 24, "\xff\xff\xff\xff")) == "file: member \"b\": " + zip64);
  CHECK(refusal(changed(good, end, 4, "\1")) == "file: one part of a zip file of several");
  CHECK(refusal(changed(good, end, 8, "\1")) == "file: one part of a zip file of several");
}

TEST_CASE("names that stand twice are refused") {
  const std::string twice = changed(changed(file_of("data", {}), entry, 46, "a"), "PK\x03\x04", 30, "a");
  CHECK(refusal(twice) == "file: two members are called \"a\"");
}

TEST_CASE("members that share bytes are refused") {
  // "b" is where "a" is; only their names would differ.
  ZipWriter inner;
  inner.add("b", "hello");
  const std::string member = inner.bytes().substr(0, 36);
  const std::string nested = changed(file_of(member, {}), entry, 42, u32(31));
  CHECK(refusal(nested) == "file: two of its members, or a member and the directory, overlap");
}

TEST_CASE("sizes that lie are refused") {
  CHECK(refusal(file_of("data", {{size, u32(5)}})) ==
        "file: member \"a\": stored, but its sizes differ: 4 and 5 bytes");
  CHECK(refusal(file_of("data", {{size, u32(1 << 20)}, {packed, u32(1 << 20)}})) ==
        "file: expected a member's data at byte 31");
  const std::string zeros(100'000, '\0');
  for (const std::size_t other : {99'999, 100'001, 0})
    CHECK(refusal(file_of(dynamic_zeros, {{method, u16(8)}, {size, u32(other)}, {crc, u32(formats::crc32(zeros))}})) ==
          "file: member \"a\": its data are broken, or not of the " + std::to_string(other) + " bytes that it claims");
  CHECK(refusal(file_of(dynamic_zeros, {{method, u16(8)}, {size, u32(4'000'000'000)}})) ==
        "file: member \"a\": 114 bytes cannot become 4000000000");
}

TEST_CASE("checksums are compared") {
  CHECK(refusal(file_of("data", {{crc, u32(0)}})) == "file: member \"a\": its data are broken: the checksum differs");
  std::string stream = fixed_hellos;
  CHECK(refusal(deflated_file(stream, "hello hello hello!")) ==
        "file: member \"a\": its data are broken: the checksum differs");
}

TEST_CASE("a directory that lies is refused") {
  const std::string good = file_of("data", {});
  const std::string no_end = "file: its directory does not end where the file's end begins";
  CHECK(refusal(changed(good, end, 16, u32(1 << 20))) == no_end);
  CHECK(refusal(changed(good, end, 12, u32(1 << 20))) == no_end);
  CHECK(refusal("PK\x03\x04" + good) == no_end);
  CHECK(refusal(changed(good, end, 8, u16(3) + u16(3))) ==
        "file: expected an entry of the directory at byte " + std::to_string(good.size() - 22));
  CHECK(refusal(changed(good, end, 8, u16(1) + u16(1))) == "file: its directory is not of 1 entries in 94 bytes");
  CHECK(refusal(changed(good, entry, 0, "XX")) != "");
  CHECK(refusal(changed(good, entry, 28, "\xff\xff")) != "");
  const std::string disagree = "the directory and the member itself do not agree";
  CHECK(refusal(changed(good, entry, 46, "c")) == "file: member \"c\": " + disagree);
  CHECK(refusal(changed(good, entry, 42, u32(0))) == "file: member \"b\": " + disagree);
  CHECK(refusal(changed(good, entry, 42, u32(1 << 20))) == "file: expected a member at byte 1048576");
}

TEST_CASE("any byte of a zip file may be another") {
  const std::string good = deflated_file(fixed_hellos, "hello hello hello\n");
  std::size_t read = 0;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const int change : {1, 2, 8, 64, 128, 255}) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      const std::string error = refusal(bytes);
      CHECK((error.empty() || error.starts_with("file: ")));
      read += error.empty();
    }
  CHECK(read > 0);
  CHECK(read < 6 * good.size());
}
