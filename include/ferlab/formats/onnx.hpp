// SPDX-License-Identifier: MIT
// The ONNX format: a model's graph of operations and its arrays, checked against the file's size. Knows nothing of what
// the operations mean. Source: github.com/onnx/onnx, onnx/onnx.proto; the field numbers are its.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/half.hpp"
#include "ferlab/formats/protobuf_reader.hpp"

namespace ferlab::formats::onnx {

/// TensorProto.DataType, those that can be read.
enum class Type : std::int64_t {
  FLOAT = 1,
  UINT8 = 2,
  INT8 = 3,
  INT32 = 6,
  INT64 = 7,
  BOOL = 9,
  FLOAT16 = 10,
  DOUBLE = 11,
  BFLOAT16 = 16
};

/// Bytes of one element; 0 for a type that cannot be read.
constexpr std::size_t size_of(Type type) {
  switch (type) {
    case Type::UINT8:
    case Type::INT8:
    case Type::BOOL:
      return 1;
    case Type::FLOAT16:
    case Type::BFLOAT16:
      return 2;
    case Type::FLOAT:
    case Type::INT32:
      return 4;
    case Type::INT64:
    case Type::DOUBLE:
      return 8;
  }
  return 0;
}

constexpr bool is_integer(Type type) {
  return type != Type::FLOAT && type != Type::FLOAT16 && type != Type::DOUBLE && type != Type::BFLOAT16;
}

/// An array. Its elements are as many as `dims` say, in `raw`, or else in `values`.
struct Tensor {
  std::string name;
  Type type = Type::FLOAT;
  std::vector<std::size_t> dims;
  std::string_view raw;        ///< in the file, little-endian
  std::vector<double> values;  ///< of the fields by type: float_data, int64_data and so on

  std::size_t elements() const {
    std::size_t n = 1;
    for (const std::size_t d : dims) n *= d;
    return n;
  }
  /// Element i as a number.
  double operator[](std::size_t i) const;
};

/// The fields that are set; a graph inside of an attribute is not read.
struct Attribute {
  std::string name;
  float f = 0;
  std::int64_t i = 0;
  std::string s;
  std::vector<Tensor> t;  ///< none or one
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
};

struct Node {
  std::string op_type, domain, name;
  std::vector<std::string> inputs, outputs;  ///< "" where an optional one is left out
  std::vector<Attribute> attributes;

  /// nullptr if there is none of that name.
  const Attribute* find(std::string_view attribute) const {
    for (const Attribute& found : attributes)
      if (found.name == attribute) return &found;
    return nullptr;
  }
};

/// An input or output of the graph.
struct ValueInfo {
  std::string name;
  std::int64_t type = 0;           ///< a number of TensorProto.DataType, Type's or another; 0: not said
  std::vector<std::int64_t> dims;  ///< -1: any, for example the batch
};

struct Model {
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;  ///< of ONNX's own operations; 0: not said
  std::string producer;
  std::map<std::string, std::string> metadata;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs, outputs;
};

/// Tensors' raw bytes are views of `bytes`. FormatError, with `name`, for what is no ONNX model, and for one whose
/// arrays lie in another file.
Model parse(std::string_view bytes, const std::string& name);

}  // namespace ferlab::formats::onnx

#include "ferlab/formats/onnx_inl.hpp"
