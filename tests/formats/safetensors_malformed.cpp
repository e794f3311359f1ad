// SPDX-License-Identifier: MIT
// Every way in which a safetensors file can lie.
#include <ferlab/formats/safetensors.hpp>

#include <string>

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

/// FormatError, with the file's name and these words.
void require_bad(const std::string& bytes, const std::string& words) {
  INFO(bytes.substr(0, 200));
  REQUIRE_THROWS_AS(SafetensorsFile(bytes, "bad.file"), FormatError);
  REQUIRE_THROWS_WITH(SafetensorsFile(bytes, "bad.file"), Catch::StartsWith("bad.file: ") && Catch::Contains(words));
}
void require_bad_entry(const std::string& entry, std::size_t data, const std::string& words) {
  require_bad(file_of(R"({"a":)" + entry + "}", data), words);
}

}  // namespace

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

TEST_CASE("a file cut at any byte is refused") {
  const TemporaryFolder folder;
  const float kernel[] = {1, 2, 3, 4};
  const std::uint8_t bytes[] = {7};
  const TensorView tensors[] = {{"kernel", DType::F32, {2, 2}, kernel}, {"bytes", DType::U8, {1}, bytes}};
  formats::write_safetensors(folder / "file", tensors, {{"key", "value"}});
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
  formats::write_safetensors(folder / "file", tensors, {{"key", "value"}});
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
