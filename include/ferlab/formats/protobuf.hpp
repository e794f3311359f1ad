// SPDX-License-Identifier: MIT
// Writing protocol buffers by hand: the few field kinds that event files need.
// Source: protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats {

/// One message: call a function per field, then take `bytes`.
class ProtoMessage {
 public:
  std::string bytes;

  /// int32, int64, bool, enum.
  ProtoMessage& integer(int field, std::int64_t value) {
    key(field, 0);
    varint(std::uint64_t(value));
    return *this;
  }
  ProtoMessage& number(int field, double value) {
    key(field, 1);
    append_little_endian(bytes, value);
    return *this;
  }
  ProtoMessage& number(int field, float value) {
    key(field, 5);
    append_little_endian(bytes, value);
    return *this;
  }
  /// string, bytes.
  ProtoMessage& text(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    bytes += value;
    return *this;
  }
  ProtoMessage& message(int field, const ProtoMessage& value) { return text(field, value.bytes); }

 private:
  void key(int field, unsigned kind) { varint(std::uint64_t(field) << 3 | kind); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
    bytes += static_cast<char>(value);
  }
};

}  // namespace ferlab::formats
