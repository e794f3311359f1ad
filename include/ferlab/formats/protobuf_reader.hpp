// SPDX-License-Identifier: MIT
// Reading protocol buffers by hand, without their description: a message field by field, nothing copied, nothing
// believed that the bytes do not hold. Who reads knows how deep messages lie in each other: nothing here goes down by
// itself. Source: protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "ferlab/core/compat.hpp"
#include "ferlab/core/error.hpp"

namespace ferlab::formats {

/// Goes through the fields of one message: `while (fields.next()) switch (fields.number()) { ... }`. A field that is
/// not asked for is skipped. FormatError, with `name` and the place, for what is no protocol buffer or holds another
/// kind of value than is asked for. `bytes` and `name` must outlive it.
class ProtoReader {
 public:
  ProtoReader(std::string_view bytes, const std::string& name) : ProtoReader(bytes, name, bytes.data()) {}

  /// Moves to the next field; false at the message's end.
  bool next() {
    if (left_.empty()) return false;
    const std::uint64_t key = varint();
    if (key >> 3 == 0 || key >> 3 > most_number) fail("a field's number is " + std::to_string(key >> 3));
    number_ = int(key >> 3);
    kind_ = unsigned(key & 7);
    switch (kind_) {
      case 0:
        bits_ = varint();
        return true;
      case 1:
      case 5:
        bits_ = 0;
        payload_ = take(kind_ == 1 ? 8 : 4);
        for (std::size_t i = payload_.size(); i-- > 0;) bits_ = bits_ << 8 | static_cast<unsigned char>(payload_[i]);
        return true;
      case 2:
        payload_ = take(varint());
        return true;
      default:  // 3 and 4 begin and end groups, long out of use
        fail("field " + std::to_string(number_) + " is of the unknown kind " + std::to_string(kind_));
    }
  }

  /// The field's, as its description calls it.
  int number() const { return number_; }

  /// int32, int64, uint64, bool, enum.
  std::int64_t integer() const {
    require(0, "an integer");
    return std::int64_t(bits_);
  }
  float single() const {
    require(5, "a float");
    return compat::bit_cast<float>(std::uint32_t(bits_));
  }
  /// string, bytes.
  std::string_view text() const {
    require(2, "text or a message");
    return payload_;
  }
  ProtoReader message() const { return {text(), name_, begin_}; }

  /// A repeated integer: calls each(value) for the one that stands here, or for all that are packed here.
  void integers(const auto& each) const {
    if (kind_ == 0) return each(integer());
    ProtoReader packed = message();
    while (!packed.left_.empty()) each(std::int64_t(packed.varint()));
  }
  /// A repeated float or double (T): likewise.
  template <class T>
  void floats(const auto& each) const {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    std::string_view values = payload_;
    if (kind_ != (sizeof(T) == 8 ? 1 : 5)) values = text();
    if (values.size() % sizeof(T) != 0)
      fail("field " + std::to_string(number_) + " has " + std::to_string(values.size()) +
           " bytes, expected a multiple of " + std::to_string(sizeof(T)));
    for (; !values.empty(); values.remove_prefix(sizeof(T))) {
      Bits bits = 0;
      for (std::size_t i = sizeof(T); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(values[i]);
      each(compat::bit_cast<T>(bits));
    }
  }

 private:
  static constexpr std::uint64_t most_number = (1u << 29) - 1;

  ProtoReader(std::string_view bytes, const std::string& name, const char* begin)
      : left_(bytes), name_(name), begin_(begin) {}

  [[noreturn, gnu::cold]] void fail(const std::string& what) const {
    throw FormatError(name_ + ": not a protocol buffer, or damaged: " + what + ", at byte " +
                      std::to_string(left_.data() - begin_));
  }
  void require(unsigned kind, const char* expected) const {
    if (kind_ != kind) fail("field " + std::to_string(number_) + " is not " + expected);
  }
  std::string_view take(std::uint64_t size) {
    if (size > left_.size())
      fail("field " + std::to_string(number_) + " is cut short: it needs " + std::to_string(size) +
           " bytes, there are " + std::to_string(left_.size()));
    const std::string_view taken = left_.substr(0, std::size_t(size));
    left_.remove_prefix(std::size_t(size));
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) fail("a number is cut short");
      const auto byte = static_cast<unsigned char>(left_[0]);
      left_.remove_prefix(1);
      value |= std::uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail("a number is longer than 64 bits");
  }

  std::string_view left_, payload_;
  const std::string& name_;
  const char* begin_;  ///< of the file: messages lie inside of each other
  std::uint64_t bits_ = 0;
  int number_ = 0;
  unsigned kind_ = 0;
};

}  // namespace ferlab::formats
