// SPDX-License-Identifier: MIT
// Reading the HDF5 files that Keras writes. The reader is ferlab's own, because those files keep to a narrow subset of
// HDF5: there is nothing to install or link. It has no filters, no external or virtual data and no plug-ins, so that
// the holes found in those parts of libhdf5 do not concern it; what lies outside of the subset is refused by its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/mapped_file.hpp"
#include "ferlab/formats/hdf5_tree.hpp"
#include "ferlab/formats/tensor_view.hpp"

namespace ferlab::formats {

class Hdf5File;

/// A small value that belongs to a group or a dataset.
struct Hdf5Attribute {
  std::string name;
  std::vector<std::size_t> shape;    ///< empty for a scalar
  std::vector<std::string> strings;  ///< in row-major order, without the zeros that fill them up
  std::vector<double> numbers;       ///< the same of an attribute of numbers
  bool is_string = false;            ///< which of the two it has
};

/// An array in an Hdf5File, as long as that lives.
struct Hdf5Dataset {
  std::string path;  ///< "/model_weights/conv2d/kernel:0"
  DType dtype = DType::F32;
  std::vector<std::size_t> shape;
  const void* data = nullptr;  ///< little endian, row-major, without alignment; nullptr if there are no elements
  const Hdf5File* file = nullptr;
  std::uint64_t header = 0;  ///< where the file describes it

  std::size_t elements() const { return formats::elements(shape); }
  /// nullopt if there is none of that name. Throws FormatError.
  std::optional<Hdf5Attribute> attribute(std::string_view name) const;
};

/// A group of an Hdf5File, as long as that lives. Paths are relative to it, and may hold slashes: "conv2d/kernel:0".
class Hdf5Group {
 public:
  const std::string& path() const { return path_; }
  /// Of its members, groups and datasets, in alphabetical order.
  std::vector<std::string> names() const;
  /// nullopt if there is no group there. FormatError for a soft link.
  std::optional<Hdf5Group> group(std::string_view relative_path) const;
  /// nullopt if there is no dataset there. FormatError for one that lies outside of the subset, or of the file.
  std::optional<Hdf5Dataset> dataset(std::string_view relative_path) const;
  /// Of the group itself: nullopt if there is none of that name. Throws FormatError.
  std::optional<Hdf5Attribute> attribute(std::string_view name) const;

 private:
  friend class Hdf5File;
  struct Found {
    std::string path;
    std::uint64_t header;
    bool is_group;
  };
  Hdf5Group(const Hdf5File& file, std::string path, std::uint64_t header)
      : file_(&file), path_(std::move(path)), header_(header) {}
  std::optional<Found> find(std::string_view relative_path) const;

  const Hdf5File* file_;
  std::string path_;
  std::uint64_t header_;
};

/// A file whose groups have been read and form a tree: none is linked twice, as in a loop. Arrays and attributes are
/// read, and refused, when they are asked for. Throws IoError, or FormatError that names the file, the path inside it,
/// what was expected and what came.
class Hdf5File {
 public:
  explicit Hdf5File(const std::string& path);
  /// The same of bytes in memory, which must outlive this; `name` stands in errors.
  Hdf5File(std::string_view bytes, const std::string& name);
  Hdf5File(const Hdf5File&) = delete;  // groups and datasets point to it
  Hdf5File& operator=(const Hdf5File&) = delete;

  /// Whether the bytes begin as an HDF5 file does, one that will be refused included.
  static bool looks_like_hdf5(std::string_view bytes);

  const std::string& name() const { return name_; }
  Hdf5Group root() const { return {*this, "/", tree_.root}; }

  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

 private:
  friend class Hdf5Group;
  friend struct Hdf5Dataset;
  std::optional<Hdf5Attribute> attribute(const std::string& path, std::uint64_t header, std::string_view name) const;
  detail::Hdf5Place place(const std::string& path) const { return {bytes_, name_, path}; }

  std::string name_;
  std::optional<MappedFile> file_;  ///< none for bytes in memory
  std::string_view bytes_;
  detail::Hdf5Tree tree_;
};

/// The dataset's elements as float or double, from F64, F32, F16 or BF16. FormatError for other types.
template <class T>
void convert(const Hdf5File& file, const Hdf5Dataset& dataset, std::span<T> out) {
  convert_elements(file, dataset.path, dataset.dtype, dataset.shape, dataset.data, out);
}

}  // namespace ferlab::formats

#include "ferlab/formats/hdf5_inl.hpp"
