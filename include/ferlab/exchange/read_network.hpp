// SPDX-License-Identifier: MIT
// Any model file of another program as a Network.
#pragma once

#include <string>

#include "ferlab/core/mapped_file.hpp"
#include "ferlab/exchange/file_kind.hpp"
#include "ferlab/exchange/pytorch.hpp"
#include "ferlab/exchange/read_keras.hpp"
#include "ferlab/exchange/read_onnx.hpp"

namespace ferlab::exchange {

/// Is it a model that save_model wrote? Then load_model reads it.
[[gnu::cold]] inline bool is_ferlab_model(const formats::SafetensorsFile& file) {
  const auto format = file.metadata().find("format");
  return format != file.metadata().end() && format->second == "ferlab";
}

/// Bytes of a file called `name`. Throws FormatError.
[[gnu::cold]] inline Network read_network(std::string_view bytes, const std::string& name) {
  switch (file_kind(bytes, name)) {
    case FileKind::hdf5:
      return read_keras_h5(formats::Hdf5File(bytes, name));
    case FileKind::zip:
      return read_keras_archive(formats::ZipFile(bytes, name));
    case FileKind::safetensors: {
      const formats::SafetensorsFile file(bytes, name);
      if (is_ferlab_model(file)) file.fail("this is a model of ferlab's own; load_model reads it");
      return read_pytorch(file);
    }
    case FileKind::onnx:
      break;
  }
  return read_onnx(bytes, name);
}

/// Throws IoError, or FormatError that names the file, the layer, what was expected and what came.
[[gnu::cold]] inline Network read_network(const std::string& path) {
  const MappedFile file(path);
  return read_network(file.text(), path);
}

}  // namespace ferlab::exchange
