// SPDX-License-Identifier: MIT
// The config of one layer of Keras's, read field by field. A field that is missing has Keras's default.
#pragma once

#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/compat.hpp"
#include "ferlab/exchange/shapes.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/safetensors.hpp"

namespace ferlab::exchange::detail {

using formats::Json;

/// Every complaint says which field, what was expected and what came; the caller adds the layer.
class KerasFields {
 public:
  explicit KerasFields(const Json& config) : config_(config) {}

  /// nullptr where the field is missing or null.
  const Json* find(std::string_view key) const {
    const Json* value = config_.find(key);
    return value && !value->is(Json::Kind::null) ? value : nullptr;
  }
  [[noreturn]] static void fail(std::string_view key, const std::string& expected, const Json* got) {
    throw FormatError(std::string(key) + ": expected " + expected + ", got " + formats::detail::shown(got));
  }

  int integer(std::string_view key) const {
    const Json* value = find(key);
    if (!value) fail(key, "a number", value);
    return whole(key, *value);
  }
  /// 3, or [3, 3].
  int square(std::string_view key, int otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (!value->is(Json::Kind::array)) return whole(key, *value);
    if (value->items.size() != 2 || whole(key, value->items[0]) != whole(key, value->items[1]))
      fail(key, "two equal numbers", value);
    return whole(key, value->items[0]);
  }
  float number(std::string_view key, float otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    float found = 0;
    const char *first = value->text.data(), *last = first + value->text.size();
    if (!value->is(Json::Kind::number) || compat::from_chars(first, last, found).ec != std::errc{})
      fail(key, "a number", value);
    return found;
  }
  bool boolean(std::string_view key, bool otherwise) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (!value->is(Json::Kind::boolean)) fail(key, "true or false", value);
    return value->text == "true";
  }
  std::string text(std::string_view key, std::string_view otherwise) const {
    const Json* value = find(key);
    if (!value) return std::string(otherwise);
    if (!value->is(Json::Kind::string)) fail(key, "a string", value);
    return value->text;
  }
  /// FormatError where the field says anything but `only`.
  void require(std::string_view key, std::string_view only) const {
    const Json* value = find(key);
    if (value && text(key, only) != only) fail(key, "\"" + std::string(only) + "\", all that ferlab has", value);
  }
  void require_one(std::string_view key) const {
    if (square(key, 1) != 1) fail(key, "1, all that ferlab has", find(key));
  }
  void require_null(std::string_view key) const {
    if (const Json* value = find(key)) fail(key, "null: ferlab has no such thing", value);
  }
  Padding padding() const {
    const std::string found = text("padding", "valid");
    if (found != "valid" && found != "same") fail("padding", "\"valid\" or \"same\"", find("padding"));
    return found == "same" ? Padding::same : Padding::valid;
  }

 private:
  const Json& config_;

  static int whole(std::string_view key, const Json& value) {
    int found = 0;
    const char *first = value.text.data(), *last = first + value.text.size();
    const auto [end, error] = std::from_chars(first, last, found);
    if (!value.is(Json::Kind::number) || error != std::errc{} || end != last) fail(key, "a whole number", &value);
    return found;
  }
};

}  // namespace ferlab::exchange::detail
