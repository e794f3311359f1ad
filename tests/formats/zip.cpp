// SPDX-License-Identifier: MIT
// Zip files that are right: what ZipWriter writes, ZipFile reads. Those that lie: zip_malformed.
#include <ferlab/formats/zip.hpp>
#include <ferlab/formats/zip_writer.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using formats::ZipFile;
using formats::ZipWriter;

TEST_CASE("members come back as they were added") {
  ZipWriter writer;
  writer.add("metadata.json", "{}");
  writer.add("assets/\xc3\xa4.txt", std::string(70'000, 'a'));
  writer.add("empty", "");
  const std::string bytes = writer.bytes();
  CHECK(writer.bytes() == bytes);
  CHECK(ZipFile::looks_like_zip(bytes));

  const test::TemporaryFolder folder;
  test::write_file(folder / "file.zip", bytes);
  const ZipFile file(folder / "file.zip");
  CHECK(file.name() == folder / "file.zip");
  CHECK(file.names() == std::vector<std::string>{"assets/\xc3\xa4.txt", "empty", "metadata.json"});
  CHECK(file.read("metadata.json") == "{}");
  CHECK(file.read("assets/\xc3\xa4.txt") == std::string(70'000, 'a'));
  CHECK(file.read("empty").empty());
  CHECK(file.contains("empty"));
  CHECK_FALSE(file.contains("none"));
  CHECK_THROWS_WITH(file.read("none"), file.name() + ": expected a member \"none\", there is none");
}

TEST_CASE("a zip file without members, and one with a comment") {
  const std::string none = ZipWriter().bytes();
  CHECK(ZipFile(none, "file").names().empty());
  std::string comment = none + "PK\x05\x06";
  comment[none.size() - 2] = 4;
  CHECK(ZipFile(comment, "file").names().empty());
}

TEST_CASE("two members of one name cannot be added") {
  ZipWriter writer;
  writer.add("a", "1");
  const std::string before = writer.bytes();
  CHECK_THROWS_AS(writer.add("a", "2"), ArgumentError);
  CHECK_THROWS_AS(writer.add(std::string(70'000, 'a'), ""), ArgumentError);
  CHECK(writer.bytes() == before);
}
