// SPDX-License-Identifier: MIT
// The HDF5 reader on any bytes: it gives a FormatError, or groups in order with arrays that lie inside the file, and
// what was read can be written and read again.
#include <ferlab/formats/hdf5.hpp>
#include <ferlab/formats/hdf5_writer.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace ferlab;

static void require(bool truth) {
  if (!truth) std::abort();
}

/// False for a FormatError, which must name the file.
template <class Body>
static bool reads(Body&& body) {
  try {
    body();
    return true;
  } catch (const FormatError& error) {
    require(std::string_view(error.what()).substr(0, 11) == "fuzz.file: ");
    return false;
  }
}

template <class Object>
static void read_attributes(const Object& object, std::size_t file_size) {
  for (const char* name : {"name", "layer_names", "weight_names", "model_config"})
    reads([&] {
      const auto attribute = object.attribute(name);
      if (!attribute) return;
      require(attribute->name == name);
      const std::size_t values = attribute->is_string ? attribute->strings.size() : attribute->numbers.size();
      require(values == formats::elements(attribute->shape) && values < 65536);
      std::size_t total = 0;
      for (const std::string& text : attribute->strings) total += text.size();
      require(total <= file_size);
    });
}

static void read_group(const formats::Hdf5File& file, const formats::Hdf5Group& group, std::string_view bytes,
                       formats::Hdf5Writer& writer) {
  read_attributes(group, bytes.size());
  const std::vector<std::string> names = group.names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    require(i == 0 || names[i - 1] < names[i]);
    reads([&] {
      if (const auto below = group.group(names[i])) return read_group(file, *below, bytes, writer);
      const auto dataset = group.dataset(names[i]);
      require(dataset.has_value());
      read_attributes(*dataset, bytes.size());
      std::vector<float> values(dataset->elements());
      const std::size_t size = values.size() * formats::info(dataset->dtype).size;
      const auto* begin = static_cast<const char*>(dataset->data);
      require(begin ? begin >= bytes.data() && size <= std::size_t(bytes.data() + bytes.size() - begin) : size == 0);
      if (!formats::is_floating(dataset->dtype)) return;
      formats::convert(file, *dataset, std::span<float>(values));
      writer.dataset(dataset->path, dataset->shape, values);
      const std::string again = writer.bytes();
      const formats::Hdf5File second(again, "again");
      const auto copy = second.root().dataset(std::string_view(dataset->path).substr(1));
      require(copy && copy->shape == dataset->shape && copy->dtype == formats::DType::F32);
      std::vector<float> copied(values.size());
      formats::convert(second, *copy, std::span<float>(copied));
      for (std::size_t k = 0; k < values.size(); ++k)
        require(copied[k] == values[k] || (std::isnan(copied[k]) && std::isnan(values[k])));
    });
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  reads([&] {
    const formats::Hdf5File file(bytes, "fuzz.file");
    require(formats::Hdf5File::looks_like_hdf5(bytes));
    formats::Hdf5Writer writer;
    read_group(file, file.root(), bytes, writer);
  });
  return 0;
}
