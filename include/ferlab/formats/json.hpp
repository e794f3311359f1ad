// SPDX-License-Identifier: MIT
// As much JSON as a file's header needs: a strict reader (RFC 8259) and quoted strings. A JSON library would cost every
// program that includes ferlab more compile time than all of its layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ferlab::formats {

/// A parsed value. Objects keep their members in order, names that stand twice included.
struct Json {
  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Kind kind = Kind::null;
  std::string text;             ///< a string's characters (UTF-8); a number, boolean or null as it was written
  std::vector<Json> items;      ///< of an array
  std::vector<Member> members;  ///< of an object

  bool is(Kind k) const { return kind == k; }
  /// The member of that name, the first if there are several; nullptr if there is none.
  const Json* find(std::string_view name) const;
};
struct Json::Member {
  std::string name;
  Json value;
};

inline const Json* Json::find(std::string_view name) const {
  for (const Member& member : members)
    if (member.name == name) return &member.value;
  return nullptr;
}

namespace detail {

/// Bytes of the UTF-8 character that `text` begins with; 0 if it is none. Source: RFC 3629, section 4.
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t n = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (first == 0xE0 && byte(1) < 0xA0) return 0;   // longer than need be
  if (first == 0xED && byte(1) >= 0xA0) return 0;  // half of a pair of surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;   // longer than need be
  if (first == 0xF4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
  return n;
}

class JsonReader {
 public:
  JsonReader(std::string_view text, int deepest)
      : at_(text.data()), end_(text.data() + text.size()), deepest_(deepest) {}

  bool document(Json& out) {
    skip_space();
    if (!value(out, 0)) return false;
    skip_space();
    return at_ == end_;
  }

 private:
  // Ten values a tensor, so 100,000 tensors. A value takes two bytes of a header, but a hundred of memory.
  static constexpr int most_values = 1 << 20;
  const char *at_, *end_;
  int deepest_, values_ = 0;

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (std::string_view(at_, std::size_t(end_ - at_)).substr(0, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  bool digits() {
    const char* first = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != first;
  }

  bool value(Json& out, int depth) {
    if (at_ == end_ || depth > deepest_ || ++values_ > most_values) return false;
    const char* first = at_;
    switch (*at_) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        out.kind = Json::Kind::string;
        return string(out.text);
      case 'n':
        if (!take("null")) return false;
        break;
      case 't':
      case 'f':
        out.kind = Json::Kind::boolean;
        if (!take("true") && !take("false")) return false;
        break;
      default:
        out.kind = Json::Kind::number;
        if (!number()) return false;
    }
    out.text.assign(first, at_);
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool array(Json& out, int depth) {
    out.kind = Json::Kind::array;
    ++at_;
    skip_space();
    if (take(']')) return true;
    do {
      skip_space();
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take(']');
  }

  bool object(Json& out, int depth) {
    out.kind = Json::Kind::object;
    ++at_;
    skip_space();
    if (take('}')) return true;
    do {
      skip_space();
      Json::Member& member = out.members.emplace_back();
      if (at_ == end_ || *at_ != '"' || !string(member.name)) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
      if (!value(member.value, depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take('}');
  }

  bool hex4(std::uint32_t& code) {
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == end_) return false;
      const char c = *at_;
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      code = code * 16 + std::uint32_t(digit);
    }
    return true;
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
      out += char(code);
    } else if (code < 0x800) {
      out += char(0xC0 | code >> 6);
      out += char(0x80 | (code & 63));
    } else if (code < 0x10000) {
      out += char(0xE0 | code >> 12);
      out += char(0x80 | (code >> 6 & 63));
      out += char(0x80 | (code & 63));
    } else {
      out += char(0xF0 | code >> 18);
      out += char(0x80 | (code >> 12 & 63));
      out += char(0x80 | (code >> 6 & 63));
      out += char(0x80 | (code & 63));
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        const std::size_t length = utf8_length({at_ - 1, std::size_t(end_ - at_) + 1});
        if (length == 0) return false;
        out.append(at_ - 1, length);
        at_ += length - 1;
        continue;
      }
      if (at_ == end_) return false;
      constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
      const char escape = *at_++;
      if (const std::size_t which = letters.find(escape); which != std::string_view::npos) {
        out += meanings[which];
        continue;
      }
      std::uint32_t code = 0, low = 0;
      if (escape != 'u' || !hex4(code)) return false;
      if (code >= 0xD800 && code < 0xE000) {  // a pair of surrogates is one character; half of one is none
        if (code >= 0xDC00 || !take("\\u") || !hex4(low) || low < 0xDC00 || low >= 0xE000) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
      append_utf8(out, code);
    }
    return false;
  }
};

}  // namespace detail

/// Parses the whole text into `out`; false if it is not JSON, nested deeper than `deepest`, or of more than 2^20 values.
/// A safetensors header goes three deep: to a number in a shape of a tensor.
inline bool parse_json(std::string_view text, Json& out, int deepest = 3) {
  return detail::JsonReader(text, deepest).document(out);
}

/// The string in quotes, escaped. What is not UTF-8 becomes U+FFFD: readers refuse a header with anything else in it.
inline std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (; !text.empty(); text.remove_prefix(1)) {
    const char c = text[0];
    const std::size_t length = detail::utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (length > 1) {
      out += text.substr(0, length);
      text.remove_prefix(length - 1);
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += "01"[c >> 4 & 1];
      out += "0123456789abcdef"[c & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace ferlab::formats
