// SPDX-License-Identifier: MIT
// HDF5 files that are right: what Hdf5Writer writes, Hdf5File reads. Those that lie: hdf5_malformed.
#include <ferlab/formats/hdf5.hpp>
#include <ferlab/formats/hdf5_writer.hpp>

#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using formats::DType;
using formats::Hdf5Attribute;
using formats::Hdf5Dataset;
using formats::Hdf5File;
using formats::Hdf5Group;
using formats::Hdf5Writer;
using Strings = std::vector<std::string>;
using Shape = std::vector<std::size_t>;

namespace {

std::vector<float> numbers(std::size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), -1.5f);
  return values;
}

std::vector<float> floats(const Hdf5File& file, const Hdf5Dataset& dataset) {
  std::vector<float> values(dataset.elements());
  formats::convert(file, dataset, std::span<float>(values));
  return values;
}

}  // namespace

TEST_CASE("arrays, groups and attributes come back as they were written") {
  Hdf5Writer writer;
  writer.dataset("model_weights/conv2d/conv2d/kernel:0", {2, 3, 4}, numbers(24));
  writer.dataset("/model_weights/conv2d/conv2d/bias:0", {1}, numbers(1));
  writer.dataset("scalar", {}, numbers(1));
  writer.dataset("empty", {0, 3}, {});
  writer.group("vars");
  writer.attribute("/", "backend", "tensorflow");
  writer.attribute("model_weights", "layer_names", Strings{"conv2d", "a", "", "\xc3\xa4"});
  writer.attribute("model_weights/conv2d", "weight_names", Strings{});
  writer.attribute("scalar", "dtype", "bfloat16");
  writer.attribute("later/group", "text", "");
  const std::string bytes = writer.bytes();
  CHECK(writer.bytes() == bytes);

  const test::TemporaryFolder folder;
  test::write_file(folder / "file.h5", bytes);
  const Hdf5File file(folder / "file.h5");
  const Hdf5Group root = file.root();
  CHECK(file.name() == folder / "file.h5");
  CHECK(root.path() == "/");
  CHECK(root.names() == Strings{"empty", "later", "model_weights", "scalar", "vars"});
  CHECK(root.group("vars")->names().empty());

  const auto kernel = root.dataset("model_weights/conv2d/conv2d/kernel:0");
  REQUIRE(kernel);
  CHECK(kernel->path == "/model_weights/conv2d/conv2d/kernel:0");
  CHECK(kernel->dtype == DType::F32);
  CHECK(kernel->shape == Shape{2, 3, 4});
  CHECK(floats(file, *kernel) == numbers(24));
  CHECK(root.dataset("scalar")->shape == Shape{});
  CHECK(floats(file, *root.dataset("scalar")) == numbers(1));
  CHECK(root.dataset("empty")->shape == Shape{0, 3});
  CHECK(root.dataset("empty")->data == nullptr);

  const auto conv2d = root.group("model_weights/conv2d");
  REQUIRE(conv2d);
  CHECK(conv2d->path() == "/model_weights/conv2d");
  CHECK(conv2d->dataset("conv2d/bias:0")->path == "/model_weights/conv2d/conv2d/bias:0");

  const auto backend = root.attribute("backend");
  REQUIRE(backend);
  CHECK((backend->is_string && backend->shape.empty() && backend->strings == Strings{"tensorflow"}));
  const auto names = root.group("model_weights")->attribute("layer_names");
  CHECK((names->is_string && names->shape == Shape{4} && names->strings == Strings{"conv2d", "a", "", "\xc3\xa4"}));
  const auto none = conv2d->attribute("weight_names");
  CHECK((!none->is_string && none->shape == Shape{0} && none->numbers.empty() && none->strings.empty()));
  CHECK(root.dataset("scalar")->attribute("dtype")->strings == Strings{"bfloat16"});
  CHECK(root.group("later/group")->attribute("text")->strings == Strings{""});
}

TEST_CASE("numbers of all types are read") {
  using formats::detail::hdf5_datatype;
  const auto floating = [](std::size_t size, unsigned exponent_at, unsigned exponent_bits, unsigned bias) {
    return hdf5_datatype(1, unsigned(8 * size - 1) << 8 | 0x20, size)
        .u16(0)
        .u16(8 * size)
        .u8(exponent_at)
        .u8(exponent_bits)
        .u8(0)
        .u8(exponent_at)
        .u32(bias)
        .bytes;
  };
  const auto integer = [](std::size_t size, bool is_signed) {
    return hdf5_datatype(0, is_signed ? 8 : 0, size).u16(0).u16(8 * size).bytes;
  };
  const std::pair<DType, std::string> types[] = {
      {DType::F64, floating(8, 52, 11, 1023)}, {DType::F32, floating(4, 23, 8, 127)},
      {DType::F16, floating(2, 10, 5, 15)},    {DType::BF16, floating(2, 7, 8, 127)},
      {DType::I64, integer(8, true)},          {DType::I32, integer(4, true)},
      {DType::I16, integer(2, true)},          {DType::I8, integer(1, true)},
      {DType::U64, integer(8, false)},         {DType::U32, integer(4, false)},
      {DType::U16, integer(2, false)},         {DType::U8, integer(1, false)}};
  Hdf5Writer writer;
  writer.dataset("array", {2}, numbers(2));  // 8 bytes, which are as many elements as they are of each type
  const std::string good = writer.bytes(), float32 = formats::detail::hdf5_float_type();
  const std::string two = formats::detail::hdf5_dataspace(Shape{2});
  for (const auto& [dtype, type] : types) {
    const std::size_t count = 8 / formats::info(dtype).size;
    std::string bytes = good;
    bytes.replace(bytes.find(float32), type.size(), type);
    bytes.replace(bytes.find(two), two.size(), formats::detail::hdf5_dataspace(Shape{count}));
    const Hdf5File file(bytes, "file");
    const auto array = file.root().dataset("array");
    REQUIRE(array);
    CHECK(array->dtype == dtype);
    CHECK(array->elements() == count);
    std::vector<float> values(count, 5);
    if (!formats::is_floating(dtype)) {
      CHECK_THROWS_WITH(
          formats::convert(file, *array, std::span<float>(values)),
          "file: /array: expected floating-point elements, got " + std::string(formats::info(dtype).name));
      CHECK(values == std::vector<float>(count, 5));
      continue;
    }
    formats::convert(file, *array, std::span<float>(values));
    for (std::size_t i = 0; i < count; ++i)
      CHECK(values[i] ==
            float(formats::read_element(dtype, static_cast<const char*>(array->data) + i * formats::info(dtype).size)));
  }
}

TEST_CASE("lists of texts of variable length are read") {
  Hdf5Writer writer;
  writer.attribute("/", "long", "begin" + std::string(100'000, 'x'));
  writer.attribute("/", "list", Strings(3, std::string(16, '.')));
  std::string bytes = writer.bytes();
  const std::size_t at = bytes.find(std::string(48, '.'));
  formats::detail::Hdf5Bytes list;
  for (const std::size_t length : {5, 0, 6}) list.u32(length).u64(bytes.find("GCOL")).u32(1);
  bytes.replace(at, 48, list.bytes);
  // Before its 48 bytes is the list's shape, and before that its type, of whose two parts the first is enough.
  bytes.replace(at - 24, 8, formats::detail::hdf5_variable_text_type(true).substr(0, 8));
  const Hdf5File file(bytes, "file");
  CHECK(file.root().attribute("list")->strings == Strings{"begin", "", "beginx"});
}

TEST_CASE("what is not there is nothing, not an error") {
  Hdf5Writer writer;
  writer.dataset("group/array", {2}, numbers(2));
  const std::string bytes = writer.bytes();
  const Hdf5File file(bytes, "file");
  const Hdf5Group root = file.root();
  for (const char* path :
       {"", "/", "/group", "group/", "group//array", "none", "group/none", "group/array/more", "grou", "groups"}) {
    CAPTURE(path);
    CHECK_FALSE(root.group(path));
    CHECK_FALSE(root.dataset(path));
  }
  CHECK_FALSE(root.group("group/array"));
  CHECK_FALSE(root.dataset("group"));
  CHECK_FALSE(root.attribute("none"));
  CHECK_FALSE(root.dataset("group/array")->attribute("none"));
}

TEST_CASE("a group may have any number of members") {
  for (const std::size_t count : {0, 1, 8, 9, 256, 257, 700, 8193}) {
    CAPTURE(count);
    Hdf5Writer writer;
    writer.group("many");
    const std::vector<float> values = numbers(count);
    for (std::size_t i = 0; i < count; ++i)
      writer.dataset("many/" + std::to_string(i), {1}, std::span(values).subspan(i, 1));
    const std::string bytes = writer.bytes();
    const Hdf5File file(bytes, "file");
    const Hdf5Group many = *file.root().group("many");
    CHECK(many.names().size() == count);
    bool all = true;
    for (std::size_t i = 0; i < count; ++i) all = all && floats(file, *many.dataset(std::to_string(i)))[0] == values[i];
    CHECK(all);
  }
}

TEST_CASE("a text may be of any length") {
  for (const std::size_t length : {1, 1000, 4056, 4064, 4065, 4072, 63'480, 63'481, 65'535, 65'536, 1'000'000}) {
    CAPTURE(length);
    std::string text(length, 'x');
    text.front() = '{', text.back() = '}';
    Hdf5Writer writer;
    writer.attribute("/", "model_config", text);
    writer.attribute("/", "other", "y");
    const std::string bytes = writer.bytes();
    const Hdf5File file(bytes, "file");
    CHECK(file.root().attribute("model_config")->strings == Strings{text});
    CHECK(file.root().attribute("other")->strings == Strings{"y"});
  }
}

TEST_CASE("the writer refuses what a file cannot hold") {
  Hdf5Writer writer;
  writer.dataset("group/array", {2}, numbers(2));
  writer.attribute("group", "text", "a");
  const std::string before = writer.bytes();
  CHECK_THROWS_WITH(writer.dataset("other", {3}, numbers(2)), "HDF5: 2 values for the shape [3] of other");
  CHECK_THROWS_WITH(writer.dataset("group/array", {2}, numbers(2)), "HDF5: an object is there already: group/array");
  CHECK_THROWS_AS(writer.dataset("group", {2}, numbers(2)), ArgumentError);
  CHECK_THROWS_AS(writer.dataset("/", {}, numbers(1)), ArgumentError);
  CHECK_THROWS_AS(writer.dataset("group/array/more", {2}, numbers(2)), ArgumentError);
  CHECK_THROWS_AS(writer.group("group/array"), ArgumentError);
  CHECK_THROWS_AS(writer.group("group//more"), ArgumentError);
  CHECK_THROWS_AS(writer.group("."), ArgumentError);
  CHECK_THROWS_AS(writer.group(std::string_view("a\0b", 3)), ArgumentError);
  CHECK_THROWS_AS(writer.attribute("group", "text", "b"), ArgumentError);
  CHECK_THROWS_AS(writer.attribute("group", "", "b"), ArgumentError);
  CHECK_THROWS_AS(writer.attribute("group", "zero", std::string("a\0b", 3)), ArgumentError);
  CHECK_THROWS_AS(writer.attribute("group", "list", Strings(66'000, "a")), ArgumentError);
  CHECK(writer.bytes() == before);
}

TEST_CASE("bytes that look like HDF5") {
  CHECK(Hdf5File::looks_like_hdf5(Hdf5Writer().bytes()));
  CHECK(Hdf5File::looks_like_hdf5(std::string(1024, '\0') + Hdf5Writer().bytes()));
  CHECK_FALSE(Hdf5File::looks_like_hdf5("PK\x03\x04"));
  CHECK_FALSE(Hdf5File::looks_like_hdf5(""));
}
