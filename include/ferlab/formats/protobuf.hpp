// SPDX-License-Identifier: MIT
// Writing protocol buffers by hand: the few field kinds that event files need.
// Source: protobuf.dev/programming-guides/encoding.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace ferlab::formats {

/// Appends the bytes of an integer or floating-point number, lowest first.
template <class T>
void append_little_endian(std::string& out, T value) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  static_assert(sizeof(T) == sizeof(Bits));
  const Bits bits = std::bit_cast<Bits>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(bits >> (8 * i) & 0xff);
}

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
