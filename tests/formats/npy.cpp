// SPDX-License-Identifier: MIT
#include <ferlab/formats/npy.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "formats/failing_files.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using namespace std::string_literals;
using formats::decode_npy;
using formats::DType;
using formats::NpyArray;
using formats::TensorView;
using Shape = std::vector<std::size_t>;

namespace {

/// A .npy file of version 1 with that header, and so many bytes of data.
std::string file_of(const std::string& header, std::size_t bytes = 0) {
  return "\x93NUMPY\1\0"s + char(header.size() & 255) + char(header.size() >> 8) + header + std::string(bytes, '\0');
}
std::string header_of(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}
std::string refusal(const std::string& bytes) {
  try {
    decode_npy(bytes, "file");
    return "";
  } catch (const FormatError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("arrays of all types and shapes come back as they were written") {
  const test::TemporaryFolder folder;
  std::string data(1000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7);
  std::vector<TensorView> all;
  for (const formats::DTypeInfo& type : formats::dtypes)
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{0}, Shape{2, 0, 3}, Shape{1, 2, 3, 4}}) {
      if (type.type == DType::BF16) continue;
      all.push_back({std::to_string(all.size()), type.type, shape, data.data()});
      formats::write_npy(folder / "array.npy", all.back());
      const std::string bytes = test::read_file(folder / "array.npy");
      CHECK((bytes.size() - all.back().bytes()) % 64 == 0);
      const NpyArray array = formats::read_npy(folder / "array.npy");
      CHECK(array.dtype == type.type);
      CHECK(array.shape == shape);
      CHECK(array.elements() == all.back().elements());
      CHECK(array.bytes == data.substr(0, all.back().bytes()));
    }
  formats::write_npz(folder / "arrays.npz", all);
  const auto arrays = formats::read_npz(folder / "arrays.npz");
  CHECK(arrays.size() == all.size());
  for (const TensorView& array : all) {
    CHECK(arrays.at(array.name).dtype == array.dtype);
    CHECK(arrays.at(array.name).shape == array.shape);
    CHECK(arrays.at(array.name).bytes == data.substr(0, array.bytes()));
  }
  CHECK(folder.files().size() == 2);
}

TEST_CASE("the header is the one that numpy writes") {
  const test::TemporaryFolder folder;
  const float values[6] = {};
  formats::write_npy(folder / "file", {"", DType::F32, {2, 3}, values});
  const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  CHECK(test::read_file(folder / "file") == file_of(text + std::string(117 - text.size(), ' ') + "\n", 24));
  formats::write_npy(folder / "file", {"", DType::U8, {5}, values});
  CHECK(test::read_file(folder / "file").find("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), } ") == 10);
}

TEST_CASE("elements are converted") {
  const float values[] = {1.5f, -2};
  const NpyArray array{DType::F32, {2}, std::string(reinterpret_cast<const char*>(values), 8)};
  std::vector<double> doubles(2), three(3);
  formats::convert(array, "file", std::span<double>(doubles));
  CHECK(doubles == std::vector<double>{1.5, -2});
  CHECK_THROWS_WITH(formats::convert(array, "file", std::span<double>(three)),
                    "file: array: expected 3 elements, got 2");
  CHECK_THROWS_WITH(formats::convert(NpyArray{DType::I32, {2}, array.bytes}, "file", std::span<double>(doubles)),
                    "file: array: expected floating-point elements, got I32");
}

TEST_CASE("headers may be written in other ways") {
  CHECK(refusal(file_of("{\"descr\":'<f4'}")) != "");
  CHECK(refusal(file_of("{'shape':(2,),'descr':'<f4','fortran_order':False}", 8)) == "");
  CHECK(refusal(file_of("  { 'shape' : ( 2 , 1 ) , 'descr' : '<f4' , 'fortran_order' : False , }  \n", 8)) == "");
  const std::string header = header_of("<f4", "(2,)");
  std::string second = "\x93NUMPY\2\0"s + char(header.size()) + "\0\0\0"s + header + std::string(8, '\0');
  CHECK(refusal(second) == "");
  CHECK(refusal(second.replace(6, 1, "\3")) == "file: numpy's format of version 3, expected 1 or 2");
}

TEST_CASE("what is not row-major numbers is refused") {
  CHECK(refusal("") == "file: not a file of numpy: it begins with \"\"");
  CHECK(refusal("PK\3\4 and so on") == "file: not a file of numpy: it begins with \"PK\\u0003\\u0004 and so on\"");
  CHECK(refusal(file_of("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24)) ==
        "file: its elements are in Fortran's order, expected C's: numpy.ascontiguousarray helps");
  CHECK(refusal(file_of(header_of(">f4", "(2,)"), 8)) ==
        "file: its elements are of type \">f4\", big-endian: astype helps");
  for (const char* type : {"|O", "<U1", "<c8", "<f16", "f4", "", "<f", "<M8[ns]"})
    CHECK(refusal(file_of(header_of(type, "(2,)"), 8)) ==
          "file: its elements are of type \"" + std::string(type) + "\", expected numbers as \"<f4\"");
  CHECK(refusal(file_of("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8)) ==
        "file: its elements are records, expected numbers");
}

TEST_CASE("headers that lie are refused") {
  CHECK(refusal(file_of(header_of("<f4", "(2,)"), 7)) == "file: its shape [2] needs 8 bytes, it has 7");
  CHECK(refusal(file_of(header_of("<f4", "(2,)"), 9)) == "file: its shape [2] needs 8 bytes, it has 9");
  CHECK(refusal(file_of(header_of("<f4", "(4294967296, 4294967296)"))) ==
        "file: the size of its shape [4294967296, 4294967296] overflows");
  CHECK(refusal(file_of(header_of("<f4", "(0, 18446744073709551615)"))) ==
        "file: the size of its shape [0, 18446744073709551615] overflows");
  CHECK(refusal(file_of(header_of("<f4", "(18446744073709551616,)"))) ==
        "file: a dimension is not a whole number: \"18446744073709551616,), \"");
  CHECK(refusal(file_of(header_of("<f4", "(-1,)"))) == "file: a dimension is not a whole number: \"-1,), }\\u000a\"");
  CHECK(refusal(file_of(header_of("<f4", "(2 3)"), 24)) == "file: expected ) in its header, got \"3), }\\u000a\"");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "1,";
  CHECK(refusal(file_of(header_of("<f4", "(" + many + ")"), 4)) ==
        "file: its shape has 65 dimensions, numpy's have at most 64");
  CHECK(refusal(file_of("{'descr': '<f4', 'shape': (2,), }", 8)) ==
        "file: its header lacks one of descr, fortran_order and shape");
  CHECK(refusal(file_of("{'descr': '<f4', 'descr': '<f4'}", 8)) == "file: its header has \"descr\" twice");
  CHECK(refusal(file_of("{'extra': 1}")) == "file: its header has \"extra\", expected descr, fortran_order and shape");
  CHECK(refusal(file_of(header_of("<f4", "(2,)") + "more", 8)) == "file: its header does not end where it says");
  const std::string whole = file_of(header_of("<f4", "(2,)"), 8);
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(refusal(whole.substr(0, n)) != "");
  CHECK(refusal(whole.substr(0, 9)) == "file: cut short: it has 9 bytes");
  CHECK(refusal(whole.substr(0, 20)) ==
        "file: cut short: its header has " + std::to_string(whole.size() - 18) + " bytes, the file 20");
}

TEST_CASE("a .npz file of other things is refused") {
  formats::ZipWriter zip;
  zip.add("a.npy", "no array");
  const std::string bytes = zip.bytes();
  CHECK_THROWS_WITH(formats::read_npz(formats::ZipFile(bytes, "file")),
                    "file: member \"a.npy\": not a file of numpy: it begins with \"no array\"");
  zip.add("a", "");
  const std::string other = zip.bytes();
  CHECK_THROWS_WITH(formats::read_npz(formats::ZipFile(other, "file")),
                    "file: member \"a\" is no array: expected .npy");
}

TEST_CASE("what numpy has no room for is not written, and nothing half-way") {
  const test::TemporaryFolder folder;
  const float values[100] = {};
  CHECK_THROWS_AS(formats::write_npy(folder / "a", {"", DType::BF16, {2}, values}), ArgumentError);
  CHECK_THROWS_AS(formats::write_npy(folder / "a", {"", DType::F32, Shape(65, 1), values}), ArgumentError);
  const TensorView twice[] = {{"a", DType::F32, {2}, values}, {"a", DType::F32, {2}, values}};
  CHECK_THROWS_AS(formats::write_npz(folder / "a", twice), ArgumentError);
  test::FailingFiles files;
  files.room = 100;
  CHECK_THROWS_AS(formats::write_npy(folder / "a", {"", DType::F32, {2}, values}), IoError);
  CHECK_THROWS_AS(formats::write_npz(folder / "a", std::span(twice).first(1)), IoError);
  CHECK(folder.files().empty());
}
