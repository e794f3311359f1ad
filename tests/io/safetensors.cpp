// SPDX-License-Identifier: MIT
// Safetensors files: round trips, and every way in which a header can lie.
#include <ferlab/io/safetensors.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "io/failing_files.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using io::DType;
using io::SafetensorsFile;
using io::TensorView;
using test::TemporaryFolder;

namespace {

/// A file of this header and so many bytes of data: 0, 1, 2 ...
std::string file_of(const std::string& header, std::size_t data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += char(std::uint64_t(header.size()) >> (8 * i) & 0xff);
  bytes += header;
  for (std::size_t i = 0; i < data; ++i) bytes += char(i);
  return bytes;
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

/// FormatError, with the file's name and these words.
void require_bad(const std::string& bytes, const std::string& words) {
  INFO(bytes.substr(0, 200));
  REQUIRE_THROWS_AS(SafetensorsFile(bytes, "bad.file"), FormatError);
  REQUIRE_THROWS_WITH(SafetensorsFile(bytes, "bad.file"), Catch::StartsWith("bad.file: ") && Catch::Contains(words));
}
void require_bad_entry(const std::string& entry, std::size_t data, const std::string& words) {
  require_bad(file_of(R"({"a":)" + entry + "}", data), words);
}

std::vector<float> floats(const SafetensorsFile& file, const std::string& name) {
  const TensorView* tensor = file.find(name);
  REQUIRE(tensor != nullptr);
  std::vector<float> values(tensor->elements());
  io::convert(file, *tensor, std::span<float>(values));
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
  const io::Metadata metadata = {{"format", "ferlab"}, {"text", "line\n\"quoted\" \xe2\x82\xac"}};
  io::write_safetensors(folder / "file", tensors, metadata);
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
    REQUIRE(reinterpret_cast<std::uintptr_t>(read.data) % io::info(read.dtype).size == 0);
  }
  REQUIRE(floats(file, "conv2d/kernel") == std::vector<float>(kernel, kernel + 6));
  REQUIRE(floats(file, "b/half") == std::vector<float>{1, -2, 0x1p-24f});
  REQUIRE(floats(file, "wide")[0] == 0.1f);
  std::vector<double> doubles(2);
  io::convert(file, *file.find("wide"), std::span<double>(doubles));
  REQUIRE(doubles == std::vector<double>{0.1, 1e300});
  REQUIRE(file.find("none") == nullptr);
}

TEST_CASE("a file without tensors, and one without metadata") {
  const TemporaryFolder folder;
  io::write_safetensors(folder / "file", {}, {});
  const SafetensorsFile file(folder / "file");
  REQUIRE(file.tensors().empty());
  REQUIRE(file.metadata().empty());
}

TEST_CASE("write_safetensors refuses names that the format has no room for") {
  const TemporaryFolder folder;
  const float x = 1;
  const TensorView twice[] = {{"a", DType::F32, {1}, &x}, {"a", DType::U8, {1}, &x}};
  REQUIRE_THROWS_AS(io::write_safetensors(folder / "file", twice, {}), ArgumentError);
  const TensorView reserved[] = {{"__metadata__", DType::F32, {1}, &x}};
  REQUIRE_THROWS_AS(io::write_safetensors(folder / "file", reserved, {}), ArgumentError);
  REQUIRE(folder.files().empty());
}

TEST_CASE("a file that cannot be written or opened is named") {
  const TemporaryFolder folder;
  const float x = 1;
  const TensorView tensors[] = {{"a", DType::F32, {1}, &x}};
  io::write_safetensors(folder / "file", tensors, {});
  const std::string before = test::read_file(folder / "file");
  {
    test::FailingFiles files;
    files.room = 20;
    REQUIRE_THROWS_AS(io::write_safetensors(folder / "file", tensors, {{"more", "text"}}), IoError);
  }
  REQUIRE(test::read_file(folder / "file") == before);
  REQUIRE_THROWS_AS(SafetensorsFile(folder / "none"), IoError);
  REQUIRE_THROWS_WITH(SafetensorsFile(folder / "none"), Catch::Contains(folder / "none"));
}

TEST_CASE("all element types of the format are read") {
  for (const io::DTypeInfo& type : io::dtypes) {
    const std::string size = std::to_string(2 * type.size);
    const std::string bytes =
        file_of(R"({"a":)" + tensor(std::string(type.name), "[2]", "[0," + size + "]") + "}  ", 2 * type.size);
    const SafetensorsFile file(bytes, "file");
    REQUIRE(file.find("a")->dtype == type.type);
    REQUIRE(file.find("a")->bytes() == 2 * type.size);
    std::vector<float> values(2);
    if (type.name.find('F') != type.name.npos)
      io::convert(file, *file.find("a"), std::span<float>(values));
    else
      REQUIRE_THROWS_AS(io::convert(file, *file.find("a"), std::span<float>(values)), FormatError);
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

TEST_CASE("a header of the wrong length") {
  require_bad("", "0 bytes");
  require_bad("1234567", "7 bytes");
  require_bad(std::string(8, '\0'), "not a JSON object");
  require_bad(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10), "cut short");
  require_bad(std::string("\x03\0\0\0\0\0\0\0{}", 10), "cut short");
  require_bad(std::string("\xf9\xff\xff\xff\xff\xff\xff\xff{}", 10), "cut short");  // + 8 would overflow
}

TEST_CASE("a header that is not an object of tensors") {
  for (const char* header : {"", " ", "[]", "null", "1", "\"a\"", "{", "{}}", "{\"a\"}", "{\"a\":}", "{} {}", "{},",
                             "{\"\xff\":1}", "{\"a\":NaN}", "{a:1}", "// {}\n{}"})
    require_bad(file_of(header, 0), "not a JSON object");
  require_bad(file_of(std::string("{}\0\0\0\0\0\0", 8), 0), "not a JSON object");  // padded with other than spaces
  require_bad(file_of(R"({"a":1})", 0), "\"a\" is not an object");
  require_bad(file_of(R"({"a":[]})", 0), "\"a\" is not an object");
  require_bad(file_of(R"({"a":{"b":{"c":{"d":{}}}}})", 0), "not a JSON object");
  const std::string many(1'000'000, '[');
  require_bad(file_of(many, 0), "not a JSON object");
  require_bad(file_of(R"({"a":)" + many + std::string(many.size(), ']') + "}", 0), "not a JSON object");
}

TEST_CASE("two tensors of one name") {
  const std::string entry = tensor("U8", "[1]", "[0,1]");
  require_bad(file_of(R"({"a":)" + entry + R"(,"a":)" + entry + "}", 1), "\"a\" twice");
  require_bad(file_of(R"({"a":)" + entry + R"(,"\u0061":)" + entry + "}", 1), "\"a\" twice");
}

TEST_CASE("anything else that stands there twice") {
  require_bad_entry(R"({"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]})", 1,
                    "\"a\" names \"dtype\" twice");
  require_bad_entry(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"shape":[1]})", 1, "\"a\" names \"shape\" twice");
  require_bad(file_of(R"({"__metadata__":{"k":"1","k":"2"}})", 0), "\"__metadata__\" names \"k\" twice");
  require_bad(file_of(R"({"__metadata__":{},"__metadata__":{}})", 0), "\"__metadata__\" twice");
}

TEST_CASE("errors say what was expected and what came") {
  const auto error = [](const std::string& entry, std::size_t data) -> std::string {
    const std::string bytes = file_of(R"({"a":)" + entry + "}", data);
    try {
      SafetensorsFile(bytes, "file");
    } catch (const FormatError& e) {
      return e.what();
    }
    return "read";
  };
  CHECK(error("7", 0) == "file: the header's entry \"a\" is not an object but 7");
  CHECK(error("{}", 0) == "file: tensor \"a\": expected a dtype, got nothing");
  CHECK(error(tensor("F33", "[1]", "[0,4]"), 4) == "file: tensor \"a\": unknown dtype \"F33\"");
  CHECK(error(tensor("U8", "null", "[0,4]"), 4) == "file: tensor \"a\": expected a shape, got null");
  CHECK(error(tensor("U8", "[1]", "[4]"), 4) ==
        "file: tensor \"a\": expected data_offsets [begin, end], got an array of 1");
  CHECK(error(tensor("U8", "[{}]", "[0,1]"), 1) == "file: tensor \"a\": a dimension is not a whole number: an object");
  CHECK(error(tensor("U8", "[1]", "[0,-1]"), 1) == "file: tensor \"a\": an offset is not a whole number: -1");
  CHECK(error(tensor("F32", "[2,4611686018427387904]", "[0,1]"), 1) ==
        "file: tensor \"a\": its size overflows at dimension 2, 4611686018427387904");
  CHECK(error(tensor("F32", "[2]", "[0,8]"), 7) ==
        "file: tensor \"a\": its data lies outside the file: data_offsets [0, 8], there are 7 bytes");
  CHECK(error(tensor("F32", "[2]", "[0,4]"), 4) ==
        "file: tensor \"a\": its data_offsets and its shape disagree: [0, 4] for 8 bytes");
  CHECK(error(tensor("U8", "[1]", "[1,2]"), 2) ==
        "file: tensor \"a\" begins at byte 1 of the data: there is a gap between tensors, expected 0");
  const std::string long_type(1000, 'x');
  CHECK(error(tensor(long_type, "[1]", "[0,1]"), 1) ==
        "file: tensor \"a\": unknown dtype \"" + long_type.substr(0, 60) + "\"");
}

TEST_CASE("elements that cannot be converted leave what was there") {
  const std::string bytes = file_of(R"({"a":)" + tensor("I32", "[2]", "[0,8]") + "}", 8);
  const SafetensorsFile file(bytes, "file");
  std::vector<float> two(2, 5.0f), three(3, 5.0f);
  REQUIRE_THROWS_WITH(io::convert(file, *file.find("a"), std::span<float>(two)),
                      "file: tensor \"a\": expected floating-point elements, got I32");
  REQUIRE_THROWS_AS(io::convert(file, *file.find("a"), std::span<float>(three)), FormatError);
  REQUIRE(two == std::vector<float>(2, 5.0f));
  REQUIRE(three == std::vector<float>(3, 5.0f));
}

TEST_CASE("metadata that is not strings") {
  require_bad(file_of(R"({"__metadata__":"text"})", 0), "not an object");
  require_bad(file_of(R"({"__metadata__":{"a":1}})", 0), "\"a\" is not a string");
  require_bad(file_of(R"({"__metadata__":{"a":{}}})", 0), "\"a\" is not a string");
}

TEST_CASE("an entry with something missing or of the wrong kind") {
  require_bad_entry("{}", 0, "expected a dtype");
  require_bad_entry(R"({"dtype":7,"shape":[1],"data_offsets":[0,4]})", 4, "expected a dtype");
  require_bad_entry(tensor("F33", "[1]", "[0,4]"), 4, "unknown dtype");
  require_bad_entry(tensor("f32", "[1]", "[0,4]"), 4, "unknown dtype");
  require_bad_entry(R"({"dtype":"F32","data_offsets":[0,4]})", 4, "expected a shape");
  require_bad_entry(tensor("F32", "1", "[0,4]"), 4, "expected a shape");
  for (const char* shape : {"[-1]", "[1.0]", "[\"1\"]", "[null]", "[[]]", "[99999999999999999999]"})
    require_bad_entry(tensor("F32", shape, "[0,4]"), 4, "dimension is not a whole number");
  require_bad_entry(R"({"dtype":"F32","shape":[1]})", 4, "expected data_offsets");
  for (const char* offsets : {"4", "[]", "[4]", "[0,4,4]"})
    require_bad_entry(tensor("F32", "[1]", offsets), 4, "expected data_offsets");
  for (const char* offsets : {"[0,4.0]", "[-4,0]", "[\"0\",4]", "[0,null]"})
    require_bad_entry(tensor("F32", "[1]", offsets), 4, "offset is not a whole number");
}

TEST_CASE("sizes that overflow, and offsets that lie") {
  require_bad_entry(tensor("F32", "[4611686018427387904]", "[0,0]"), 0, "overflows");  // 2^62 * 4 = 2^64
  require_bad_entry(tensor("U8", "[4294967296,4294967296]", "[0,0]"), 0, "overflows");
  require_bad_entry(tensor("F64", "[3,3,2305843009213693951]", "[0,8]"), 8, "overflows");
  require_bad_entry(tensor("F32", "[1]", "[0,5]"), 5, "disagree");
  require_bad_entry(tensor("F32", "[2]", "[0,4]"), 4, "disagree");
  require_bad_entry(tensor("F32", "[1]", "[4,0]"), 4, "outside the file");
  require_bad_entry(tensor("F32", "[1]", "[0,4]"), 3, "outside the file");
  require_bad_entry(tensor("F32", "[1]", "[18446744073709551612,18446744073709551615]"), 4, "outside the file");
}

TEST_CASE("data that overlaps, has gaps, or goes on") {
  const auto two = [](const char* a, const char* b, std::size_t data) {
    return file_of(R"({"a":)" + tensor("U8", "[2]", a) + R"(,"b":)" + tensor("U8", "[2]", b) + "}", data);
  };
  REQUIRE(SafetensorsFile(two("[2,4]", "[0,2]", 4), "file").tensors().size() == 2);
  require_bad(two("[0,2]", "[1,3]", 3), "overlap");
  require_bad(two("[0,2]", "[0,2]", 2), "overlap");
  require_bad(two("[0,2]", "[3,5]", 5), "gap");
  require_bad(two("[1,3]", "[3,5]", 5), "gap");
  require_bad(two("[0,2]", "[2,4]", 5), "end at byte 4");
  require_bad(file_of("{}", 1), "end at byte 0");
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
  REQUIRE_THROWS_WITH(io::convert(file, *file.find("a"), std::span<float>(three)),
                      Catch::Contains("3 elements, got 2"));
}

TEST_CASE("a file cut at any byte is refused") {
  const TemporaryFolder folder;
  const float kernel[] = {1, 2, 3, 4};
  const std::uint8_t bytes[] = {7};
  const TensorView tensors[] = {{"kernel", DType::F32, {2, 2}, kernel}, {"bytes", DType::U8, {1}, bytes}};
  io::write_safetensors(folder / "file", tensors, {{"key", "value"}});
  const std::string whole = test::read_file(folder / "file");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::write_file(folder / "cut", whole.substr(0, size));
    INFO(size);
    REQUIRE_THROWS_AS(SafetensorsFile(folder / "cut"), FormatError);
  }
  REQUIRE_THROWS_AS(SafetensorsFile(whole + "x", "longer"), FormatError);
}

TEST_CASE("a file with any bit turned over is read or refused, never more") {
  const TemporaryFolder folder;
  const float kernel[] = {1, 2};
  const TensorView tensors[] = {{"kernel", DType::F32, {2}, kernel}};
  io::write_safetensors(folder / "file", tensors, {{"key", "value"}});
  std::string bytes = test::read_file(folder / "file");
  int refused = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const char kept = bytes[bit / 8];
    bytes[bit / 8] = char(kept ^ (1 << bit % 8));
    try {
      const SafetensorsFile file(bytes, "turned");
      for (const TensorView& t : file.tensors())
        REQUIRE(static_cast<const char*>(t.data) + t.bytes() <= bytes.data() + bytes.size());
    } catch (const FormatError&) {
      ++refused;
    }
    bytes[bit / 8] = kept;
  }
  REQUIRE(refused > 64);  // at least every bit of the length
}
