// SPDX-License-Identifier: MIT
// Lines and fields of a CSV, whatever separates them; and what a file is that is none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ferlab::datasets::detail {

/// Text from a file as it may stand in a message: short and printable.
inline std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 20)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 20 ? "...'" : "'");
}

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  return lower;
}

inline std::string_view trimmed(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

/// Takes the next line, without its LF or CRLF, off the front of `text`.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t length = text.find('\n');
  std::string_view line = text.substr(0, length);
  text.remove_prefix(length == text.npos ? text.size() : length + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// Splits a line at `separator` into `fields`, each without blanks and quotes around it. Returns what is wrong, or
/// nothing.
inline std::string split_fields(std::string_view line, char separator, std::vector<std::string_view>& fields) {
  fields.clear();
  for (bool more = true; more;) {
    while (!line.empty() && is_blank(line.front()) && line.front() != separator) line.remove_prefix(1);
    const bool in_quotes = !line.empty() && line.front() == '"';
    if (in_quotes) {
      const std::size_t close = line.find('"', 1);
      if (close == line.npos) return "a quote is opened and not closed";
      fields.push_back(trimmed(line.substr(1, close - 1)));
      line.remove_prefix(close + 1);
    }
    const std::size_t end = line.find(separator);
    const std::string_view rest = trimmed(line.substr(0, end));
    if (!in_quotes)
      fields.push_back(rest);
    else if (!rest.empty())
      return "unexpected " + quoted(rest) + " after a quoted field";
    more = end != line.npos;
    line.remove_prefix(more ? end + 1 : line.size());
  }
  return {};
}

/// A whole number up to `most`, maybe with zeros behind a point: 7, 007, 7.0. False for anything else.
inline bool whole_number(std::string_view text, unsigned most, unsigned& value) {
  std::size_t i = 0;
  for (value = 0; i < text.size() && is_digit(text[i]); ++i) {
    value = value * 10 + unsigned(text[i] - '0');
    if (value > most) return false;
  }
  if (i == 0) return false;
  if (i == text.size()) return true;
  return text[i] == '.' && i + 1 < text.size() && text.find_first_not_of('0', i + 1) == text.npos;
}

/// What a text is that cannot be a CSV, and what to do: "a gzip archive; gunzip it first". Nothing where it may be one.
inline std::string_view not_a_csv(std::string_view text) {
  struct Kind {
    std::string_view beginning, what;
    std::size_t at = 0;
  };
  static constexpr Kind kinds[] = {
      {"PK\x03\x04", "a zip archive or an Excel workbook; unzip it first, or save the sheet as CSV"},
      {"\x1f\x8b", "a gzip archive; gunzip it first"},
      {"BZh", "a bzip2 archive; bunzip2 it first"},
      {"\xfd"
       "7zXZ",
       "an xz archive; unxz it first"},
      {"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"},
      {"Rar!", "a RAR archive; unpack it first"},
      {"ustar", "a tar archive; unpack it first (tar xf)", 257},
      {"\xff\xfe", "UTF-16 text; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
      {"\xfe\xff", "UTF-16 text; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
      {"\x89PNG", "a PNG picture"},
      {"\xff\xd8\xff", "a JPEG picture"},
      {"%PDF", "a PDF document"},
      {"PAR1", "a Parquet file; convert it to CSV first"},
      {"version https://git-lfs", "a Git LFS pointer; fetch the file itself (git lfs pull)"},
  };
  for (const Kind& kind : kinds)
    if (text.size() > kind.at && text.substr(kind.at).starts_with(kind.beginning)) return kind.what;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != text.npos && text[first] == '<') return "a web page, perhaps of a download that asks for a login";
  if (first != text.npos && text[first] == '{') return "JSON, not CSV";
  return {};
}

}  // namespace ferlab::datasets::detail
