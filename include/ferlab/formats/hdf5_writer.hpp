// SPDX-License-Identifier: MIT
// Writing HDF5 files for Keras and other programs: the subset that hdf5.hpp reads, of superblock 0, which every version
// of HDF5 opens. Source of the bytes: "HDF5 File Format Specification", version 1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/tensor_view.hpp"

namespace ferlab::formats {

/// Builds a file in memory. Paths begin at the root, with or without a slash: "model_weights/conv2d/kernel:0"; groups
/// above an object are made by themselves. The same calls give the same bytes. Throws ArgumentError.
class Hdf5Writer {
 public:
  /// Makes a group; one that is there is kept.
  void group(std::string_view path);
  /// ArgumentError if something of that path is there, or if the shape has not as many elements as there are values.
  void dataset(std::string_view path, std::vector<std::size_t> shape, std::span<const float> values);
  /// A text that belongs to a group or dataset; a path that is not there becomes a group. Of fixed length; where a
  /// header has no room, from about 64 KiB on, of variable length.
  void attribute(std::string_view path, const std::string& name, const std::string& text);
  /// A list of texts of fixed length, filled with zeros. ArgumentError beyond 64 KiB. Without any text it is an empty
  /// list of numbers, as Keras writes it.
  void attribute(std::string_view path, const std::string& name, const std::vector<std::string>& texts);

  std::string bytes() const;

 private:
  struct Attribute {
    std::string name, type, space, data;
    bool in_heap;  ///< data are a text for the global heap
  };
  struct Node {
    std::vector<Attribute> attributes;
    std::map<std::string, Node, std::less<>> members;  ///< of a group, in the file's order
    std::optional<std::vector<std::size_t>> shape;     ///< of a dataset
    std::string data;                                  ///< the same
  };
  class Output;
  static constexpr std::size_t most_name_bytes = 1024;   ///< of an attribute
  static constexpr std::size_t most_attributes = 32768;  ///< of an object: a header has 16 bits for their number

  /// The object at `path`; what is missing of it becomes groups.
  Node& at(std::string_view path);
  void add(std::string_view path, Attribute attribute);

  Node root_;
};

}  // namespace ferlab::formats

#include "ferlab/formats/hdf5_writer_inl.hpp"
