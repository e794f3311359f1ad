// SPDX-License-Identifier: MIT
// Writing the ONNX format: a graph node by node. Knows nothing of what the operations mean. Source:
// github.com/onnx/onnx, onnx/onnx.proto; the field numbers are its.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/onnx.hpp"
#include "ferlab/formats/protobuf.hpp"

namespace ferlab::formats {

class OnnxWriter {
 public:
  /// A number or several of one type.
  struct Attribute {
    std::string_view name;
    ProtoMessage value;

    Attribute(std::string_view n, std::int64_t i) : name(n) { value.integer(3, i).integer(20, 2); }
    Attribute(std::string_view n, int i) : Attribute(n, std::int64_t(i)) {}
    Attribute(std::string_view n, float f) : name(n) { value.number(2, f).integer(20, 1); }
    Attribute(std::string_view n, std::initializer_list<std::int64_t> ints) : name(n) {
      for (const std::int64_t i : ints) value.integer(8, i);
      value.integer(20, 7);
    }
  };

  /// -1 in `dims` is the batch, of any size.
  void input(std::string_view name, std::span<const std::int64_t> dims, bool uint8) {
    graph_.message(11, value_info(name, dims, uint8 ? onnx::Type::UINT8 : onnx::Type::FLOAT));
  }
  void output(std::string_view name, std::span<const std::int64_t> dims) {
    graph_.message(12, value_info(name, dims, onnx::Type::FLOAT));
  }

  void node(std::string_view op_type, std::string_view name, const std::vector<std::string>& inputs,
            std::string_view output, const std::vector<Attribute>& attributes = {}) {
    ProtoMessage node;
    for (const std::string& input : inputs) node.text(1, input);
    node.text(2, output).text(3, name).text(4, op_type);
    for (const Attribute& attribute : attributes) {
      ProtoMessage named;
      named.text(1, attribute.name);
      named.bytes += attribute.value.bytes;
      node.message(5, named);
    }
    graph_.message(1, node);
  }

  /// A constant array of floats. Returns its name.
  std::string initializer(std::string name, std::span<const std::int64_t> dims, std::span<const float> values) {
    require_room(graph_.bytes.size() + values.size_bytes());
    ProtoMessage tensor;
    for (const std::int64_t d : dims) tensor.integer(1, d);
    tensor.integer(2, std::int64_t(onnx::Type::FLOAT)).text(8, name);
    tensor.text(9, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    graph_.message(5, tensor);
    return name;
  }

  void metadata(std::string_view key, std::string_view value) {
    ProtoMessage entry;
    entry.text(1, key).text(2, value);
    metadata_.message(14, entry);
  }

  /// The file.
  std::string bytes(std::string_view producer, std::int64_t ir_version, std::int64_t opset) {
    ProtoMessage model, version;
    version.text(1, "").integer(2, opset);
    graph_.text(2, producer);
    model.integer(1, ir_version).text(2, producer).message(7, graph_).message(8, version);
    model.bytes += metadata_.bytes;
    require_room(model.bytes.size());
    return std::move(model.bytes);
  }

  /// ArgumentError for more bytes than a protocol buffer can have.
  static void require_room(std::size_t size) {
    if (size > std::size_t(INT32_MAX))
      throw ArgumentError("an ONNX file holds less than 2 GiB, this network takes " + std::to_string(size) + " bytes");
  }

 private:
  static ProtoMessage value_info(std::string_view name, std::span<const std::int64_t> dims, onnx::Type type) {
    ProtoMessage shape, tensor, kind, info;
    for (const std::int64_t d : dims) {
      ProtoMessage dim;
      if (d < 0)
        dim.text(2, "batch");
      else
        dim.integer(1, d);
      shape.message(1, dim);
    }
    tensor.integer(1, std::int64_t(type)).message(2, shape);
    kind.message(1, tensor);
    info.text(1, name).message(2, kind);
    return info;
  }

  ProtoMessage graph_, metadata_;
};

}  // namespace ferlab::formats
