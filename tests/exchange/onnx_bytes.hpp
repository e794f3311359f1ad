// SPDX-License-Identifier: MIT
// ONNX files made by hand, field by field: what other programs write, and what no program should.
#pragma once

#include <ferlab/formats/onnx.hpp>
#include <ferlab/formats/protobuf.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ferlab::test {

using formats::ProtoMessage;
using formats::onnx::Type;

/// A TensorProto of floats, or of integers in raw_data.
inline ProtoMessage tensor_message(const std::string& name, const std::vector<std::int64_t>& dims,
                                   const std::vector<float>& values) {
  ProtoMessage tensor;
  for (const std::int64_t d : dims) tensor.integer(1, d);
  std::string raw;
  for (const float value : values) formats::append_little_endian(raw, value);
  return tensor.integer(2, std::int64_t(Type::FLOAT)).text(8, name).text(9, raw);
}
inline ProtoMessage tensor_message(const std::string& name, const std::vector<std::int64_t>& dims,
                                   const std::vector<std::int64_t>& values, Type type = Type::INT64) {
  ProtoMessage tensor;
  for (const std::int64_t d : dims) tensor.integer(1, d);
  std::string raw;
  for (const std::int64_t value : values)
    if (type == Type::INT32)
      formats::append_little_endian(raw, std::int32_t(value));
    else
      formats::append_little_endian(raw, value);
  return tensor.integer(2, std::int64_t(type)).text(8, name).text(9, raw);
}

struct OnnxAttribute {
  ProtoMessage message;

  explicit OnnxAttribute(const std::string& name) { message.text(1, name); }
  OnnxAttribute(const std::string& name, std::int64_t i) : OnnxAttribute(name) { message.integer(3, i); }
  OnnxAttribute(const std::string& name, int i) : OnnxAttribute(name, std::int64_t(i)) {}
  OnnxAttribute(const std::string& name, float f) : OnnxAttribute(name) { message.number(2, f); }
  OnnxAttribute(const std::string& name, const char* s) : OnnxAttribute(name) { message.text(4, s); }
  OnnxAttribute(const std::string& name, const std::vector<std::int64_t>& ints) : OnnxAttribute(name) {
    for (const std::int64_t i : ints) message.integer(8, i);
  }
  OnnxAttribute(const std::string& name, const ProtoMessage& tensor) : OnnxAttribute(name) {
    message.message(5, tensor);
  }
};

/// A model with the input "x" and the output "y". Nodes are called as their output.
class OnnxFile {
 public:
  std::int64_t opset = 17;
  ProtoMessage graph, model;

  explicit OnnxFile(const std::vector<std::int64_t>& input, Type type = Type::FLOAT) { value(11, "x", input, type); }

  /// One more input (11) or output (12); -1 in `dims` has a name.
  OnnxFile& value(int field, const std::string& name, const std::vector<std::int64_t>& dims, Type type = Type::FLOAT) {
    ProtoMessage shape, tensor, kind, info;
    for (const std::int64_t d : dims) {
      ProtoMessage dim;
      if (d < 0)
        dim.text(2, "unk__1");
      else
        dim.integer(1, d);
      shape.message(1, dim);
    }
    tensor.integer(1, std::int64_t(type)).message(2, shape);
    kind.message(1, tensor);
    info.text(1, name).message(2, kind);
    graph.message(field, info);
    return *this;
  }
  OnnxFile& node(const std::string& op_type, const std::vector<std::string>& inputs, const std::string& output,
                 const std::vector<OnnxAttribute>& attributes = {}, const std::string& domain = "") {
    ProtoMessage node;
    for (const std::string& input : inputs) node.text(1, input);
    node.text(2, output).text(3, output).text(4, op_type);
    for (const OnnxAttribute& attribute : attributes) node.message(5, attribute.message);
    if (!domain.empty()) node.text(7, domain);
    graph.message(1, node);
    return *this;
  }
  OnnxFile& constant(const std::string& name, const std::vector<std::int64_t>& dims, const std::vector<float>& values) {
    graph.message(5, tensor_message(name, dims, values));
    return *this;
  }
  OnnxFile& integers(const std::string& name, const std::vector<std::int64_t>& values, Type type = Type::INT64) {
    graph.message(5, tensor_message(name, {std::int64_t(values.size())}, values, type));
    return *this;
  }

  std::string bytes(bool with_output = true) const {
    OnnxFile whole = *this;
    if (with_output) whole.value(12, "y", {});
    ProtoMessage version;
    version.integer(2, opset);
    return whole.model.integer(1, 8).message(7, whole.graph).message(8, version).bytes;
  }
};

/// n numbers that differ.
inline std::vector<float> numbers(std::size_t n, float scale = 1) {
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = scale * float(int(i * 37 % 101) - 50) / 64;
  return out;
}

}  // namespace ferlab::test
