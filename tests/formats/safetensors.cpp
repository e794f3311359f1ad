// SPDX-License-Identifier: MIT
// Safetensors files that are right: round trips, types, and what is asked of them. Those that lie:
// safetensors_malformed.
#include <ferlab/formats/safetensors.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "formats/failing_files.hpp"
#include "formats/safetensors_bytes.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using formats::DType;
using formats::SafetensorsFile;
using formats::TensorView;
using test::file_of;
using test::TemporaryFolder;
using test::tensor;

namespace {

std::vector<float> floats(const SafetensorsFile& file, const std::string& name) {
  const TensorView* tensor = file.find(name);
  REQUIRE(tensor != nullptr);
  std::vector<float> values(tensor->elements());
  formats::convert(file, *tensor, std::span<float>(values));
  return values;
}

}  // namespace

TEST_CASE("what write_safetensors writes, SafetensorsFile reads") {
  const TemporaryFolder folder;
  const float kernel[] = {1.5f, -2, 3e-30f, 4, 5, 6};
  const double wide[] = {0.1, 1e300};
  const std::uint16_t halves[] = {0x3c00, 0xc000, 0x0001};
  const std::uint8_t bytes[] = {7, 0, 255};
  const float one = 42;
  const TensorView tensors[] = {{"bytes", DType::U8, {3}, bytes},
                                {"b/half", DType::F16, {3, 1}, halves},
                                {"conv2d/kernel", DType::F32, {2, 3}, kernel},
                                {"a \"name\" \xc3\xa9", DType::F32, {}, &one},
                                {"empty", DType::F32, {0, 4}, nullptr},
                                {"wide", DType::F64, {2}, wide}};
  const formats::Metadata metadata = {{"format", "ferlab"}, {"text", "line\n\"quoted\" \xe2\x82\xac"}};
  formats::write_safetensors(folder / "file", tensors, metadata);
  REQUIRE(folder.files().size() == 1);

  const SafetensorsFile file(folder / "file");
  REQUIRE(file.name() == folder / "file");
  REQUIRE(file.metadata() == metadata);
  REQUIRE(file.require_metadata("format") == "ferlab");
  REQUIRE(file.tensors().size() == 6);
  for (const TensorView& written : tensors) {
    const TensorView& read = file.require(written.name, written.shape);
    REQUIRE(read.dtype == written.dtype);
    REQUIRE(read.bytes() == written.bytes());
    if (read.bytes()) REQUIRE(std::memcmp(read.data, written.data, read.bytes()) == 0);
    // Elements lie where their type may lie.
    REQUIRE(reinterpret_cast<std::uintptr_t>(read.data) % formats::info(read.dtype).size == 0);
  }
  REQUIRE(floats(file, "conv2d/kernel") == std::vector<float>(kernel, kernel + 6));
  REQUIRE(floats(file, "b/half") == std::vector<float>{1, -2, 0x1p-24f});
  REQUIRE(floats(file, "wide")[0] == 0.1f);
  std::vector<double> doubles(2);
  formats::convert(file, *file.find("wide"), std::span<double>(doubles));
  REQUIRE(doubles == std::vector<double>{0.1, 1e300});
  REQUIRE(file.find("none") == nullptr);
}

TEST_CASE("a file without tensors, and one without metadata") {
  const TemporaryFolder folder;
  formats::write_safetensors(folder / "file", {}, {});
  const SafetensorsFile file(folder / "file");
  REQUIRE(file.tensors().empty());
  REQUIRE(file.metadata().empty());
}

TEST_CASE("write_safetensors refuses names that the format has no room for") {
  const TemporaryFolder folder;
  const float x = 1;
  const TensorView twice[] = {{"a", DType::F32, {1}, &x}, {"a", DType::U8, {1}, &x}};
  REQUIRE_THROWS_AS(formats::write_safetensors(folder / "file", twice, {}), ArgumentError);
  const TensorView reserved[] = {{"__metadata__", DType::F32, {1}, &x}};
  REQUIRE_THROWS_AS(formats::write_safetensors(folder / "file", reserved, {}), ArgumentError);
  REQUIRE(folder.files().empty());
}

TEST_CASE("a file that cannot be written or opened is named") {
  const TemporaryFolder folder;
  const float x = 1;
  const TensorView tensors[] = {{"a", DType::F32, {1}, &x}};
  formats::write_safetensors(folder / "file", tensors, {});
  const std::string before = test::read_file(folder / "file");
  {
    test::FailingFiles files;
    files.room = 20;
    REQUIRE_THROWS_AS(formats::write_safetensors(folder / "file", tensors, {{"more", "text"}}), IoError);
  }
  REQUIRE(test::read_file(folder / "file") == before);
  REQUIRE_THROWS_AS(SafetensorsFile(folder / "none"), IoError);
  REQUIRE_THROWS_WITH(SafetensorsFile(folder / "none"), Catch::Contains(folder / "none"));
}

TEST_CASE("all element types of the format are read") {
  for (const formats::DTypeInfo& type : formats::dtypes) {
    const std::string size = std::to_string(2 * type.size);
    const std::string bytes =
        file_of(R"({"a":)" + tensor(std::string(type.name), "[2]", "[0," + size + "]") + "}  ", 2 * type.size);
    const SafetensorsFile file(bytes, "file");
    REQUIRE(file.find("a")->dtype == type.type);
    REQUIRE(file.find("a")->bytes() == 2 * type.size);
    std::vector<float> values(2);
    if (type.name.find('F') != type.name.npos)
      formats::convert(file, *file.find("a"), std::span<float>(values));
    else
      REQUIRE_THROWS_AS(formats::convert(file, *file.find("a"), std::span<float>(values)), FormatError);
  }
}

TEST_CASE("elements need not be aligned") {
  const std::string bytes =
      file_of(R"({"a":)" + tensor("U8", "[1]", "[0,1]") + R"(,"b":)" + tensor("F32", "[1]", "[1,5]") + "}", 5);
  const SafetensorsFile file(bytes, "file");
  float expected;
  std::memcpy(&expected, "\1\2\3\4", 4);
  REQUIRE(floats(file, "b")[0] == expected);
}

TEST_CASE("elements that cannot be converted leave what was there") {
  const std::string bytes = file_of(R"({"a":)" + tensor("I32", "[2]", "[0,8]") + "}", 8);
  const SafetensorsFile file(bytes, "file");
  std::vector<float> two(2, 5.0f), three(3, 5.0f);
  REQUIRE_THROWS_WITH(formats::convert(file, *file.find("a"), std::span<float>(two)),
                      "file: tensor \"a\": expected floating-point elements, got I32");
  REQUIRE_THROWS_AS(formats::convert(file, *file.find("a"), std::span<float>(three)), FormatError);
  REQUIRE(two == std::vector<float>(2, 5.0f));
  REQUIRE(three == std::vector<float>(3, 5.0f));
}

TEST_CASE("require says what was expected and what came") {
  const std::string bytes = file_of(R"({"a":)" + tensor("U8", "[2,1]", "[0,2]") + "}", 2);
  const SafetensorsFile file(bytes, "model.file");
  const std::size_t expected[] = {1, 2}, longer[] = {2, 1, 1};
  REQUIRE_THROWS_AS(file.require("a", expected), FormatError);
  REQUIRE_THROWS_WITH(file.require("a", expected), "model.file: tensor \"a\": expected shape [1, 2], got [2, 1]");
  REQUIRE_THROWS_AS(file.require("a", longer), FormatError);
  REQUIRE_THROWS_AS(file.require("a", {}), FormatError);
  REQUIRE_THROWS_WITH(file.require("b", expected), Catch::Contains("\"b\" of shape [1, 2]"));
  REQUIRE_THROWS_WITH(file.require_metadata("key"), Catch::Contains("\"key\""));
  std::vector<float> three(3);
  REQUIRE_THROWS_WITH(formats::convert(file, *file.find("a"), std::span<float>(three)),
                      Catch::Contains("3 elements, got 2"));
}
