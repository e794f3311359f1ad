// SPDX-License-Identifier: MIT
// Which kind of model file is it? Its first bytes decide, never its name: what people call model.h5 may be anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"

namespace ferlab::exchange {

enum class FileKind { hdf5, zip, safetensors, onnx };

inline std::string to_string(FileKind kind) {
  const char* names[] = {"Keras (HDF5)", "Keras (zip)", "safetensors", "ONNX"};
  return names[std::size_t(kind)];
}

namespace detail {

/// The first bytes, for an error: "<!DOCTYPE html>", or "00 FF 13 ..." where they are no text.
[[gnu::cold]] inline std::string shown_bytes(std::string_view bytes) {
  bytes = bytes.substr(0, 40);
  std::string text = "\"", codes;
  bool printable = true;
  for (char c : bytes) {
    if (c == '\n' || c == '\r') break;
    printable = printable && c >= ' ' && c <= '~';
    text += c;
  }
  if (printable && text.size() > 4) return text + "\"";
  for (char c : bytes.substr(0, 12)) {
    codes += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
    codes += "0123456789ABCDEF"[c & 15];
    codes += ' ';
  }
  return "the bytes " + (codes.empty() ? "of an empty file" : codes + "...");
}

}  // namespace detail

/// Throws FormatError, which begins with `name`, for what is no model file.
[[gnu::cold]] inline FileKind file_kind(std::string_view bytes, const std::string& name) {
  const auto fail = [&](const std::string& what) { throw FormatError(name + ": " + what); };
  if (bytes.starts_with("PK\x03\x04")) return FileKind::zip;
  if (bytes.starts_with("\x89HDF\r\n\x1a\n")) return FileKind::hdf5;
  for (std::size_t block = 512; block < bytes.size() && block <= 65536; block *= 2)
    if (bytes.substr(block).starts_with("\x89HDF\r\n\x1a\n"))
      return FileKind::hdf5;  // which says what is wrong with it
  if (bytes.size() > 8 && bytes[8] == '{' && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4))
    return FileKind::safetensors;
  if (bytes.starts_with("version https://git-lfs"))
    fail("this is a pointer of Git LFS, not the model; get the file itself (git lfs pull)");
  if (bytes.starts_with("\x08") && bytes.size() > 2) return FileKind::onnx;  // the field ir_version
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  const std::string_view page = first == bytes.npos ? "" : bytes.substr(first, 64);
  for (const char* tag : {"<!DOCTYPE", "<!doctype", "<html"})
    if (page.starts_with(tag)) fail("this is a web page, not a model: it begins with " + detail::shown_bytes(page));
  if (bytes.starts_with("%PDF")) fail("this is a PDF document, not a model");
  fail("expected a model of Keras (.keras, .h5), ONNX or safetensors, got " + detail::shown_bytes(bytes));
  return FileKind::onnx;  // not reached
}

}  // namespace ferlab::exchange
