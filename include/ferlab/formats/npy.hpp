// SPDX-License-Identifier: MIT
// Arrays as numpy keeps them: .npy holds one, .npz is a zip file of several. Source:
// numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/mapped_file.hpp"
#include "ferlab/formats/atomic_file.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/tensor_view.hpp"
#include "ferlab/formats/zip.hpp"
#include "ferlab/formats/zip_writer.hpp"

namespace ferlab::formats {

/// An array of numbers, row-major.
struct NpyArray {
  DType dtype = DType::F32;
  std::vector<std::size_t> shape;
  std::string bytes;

  std::size_t elements() const { return formats::elements(shape); }
};

namespace detail {

inline constexpr std::string_view npy_signature = "\x93NUMPY";
inline constexpr std::size_t most_npy_dimensions = 64;

/// numpy's name of a type, '<f4'; empty for BF16, which numpy does not have.
inline std::string npy_type(DType type) {
  const std::string_view name = info(type).name;
  if (type == DType::BF16) return "";
  const char letter = type == DType::BOOL ? 'b' : name[0] == 'F' ? 'f' : name[0] == 'I' ? 'i' : 'u';
  return std::string(1, info(type).size == 1 ? '|' : '<') + letter + std::to_string(info(type).size);
}

/// Reads the header's text: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class NpyHeader {
 public:
  DType dtype = DType::F32;
  std::vector<std::size_t> shape;

  /// `name` is the file's.
  NpyHeader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
    std::set<std::string_view> keys;
    expect("{");
    while (!take("}")) {
      const std::string_view key = quoted();
      if (!keys.insert(key).second) fail("its header has " + json_quoted(key) + " twice");
      expect(":");
      read_value(key);
      if (!take(",")) {
        expect("}");
        break;
      }
    }
    if (keys.size() != 3) fail("its header lacks one of descr, fortran_order and shape");
    skip_space();
    if (!rest_.empty()) fail("its header does not end where it says");
  }

 private:
  std::string_view rest_;
  const std::string& name_;

  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size())); }
  bool take(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) fail("expected " + std::string(word) + " in its header, got " + json_quoted(rest_.substr(0, 24)));
  }
  std::string_view quoted() {
    expect("'");
    const std::string_view text = rest_.substr(0, rest_.find('\''));
    rest_.remove_prefix(text.size());
    expect("'");
    return text;
  }

  void read_value(std::string_view key) {
    if (key == "descr") return read_type();
    if (key == "shape") return read_shape();
    if (key != "fortran_order")
      fail("its header has " + json_quoted(key) + ", expected descr, fortran_order and shape");
    if (take("True")) fail("its elements are in Fortran's order, expected C's: numpy.ascontiguousarray helps");
    expect("False");
  }

  void read_type() {
    skip_space();
    if (rest_.starts_with('[')) fail("its elements are records, expected numbers");
    const std::string_view type = quoted();
    const auto* known = std::find_if(std::begin(dtypes), std::end(dtypes), [&](const DTypeInfo& d) {
      return d.type != DType::BF16 && npy_type(d.type) == type;
    });
    if (known == std::end(dtypes))
      fail("its elements are of type " + json_quoted(type) +
           (type.starts_with('>') ? ", big-endian: astype helps" : ", expected numbers as \"<f4\""));
    dtype = known->type;
  }

  void read_shape() {
    expect("(");
    while (!take(")")) {
      skip_space();
      std::size_t dimension = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dimension);
      if (error != std::errc{}) fail("a dimension is not a whole number: " + json_quoted(rest_.substr(0, 24)));
      rest_.remove_prefix(std::size_t(end - rest_.data()));
      shape.push_back(dimension);
      if (!take(",")) {
        expect(")");
        break;
      }
    }
    if (shape.size() > most_npy_dimensions)
      fail("its shape has " + std::to_string(shape.size()) + " dimensions, numpy's have at most 64");
  }
};

/// All of a .npy file before the elements.
[[gnu::cold]] inline std::string npy_header(const TensorView& array) {
  const std::string type = npy_type(array.dtype);
  if (array.shape.size() > most_npy_dimensions) throw ArgumentError("numpy has no arrays of more than 64 dimensions");
  if (type.empty()) throw ArgumentError("numpy has no type for " + std::string(info(array.dtype).name));
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < array.shape.size(); ++i)
    text += (i > 0 ? " " : "") + std::to_string(array.shape[i]) + ",";
  if (array.shape.size() > 1) text.pop_back();  // only a tuple of one ends with a comma
  text += "), }";
  constexpr std::size_t before = 10, alignment = 64;
  text.append(alignment - (before + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string out(npy_signature);
  out += '\1', out += '\0';
  append_little_endian(out, std::uint16_t(text.size()));
  return out + text;
}

}  // namespace detail

/// The array in the bytes of a .npy file; `name` stands in errors. FormatError for what is not row-major numbers,
/// little endian, or not of the size that its header says.
[[gnu::cold]] inline NpyArray decode_npy(std::string_view bytes, const std::string& name) {
  const auto fail = [&](const std::string& what) { throw FormatError(name + ": " + what); };
  if (!bytes.starts_with(detail::npy_signature))
    fail("not a file of numpy: it begins with " + json_quoted(bytes.substr(0, 24)));
  const int version = bytes.size() > 6 ? static_cast<unsigned char>(bytes[6]) : 0;
  if (version != 1 && version != 2) fail("numpy's format of version " + std::to_string(version) + ", expected 1 or 2");
  const std::size_t size_at = 8, text_at = version == 1 ? 10 : 12;
  if (bytes.size() < text_at) fail("cut short: it has " + std::to_string(bytes.size()) + " bytes");
  const std::size_t text_size = version == 1 ? read_little_endian<std::uint16_t>(bytes.data() + size_at)
                                             : read_little_endian<std::uint32_t>(bytes.data() + size_at);
  if (text_size > bytes.size() - text_at)
    fail("cut short: its header has " + std::to_string(text_size) + " bytes, the file " + std::to_string(bytes.size()));
  const detail::NpyHeader header(bytes.substr(text_at, text_size), name);
  const std::string_view data = bytes.substr(text_at + text_size);
  std::size_t expected = 0;
  if (!byte_size(info(header.dtype).size, header.shape, expected))
    fail("the size of its shape " + to_string(header.shape) + " overflows");
  if (data.size() != expected)
    fail("its shape " + to_string(header.shape) + " needs " + std::to_string(expected) + " bytes, it has " +
         std::to_string(data.size()));
  return {header.dtype, header.shape, std::string(data)};
}

/// Throws IoError, or FormatError as decode_npy.
inline NpyArray read_npy(const std::string& path) { return decode_npy(MappedFile(path).text(), path); }

/// The arrays of a .npz file, compressed or not, by name. Throws IoError or FormatError.
[[gnu::cold]] inline std::map<std::string, NpyArray> read_npz(const ZipFile& file) {
  std::map<std::string, NpyArray> arrays;
  constexpr std::string_view ending = ".npy";
  for (const std::string& member : file.names()) {
    if (!member.ends_with(ending))
      file.fail("member " + json_quoted(member) + " is no array: expected " + std::string(ending));
    arrays.emplace(member.substr(0, member.size() - ending.size()),
                   decode_npy(file.read(member), file.name() + ": member " + json_quoted(member)));
  }
  return arrays;
}
inline std::map<std::string, NpyArray> read_npz(const std::string& path) { return read_npz(ZipFile(path)); }

/// Writes the file whole or not at all; the array's name is not in it. Throws IoError; ArgumentError for BF16.
[[gnu::cold]] inline void write_npy(const std::string& path, const TensorView& array) {
  const std::string header = detail::npy_header(array);
  AtomicFile file(path);
  file.write(header.data(), header.size());
  file.write(array.data, array.bytes());
  file.commit();
}

/// The same of several, not compressed. ArgumentError for two of one name too.
[[gnu::cold]] inline void write_npz(const std::string& path, std::span<const TensorView> arrays) {
  ZipWriter zip;
  for (const TensorView& array : arrays) {
    std::string member = detail::npy_header(array);
    member.append(static_cast<const char*>(array.data), array.bytes());
    zip.add(array.name + ".npy", member);
  }
  const std::string bytes = zip.bytes();
  AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

/// The array's elements as float or double, from F64, F32 or F16. FormatError for other types; `name` stands in errors.
template <class T>
void convert(const NpyArray& array, const std::string& name, std::span<T> out) {
  struct Place {
    const std::string& name;
    [[noreturn]] void fail(const std::string& what) const { throw FormatError(name + ": " + what); }
  };
  convert_elements(Place{name}, "array", array.dtype, array.shape, array.bytes.data(), out);
}

}  // namespace ferlab::formats
