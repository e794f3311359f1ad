// SPDX-License-Identifier: MIT
// Implementation of onnx.hpp. What runs once a file is marked cold: the compiler then spends less time on it.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "ferlab/formats/onnx.hpp"

namespace ferlab::formats::onnx {

inline double Tensor::operator[](std::size_t i) const {
  if (raw.empty()) return values[i];
  const auto element = [&]<class T>(T value) {
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));  // the file promises no alignment
    return value;
  };
  switch (type) {
    case Type::FLOAT:
      return double(element(float{}));
    case Type::UINT8:
    case Type::BOOL:
      return element(std::uint8_t{});
    case Type::INT8:
      return element(std::int8_t{});
    case Type::INT32:
      return element(std::int32_t{});
    case Type::INT64:
      return double(element(std::int64_t{}));
    case Type::FLOAT16:
      return double(half_to_float(element(std::uint16_t{})));
    case Type::DOUBLE:
      return element(double{});
    case Type::BFLOAT16:
      return double(bfloat16_to_float(element(std::uint16_t{})));
  }
  return 0;
}

namespace detail {

class Parser {
 public:
  Parser(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  [[gnu::cold]] Model model() {
    Model model;
    bool has_graph = false;
    for (ProtoReader fields(bytes_, name_); fields.next();) switch (fields.number()) {
        case 1:
          model.ir_version = fields.integer();
          break;
        case 2:
          model.producer = fields.text();
          break;
        case 7:
          graph(fields.message(), model);
          has_graph = true;
          break;
        case 8:
          opset(message(fields), model);
          break;
        case 14:
          model.metadata.insert(entry(message(fields)));
          break;
      }
    if (!has_graph) fail("not an ONNX model: it has no graph");
    return model;
  }

 private:
  // Each takes at least two bytes of the file, but a hundred and more of memory.
  static constexpr int most_parts = 1 << 18;
  std::string_view bytes_;
  const std::string& name_;
  int parts_ = 0;

  [[noreturn, gnu::cold]] void fail(const std::string& what) const { throw FormatError(name_ + ": " + what); }

  std::string_view text(const ProtoReader& fields) {
    if (++parts_ > most_parts) fail("more than " + std::to_string(most_parts) + " nodes, names, attributes and arrays");
    return fields.text();
  }
  ProtoReader message(const ProtoReader& fields) {
    text(fields);  // which counts it
    return fields.message();
  }

  static void opset(ProtoReader fields, Model& model) {
    std::string_view domain;
    std::int64_t version = 0;
    while (fields.next()) {
      if (fields.number() == 1) domain = fields.text();
      if (fields.number() == 2) version = fields.integer();
    }
    if (domain.empty() || domain == "ai.onnx") model.opset = version;
  }

  /// StringStringEntryProto.
  static std::pair<std::string, std::string> entry(ProtoReader fields) {
    std::pair<std::string, std::string> entry;
    while (fields.next()) {
      if (fields.number() == 1) entry.first = fields.text();
      if (fields.number() == 2) entry.second = fields.text();
    }
    return entry;
  }

  [[gnu::cold]] void graph(ProtoReader fields, Model& model) {
    while (fields.next()) switch (fields.number()) {
        case 1:
          model.nodes.push_back(node(message(fields)));
          break;
        case 5:
          model.initializers.push_back(tensor(message(fields)));
          break;
        case 11:
          model.inputs.push_back(value_info(message(fields)));
          break;
        case 12:
          model.outputs.push_back(value_info(message(fields)));
          break;
      }
  }

  [[gnu::cold]] Node node(ProtoReader fields) {
    Node node;
    while (fields.next()) switch (fields.number()) {
        case 1:
          node.inputs.emplace_back(text(fields));
          break;
        case 2:
          node.outputs.emplace_back(text(fields));
          break;
        case 3:
          node.name = fields.text();
          break;
        case 4:
          node.op_type = fields.text();
          break;
        case 5:
          node.attributes.push_back(attribute(message(fields)));
          break;
        case 7:
          node.domain = fields.text();
          break;
      }
    return node;
  }

  [[gnu::cold]] Attribute attribute(ProtoReader fields) {
    Attribute attribute;
    while (fields.next()) switch (fields.number()) {
        case 1:
          attribute.name = fields.text();
          break;
        case 2:
          attribute.f = fields.single();
          break;
        case 3:
          attribute.i = fields.integer();
          break;
        case 4:
          attribute.s = fields.text();
          break;
        case 5:
          attribute.t.assign(1, tensor(message(fields)));
          break;
        case 7:
          fields.floats<float>([&](float value) { attribute.floats.push_back(value); });
          break;
        case 8:
          fields.integers([&](std::int64_t value) { attribute.ints.push_back(value); });
          break;
      }
    return attribute;
  }

  [[gnu::cold]] ValueInfo value_info(ProtoReader fields) {
    ValueInfo value;
    while (fields.next()) {
      if (fields.number() == 1) value.name = fields.text();
      if (fields.number() != 2) continue;
      for (ProtoReader type = fields.message(); type.next();) {
        if (type.number() != 1) continue;  // 1: a tensor
        for (ProtoReader tensor = type.message(); tensor.next();) {
          if (tensor.number() == 1) value.type = tensor.integer();
          if (tensor.number() != 2) continue;
          for (ProtoReader shape = tensor.message(); shape.next();) {
            if (shape.number() != 1) continue;
            value.dims.push_back(-1);
            for (ProtoReader dim = shape.message(); dim.next();)
              if (dim.number() == 1) value.dims.back() = dim.integer();
          }
        }
      }
    }
    return value;
  }

  [[gnu::cold]] Tensor tensor(ProtoReader fields) {
    Tensor tensor;
    std::int64_t type = 0;
    bool elsewhere = false, has_raw = false;
    std::string location;
    std::vector<std::int64_t> dims;
    const auto number = [&](auto value) { tensor.values.push_back(double(value)); };
    while (fields.next()) switch (fields.number()) {
        case 1:
          fields.integers([&](std::int64_t value) { dims.push_back(value); });
          break;
        case 2:
          type = fields.integer();
          break;
        case 4:
          fields.floats<float>(number);
          break;
        case 5:  // int32_data: of all types that are shorter, 16-bit floats by their bits
          fields.integers([&](std::int64_t value) {
            number(type == std::int64_t(Type::FLOAT16)    ? double(half_to_float(std::uint16_t(value)))
                   : type == std::int64_t(Type::BFLOAT16) ? double(bfloat16_to_float(std::uint16_t(value)))
                                                          : double(std::int32_t(value)));
          });
          break;
        case 7:
          fields.integers(number);
          break;
        case 8:
          tensor.name = fields.text();
          break;
        case 9:
          tensor.raw = fields.text();
          has_raw = true;
          break;
        case 10:
          fields.floats<double>(number);
          break;
        case 13:
          elsewhere = true;
          if (auto [key, value] = entry(message(fields)); key == "location") location = value;
          break;
        case 14:
          elsewhere |= fields.integer() == 1;
          break;
      }
    const std::string where = "array \"" + tensor.name + "\": ";
    if (elsewhere)
      fail(where + "its numbers lie in another file, \"" + location.substr(0, 60) +
           "\": write them into this one, by torch.onnx.export(..., external_data=False), or with "
           "onnx.save(onnx.load(path), path)");
    tensor.type = Type(type);
    std::size_t size = size_of(tensor.type), extent = size;  // extent: the same, but for dims of 0
    if (size == 0) fail(where + "elements of the unknown type " + std::to_string(type));
    for (const std::int64_t dim : dims) {
      if (dim < 0) fail(where + "a dimension is " + std::to_string(dim));
      tensor.dims.push_back(std::size_t(dim));
      size *= tensor.dims.back();
      if (__builtin_mul_overflow(extent, std::max(tensor.dims.back(), std::size_t(1)), &extent))
        fail(where + "its size overflows");
    }
    const std::size_t found = has_raw ? tensor.raw.size() : tensor.values.size() * size_of(tensor.type);
    if (found != size || (has_raw && !tensor.values.empty()))
      fail(where + "expected " + std::to_string(size) + " bytes of " + std::to_string(size / size_of(tensor.type)) +
           " elements, got " + std::to_string(found));
    return tensor;
  }
};

}  // namespace detail

inline Model parse(std::string_view bytes, const std::string& name) { return detail::Parser(bytes, name).model(); }

}  // namespace ferlab::formats::onnx
