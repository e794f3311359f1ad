// SPDX-License-Identifier: MIT
// Text for HTML and SVG: nothing that comes from a file or a command line can become markup.
#pragma once

#include <ferlab/formats/json.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace fer2013::html {

/// `text` for between tags or within "quotes". What is not UTF-8, and control characters, which XML forbids, become
/// U+FFFD.
inline std::string escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = ferlab::formats::detail::utf8_length(text);
    const char c = text[0];
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (length == 0 || control)
      out += "\xEF\xBF\xBD";
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

/// element("p class=\"note\"", inner): `inner` is markup, not text.
inline std::string element(std::string_view open, std::string_view inner) {
  std::string out = "<";
  out.append(open).append(">").append(inner).append("</").append(open.substr(0, open.find(' '))).append(">");
  return out;
}

/// printf's pattern of one double; an en dash for what is not finite. No line breaks between a number and its unit.
inline std::string number(const char* pattern, double value) {
  if (!std::isfinite(value)) return "–";
  char text[400];
  std::snprintf(text, sizeof text, pattern, value);
  std::string out;
  for (const char* c = text; *c; ++c) *c == ' ' ? out += "\u00a0" : out += *c;
  return out;
}

/// 12345 -> "12,345"
inline std::string count(std::int64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// "1 row", "2 rows"
inline std::string count(std::int64_t n, std::string_view what) {
  return count(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// The number as people read it, and all of its digits for programs.
inline std::string data(const char* pattern, double value) {
  return element("data value=\"" + number("%.17g", value) + "\"", number(pattern, value));
}

/// The same of a share from 0 to 1, which people read in percent.
inline std::string percent_data(double share) {
  return element("data value=\"" + number("%.17g", share) + "\"", number("%.2f %%", 100 * share));
}

}  // namespace fer2013::html
