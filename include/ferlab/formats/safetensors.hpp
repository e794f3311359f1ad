// SPDX-License-Identifier: MIT
// The safetensors format: a JSON header, then tensors without gaps. Source: github.com/huggingface/safetensors, README
// and src/tensor.rs. A reader believes nothing the header says before it has checked it against the file.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/core/mapped_file.hpp"
#include "ferlab/formats/tensor_view.hpp"

namespace ferlab::formats {

using Metadata = std::map<std::string, std::string>;

/// Writes the file whole or not at all. Throws IoError; ArgumentError for two tensors of one name, or one
/// called __metadata__.
void write_safetensors(const std::string& path, std::span<const TensorView> tensors, const Metadata& metadata);

/// A file whose header has been checked against its size. Tensors are views into it. Throws IoError, or FormatError
/// that names the file, what was expected and what came.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& path);
  /// The same of bytes in memory, which must outlive this; `name` stands in errors.
  SafetensorsFile(std::string_view bytes, const std::string& name);

  const std::string& name() const { return name_; }
  const Metadata& metadata() const { return metadata_; }
  const std::vector<TensorView>& tensors() const { return tensors_; }

  /// nullptr if there is none of that name.
  const TensorView* find(std::string_view name) const {
    for (const TensorView& tensor : tensors_)
      if (tensor.name == name) return &tensor;
    return nullptr;
  }
  /// FormatError if there is none of that name, or if its shape is another.
  const TensorView& require(std::string_view name, std::span<const std::size_t> shape) const;
  /// FormatError if there is none of that name.
  const std::string& require_metadata(const std::string& key) const;

  [[noreturn]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

 private:
  void parse(std::string_view bytes);

  std::string name_;
  std::optional<MappedFile> file_;  ///< none for bytes in memory
  Metadata metadata_;
  std::vector<TensorView> tensors_;
};

/// The tensor's elements as float or double, from F64, F32, F16 or BF16. FormatError for other types.
template <class T>
void convert(const SafetensorsFile& file, const TensorView& tensor, std::span<T> out);

}  // namespace ferlab::formats

#include "ferlab/formats/safetensors_inl.hpp"
