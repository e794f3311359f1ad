// SPDX-License-Identifier: MIT
#include <ferlab/exchange/file_kind.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using exchange::FileKind, exchange::file_kind;

TEST_CASE("the first bytes say which kind of model a file is") {
  CHECK(file_kind(std::string("PK\x03\x04....", 8), "f") == FileKind::zip);
  CHECK(file_kind("\x89HDF\r\n\x1a\n....", "f") == FileKind::hdf5);
  CHECK(file_kind(std::string(512, ' ') + "\x89HDF\r\n\x1a\n", "f") == FileKind::hdf5);
  CHECK(file_kind(std::string("\x10\0\0\0\0\0\0\0{\"a\":1}", 15), "f") == FileKind::safetensors);
  CHECK(file_kind("\x08\x08\x12\x06", "f") == FileKind::onnx);
}

TEST_CASE("what is no model is refused by what it is") {
  const auto refuse = [](const std::string& bytes, const std::string& why) {
    CHECK_THROWS_WITH(file_kind(bytes, "model.h5"), "model.h5: " + why);
  };
  refuse("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
         "this is a pointer of Git LFS, not the model; get the file itself (git lfs pull)");
  refuse("\n\n<!DOCTYPE html>\n<html><head>", "this is a web page, not a model: it begins with \"<!DOCTYPE html>\"");
  refuse("<html lang=\"en\">\n<head>", "this is a web page, not a model: it begins with \"<html lang=\"en\">\"");
  refuse("%PDF-1.7\n", "this is a PDF document, not a model");
  const std::string expected = "expected a model of Keras (.keras, .h5), ONNX or safetensors, got ";
  refuse("", expected + "the bytes of an empty file");
  refuse("https://example.com/model.h5\n", expected + "\"https://example.com/model.h5\"");
  refuse(std::string("\0\1\2\3\4\5\6\7", 8), expected + "the bytes 00 01 02 03 04 05 06 07 ...");
}
