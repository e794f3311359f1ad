// SPDX-License-Identifier: MIT
// Models in and out of other programs: Keras, ONNX, PyTorch. What is exchanged, and with which versions it was tried:
// docs/exchange.md. ferlab's own files, which hold all that a model is, are save_model's and load_model's.
#pragma once

#include <string>
#include <string_view>

#include "ferlab/exchange/into_model.hpp"
#include "ferlab/exchange/pytorch.hpp"
#include "ferlab/exchange/read_network.hpp"
#include "ferlab/exchange/source.hpp"
#include "ferlab/exchange/to_network.hpp"
#include "ferlab/exchange/write_keras.hpp"
#include "ferlab/exchange/write_onnx.hpp"
#include "ferlab/formats/atomic_file.hpp"

namespace ferlab {

using ExchangeOptions = exchange::ToNetworkOptions;

namespace detail {

/// Fills the model from a file of one of two kinds. Throws IoError, or FormatError, and the model is unchanged.
template <class M>
void load_kind(const std::string& path, M& model, exchange::FileKind kind, exchange::FileKind or_kind,
               const char* expected) {
  const MappedFile file(path);
  const exchange::FileKind found = exchange::file_kind(file.text(), path);
  if (found != kind && found != or_kind)
    throw FormatError(path + ": expected a file of " + expected + ", got one of " + exchange::to_string(found));
  exchange::into_model(exchange::read_network(file.text(), path), path, model);
}

}  // namespace detail

/// Writes the model for Keras, whole or not at all; the name says how: .keras for Keras 3, .h5 or .hdf5 for Keras 2.0.5
/// and all newer ones, .weights.h5 for the weights only. Throws ArgumentError for another name, or IoError.
template <class M>
void save_keras(const std::string& path, const M& model, ExchangeOptions options = {}) {
  const exchange::Network network = exchange::to_network(model, options);
  const std::string_view name = path;
  if (name.ends_with(".keras"))
    formats::write_file(path, exchange::write_keras_archive(network));
  else if (name.ends_with(".weights.h5"))
    formats::write_file(path, exchange::write_keras_weights(network));
  else if (name.ends_with(".h5") || name.ends_with(".hdf5"))
    formats::write_file(path, exchange::write_keras_h5(network));
  else
    throw ArgumentError("save_keras: expected a name that ends in .keras, .h5, .hdf5 or .weights.h5, got " + path);
}

/// Reads weights from any file of Keras 2.0 to 3.15 with a network as the model's: .keras, .h5, .hdf5, .weights.h5,
/// whatever it is called. The model is unchanged if anything is wrong: IoError, or FormatError that names the layer.
template <class M>
void load_keras(const std::string& path, M& model) {
  detail::load_kind(path, model, exchange::FileKind::hdf5, exchange::FileKind::zip, "Keras");
}

/// Writes the model as ONNX, opset 17, whole or not at all. Input [n, h, w, c]. Throws IoError.
template <class M>
void save_onnx(const std::string& path, const M& model, exchange::OnnxOptions options = {}) {
  const bool preprocessing = options.preprocessing || options.uint8_input;
  formats::write_file(path, exchange::write_onnx(exchange::to_network(model, {preprocessing}), options));
}

/// Reads weights from an ONNX file with a network as the model's. The model is unchanged if anything is wrong: IoError,
/// or FormatError that names the node.
template <class M>
void load_onnx(const std::string& path, M& model) {
  detail::load_kind(path, model, exchange::FileKind::onnx, exchange::FileKind::onnx, "ONNX");
}

/// Writes the weights as PyTorch's state_dict of an nn.Sequential, in safetensors. Throws IoError, or FormatError for a
/// network with branches.
template <class M>
void save_pytorch(const std::string& path, const M& model, exchange::PyTorchOptions options = {}) {
  exchange::write_pytorch(path, exchange::to_network(model), options);
}

/// Reads a state_dict of PyTorch in safetensors. The model is unchanged if anything is wrong: IoError or FormatError.
template <class M>
void load_pytorch(const std::string& path, M& model, exchange::PyTorchOptions options = {}) {
  const formats::SafetensorsFile file(path);
  exchange::into_model(exchange::read_pytorch(file, options), path, model);
}

/// The network of a model file of any of these kinds as C++ source, ready to paste. Throws IoError or FormatError.
[[gnu::cold]] inline std::string inspect(const std::string& path) {
  const MappedFile file(path);
  const exchange::FileKind kind = exchange::file_kind(file.text(), path);
  const bool keras = kind == exchange::FileKind::hdf5 || kind == exchange::FileKind::zip;
  return exchange::source(exchange::read_network(file.text(), path), path, keras ? "load_keras" : "load_onnx");
}

}  // namespace ferlab
