// SPDX-License-Identifier: MIT
// Decompressing deflate, as zip files hold it. Source: RFC 1951.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ferlab::formats {

namespace detail {

/// A Huffman code in which, of codes of one length, those of lesser symbols come first (section 3.2.2).
class HuffmanCode {
 public:
  static constexpr int longest = 15;

  /// `lengths`: bits of each symbol's code, 0 for a symbol that does not occur. False if there are more codes of a
  /// length than bits allow, or fewer than are needed for every sequence of bits to mean something; only a lone code
  /// may do so.
  bool build(std::span<const std::uint8_t> lengths) {
    counts_ = {};
    for (std::uint8_t length : lengths) ++counts_[length];
    const std::size_t codes = lengths.size() - counts_[0];
    counts_[0] = 0;
    int left = 1;
    std::array<std::uint16_t, longest + 2> first{};  // of each length, where its symbols begin
    for (std::size_t length = 1; length <= longest; ++length) {
      left = 2 * left - counts_[length];
      if (left < 0) return false;
      first[length + 1] = std::uint16_t(first[length] + counts_[length]);
    }
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol] != 0) symbols_[first[lengths[symbol]]++] = std::uint16_t(symbol);
    return left == 0 || codes == 0 || (codes == 1 && counts_[1] == 1);
  }

  /// The next symbol; -1 if there is none. `next_bit()` gives 0 or 1, or -1 at the end.
  int decode(auto&& next_bit) const {
    int code = 0, first = 0, index = 0;  // of codes of this length: the first, and where its symbol is
    for (std::size_t length = 1; length <= longest; ++length) {
      const int bit = next_bit();
      if (bit < 0) return -1;
      code |= bit;
      const int count = counts_[length];
      if (code - first < count) return symbols_[std::size_t(index + code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

 private:
  std::array<std::uint16_t, longest + 1> counts_{};
  std::array<std::uint16_t, 288> symbols_{};
};

class Inflater {
 public:
  Inflater(std::string_view in, std::size_t size, std::string& out) : in_(in), size_(size), out_(out) {}

  bool run() {
    out_.clear();
    out_.reserve(size_);
    for (int last = 0; last == 0;) {
      last = bits(1);
      const int kind = bits(2);
      if (last < 0 || kind < 0) return false;
      if (!(kind == 0 ? stored() : kind == 1 ? fixed() : kind == 2 && dynamic())) return false;
    }
    return out_.size() == size_ && at_ == in_.size();
  }

 private:
  std::string_view in_;
  std::size_t size_, at_ = 0;
  std::string& out_;
  unsigned held_ = 0;  ///< bits of the last byte that are not used yet
  int held_bits_ = 0;
  HuffmanCode literals_, distances_;

  int bit() {
    if (held_bits_ == 0) {
      if (at_ == in_.size()) return -1;
      held_ = static_cast<unsigned char>(in_[at_++]);
      held_bits_ = 8;
    }
    const int bit = held_ & 1;
    held_ >>= 1, --held_bits_;
    return bit;
  }
  /// A number of `count` bits, the lowest first; -1 at the end.
  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      const int next = bit();
      if (next < 0) return -1;
      value |= next << i;
    }
    return value;
  }
  int symbol(const HuffmanCode& code) {
    return code.decode([this] { return bit(); });
  }

  bool stored() {
    held_bits_ = 0;
    const int length = bits(16), complement = bits(16);
    if (length < 0 || complement < 0 || length != (~complement & 0xffff)) return false;
    const std::size_t count = std::size_t(length);
    if (count > in_.size() - at_ || count > size_ - out_.size()) return false;
    out_ += in_.substr(at_, count);
    at_ += count;
    return true;
  }

  bool fixed() {
    std::array<std::uint8_t, 288> lengths{};
    for (std::size_t i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    const std::array<std::uint8_t, 32> distances = [] {
      std::array<std::uint8_t, 32> all{};
      all.fill(5);
      return all;
    }();
    return literals_.build(lengths) && distances_.build(distances) && compressed();
  }

  bool dynamic() {
    const int literals = bits(5) + 257, distances = bits(5) + 1, of_lengths = bits(4) + 4;
    if (literals < 257 || literals > 286 || distances < 1 || distances > 30 || of_lengths < 4) return false;
    constexpr std::uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    std::array<std::uint8_t, 19> code_lengths{};
    for (int i = 0; i < of_lengths; ++i) {
      const int length = bits(3);
      if (length < 0) return false;
      code_lengths[order[i]] = std::uint8_t(length);
    }
    HuffmanCode code;
    if (!code.build(code_lengths)) return false;
    std::array<std::uint8_t, 286 + 30> lengths{};
    const std::size_t total = std::size_t(literals + distances);
    for (std::size_t i = 0; i < total;) {
      const int next = symbol(code);
      if (next < 0) return false;
      if (next < 16) {
        lengths[i++] = std::uint8_t(next);
        continue;
      }
      if (next == 16 && i == 0) return false;  // nothing to repeat
      const std::uint8_t repeated = next == 16 ? lengths[i - 1] : std::uint8_t(0);
      const int more = bits(next == 16 ? 2 : next == 17 ? 3 : 7);
      const std::size_t count = std::size_t(more + (next == 18 ? 11 : 3));
      if (more < 0 || count > total - i) return false;
      for (std::size_t k = 0; k < count; ++k) lengths[i++] = repeated;
    }
    const std::span<const std::uint8_t> all(lengths.data(), total);
    return lengths[256] != 0 && literals_.build(all.first(std::size_t(literals))) &&
           distances_.build(all.subspan(std::size_t(literals))) && compressed();
  }

  /// Literals, and lengths with distances, up to the end of the block (section 3.2.5).
  bool compressed() {
    constexpr std::uint16_t length_from[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                             31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    constexpr std::uint8_t length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    constexpr std::uint16_t distance_from[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                               33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                               1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    for (;;) {
      const int next = symbol(literals_);
      if (next < 0 || next > 285) return false;
      if (next == 256) return true;
      if (next < 256) {
        if (out_.size() == size_) return false;
        out_ += static_cast<char>(next);
        continue;
      }
      const int more_length = bits(length_bits[next - 257]);
      const int where = symbol(distances_);
      if (more_length < 0 || where < 0 || where > 29) return false;
      const int more_distance = bits(where < 2 ? 0 : where / 2 - 1);
      if (more_distance < 0) return false;
      const std::size_t length = length_from[next - 257] + std::size_t(more_length);
      const std::size_t distance = distance_from[where] + std::size_t(more_distance);
      if (distance > out_.size() || length > size_ - out_.size()) return false;
      for (std::size_t k = 0; k < length; ++k) out_ += out_[out_.size() - distance];  // may repeat what it appends
    }
  }
};

}  // namespace detail

/// Decompresses all of `bytes` into `out`; false if they are not one deflate stream of exactly `size` bytes.
[[gnu::cold]] inline bool inflate(std::string_view bytes, std::size_t size, std::string& out) {
  return detail::Inflater(bytes, size, out).run();
}

}  // namespace ferlab::formats
