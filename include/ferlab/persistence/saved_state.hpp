// SPDX-License-Identifier: MIT
// What must be remembered over a stop and a resume, as named values that come back bit for bit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/compat.hpp"
#include "ferlab/core/error.hpp"

namespace ferlab {

/// Numbers and strings as text, and arrays of numbers as bytes, under names like "callback_0/best".
struct SavedState {
  std::map<std::string, std::string> values;
  std::map<std::string, std::vector<std::byte>> arrays;
};

/// put("wait", wait) under a prefix; part("callback_0") goes one level deeper.
class StateWriter {
 public:
  explicit StateWriter(SavedState& state, std::string prefix = "") : state_(&state), prefix_(std::move(prefix)) {}

  StateWriter part(std::string_view name) const { return StateWriter(*state_, prefix_ + std::string(name) + "/"); }

  void put(std::string_view name, std::string_view value) const { state_->values[key(name)] = value; }
  void put(std::string_view name, const char* value) const { put(name, std::string_view(value)); }
  void put(std::string_view name, bool value) const { put(name, std::string_view(value ? "1" : "0")); }
  /// Any number; floating-point ones as the shortest text that reads back as the same bits.
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void put(std::string_view name, Number value) const {
    char text[64];
    const auto end = compat::to_chars(text, text + sizeof text, value).ptr;
    put(name, std::string_view(text, std::size_t(end - text)));
  }
  template <class T>
  void put(std::string_view name, std::span<const T> array) const {
    const auto bytes = std::as_bytes(array);
    state_->arrays[key(name)].assign(bytes.begin(), bytes.end());
  }

 private:
  std::string key(std::string_view name) const { return prefix_ + std::string(name); }
  SavedState* state_;
  std::string prefix_;
};

/// The other direction. Throws FormatError that names what is missing or malformed.
class StateReader {
 public:
  explicit StateReader(const SavedState& state, std::string prefix = "") : state_(&state), prefix_(std::move(prefix)) {}

  StateReader part(std::string_view name) const { return StateReader(*state_, prefix_ + std::string(name) + "/"); }

  bool has(std::string_view name) const {
    return state_->values.contains(key(name)) || state_->arrays.contains(key(name));
  }

  bool has_part(std::string_view name) const {
    const std::string begin = key(name) + "/";
    const std::vector<std::string> all = keys();
    return std::any_of(all.begin(), all.end(), [&](const std::string& k) { return k.starts_with(begin); });
  }
  /// Of everything, other parts included.
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [name, value] : state_->values) all.push_back(name);
    for (const auto& [name, bytes] : state_->arrays) all.push_back(name);
    return all;
  }
  [[noreturn]] void fail(std::string_view name, const std::string& what) const {
    throw FormatError("saved state: \"" + key(name) + "\" " + what);
  }
  [[noreturn]] void refuse(const std::string& why) const { throw FormatError("cannot resume: " + why); }

  /// A whole number, at least and at most that.
  std::int64_t get_between(std::string_view name, std::int64_t least, std::int64_t most) const {
    const auto value = get<std::int64_t>(name);
    if (value < least || value > most)
      fail(name, "is " + std::to_string(value) + ", expected " + std::to_string(least) +
                     (least == most ? "" : " to " + std::to_string(most)));
    return value;
  }
  template <class T>
  T get(std::string_view name) const {
    const auto found = state_->values.find(key(name));
    if (found == state_->values.end()) throw FormatError("saved state: expected \"" + key(name) + "\", there is none");
    const std::string& text = found->second;
    if constexpr (std::is_same_v<T, std::string>) {
      return text;
    } else if constexpr (std::is_same_v<T, bool>) {
      if (text != "0" && text != "1") malformed(name, text);
      return text == "1";
    } else {
      T value{};
      const auto [end, error] = compat::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size()) malformed(name, text);
      return value;
    }
  }
  template <class T>
  std::vector<T> get_array(std::string_view name) const {
    const auto found = state_->arrays.find(key(name));
    if (found == state_->arrays.end())
      throw FormatError("saved state: expected array \"" + key(name) + "\", there is none");
    if (found->second.size() % sizeof(T) != 0)
      throw FormatError("saved state: array \"" + key(name) + "\" has " + std::to_string(found->second.size()) +
                        " bytes, not a multiple of " + std::to_string(sizeof(T)));
    std::vector<T> array(found->second.size() / sizeof(T));
    if (!array.empty()) std::memcpy(array.data(), found->second.data(), found->second.size());
    return array;
  }

 private:
  [[noreturn]] void malformed(std::string_view name, const std::string& text) const {
    fail(name, "is malformed: \"" + text + "\"");
  }
  std::string key(std::string_view name) const { return prefix_ + std::string(name); }
  const SavedState* state_;
  std::string prefix_;
};

}  // namespace ferlab
