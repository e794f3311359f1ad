// SPDX-License-Identifier: MIT
// What callbacks remember, in a SavedState. Reading goes in two halves: parsing, which may throw and changes nothing,
// and committing, which cannot fail.
#pragma once

#include <any>
#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferlab/persistence/saved_state.hpp"

namespace ferlab::detail {

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// Writes each variable.
struct VariableWriter {
  StateWriter to;
  template <class T>
  void operator()(std::string_view name, const T& variable, const auto&... /*check*/) const {
    if constexpr (is_vector<T>)
      to.put(name, std::span<const typename T::value_type>(variable));
    else
      to.put(name, variable);
  }
};

/// Reads a value for each variable; the variable stays as it is. Throws FormatError.
struct VariableParser {
  StateReader from;
  bool empty_vectors_are_written;  ///< not in files of version 0.1
  std::map<std::string, std::any> values{};

  template <class T>
  void operator()(const char* name, T&, const auto&... check) {
    T value{};
    if constexpr (is_vector<T>) {
      if (empty_vectors_are_written || from.has(name)) value = from.get_array<typename T::value_type>(name);
    } else {
      value = from.get<T>(name);
    }
    if (!(check(std::as_const(value)) && ...)) from.fail(name, "does not fit this run");
    values[name] = std::move(value);
  }
};

/// Gives each variable its parsed value.
struct VariableSetter {
  std::map<std::string, std::any>& values;
  template <class T>
  void operator()(std::string_view name, T& variable, const auto&... /*check*/) const noexcept {
    for (auto& [key, value] : values)
      if (key == name)
        if (T* parsed = std::any_cast<T>(&value)) variable = std::move(*parsed);
  }
};

template <class Callback>
concept Remembers = requires(Callback& callback, VariableParser& each) {
  callback.remembers(each);
};

template <class Callback>
constexpr void check_callback() {
  static_assert(
      !requires(Callback & callback, const StateReader& reader) { callback.load(reader); },
      "ferlab: load and save of a callback are not called; it names its variables in remembers(each), see "
      "train/callback_list.hpp");
  if constexpr (Remembers<Callback>)
    static_assert(
        requires { std::string_view(Callback::name); },
        "ferlab: a callback that remembers something needs a name: static constexpr const char* name");
}

/// How a file tells callbacks apart: "EarlyStopping (val_loss)".
template <class Callback>
std::string callback_title(const Callback& callback) {
  std::string title = Callback::name;
  if constexpr (requires { callback.identity(); })
    if (const std::string identity = callback.identity(); !identity.empty()) title += " (" + identity + ")";
  return title;
}

/// f(callback, place among all callbacks) for those that remember something.
template <class Hooks, class F>
void for_each_remembering(const Hooks& hooks, F&& f) {
  int place = 0;
  hooks.for_each([&]<class Callback>(Callback& callback) {
    check_callback<Callback>();
    if constexpr (Remembers<Callback>) f(callback, place);
    ++place;
  });
}

inline std::string callback_key(int i) { return "callback_" + std::to_string(i); }

/// "callbacks/count", "callbacks/0": who; "callback_0/...": its variables.
template <class Hooks>
void save_callbacks(const Hooks& hooks, const StateWriter& to) {
  const StateWriter list = to.part("callbacks");
  int count = 0;
  for_each_remembering(hooks, [&](auto& callback, int) {
    list.put(std::to_string(count), callback_title(callback));
    VariableWriter each{to.part(callback_key(count++))};
    callback.remembers(each);
  });
  list.put("count", count);
}

/// What save_callbacks wrote, for the callbacks of this run: each gets what one of its type and identity remembered,
/// those that cannot be told apart in their order.
class ParsedCallbacks {
 public:
  /// Throws FormatError where something is missing, malformed, or belongs to a callback that this run does not have.
  template <class Hooks>
  ParsedCallbacks(const Hooks& hooks, const StateReader& from) {
    const StateReader list = from.part("callbacks");
    std::vector<std::string> titles(std::size_t(list.get_between("count", 0, 10000)));
    for (std::size_t i = 0; i < titles.size(); ++i) titles[i] = list.get<std::string>(std::to_string(i));
    std::vector<bool> used(titles.size());
    for_each_remembering(hooks, [&](auto& callback, int) {
      const std::string title = callback_title(callback);
      std::size_t i = 0;
      while (i < titles.size() && (used[i] || titles[i] != title)) ++i;
      if (i == titles.size()) from.refuse("this run has the callback " + title + ", the run in the file did not");
      used[i] = true;
      parse(callback, from.part(callback_key(int(i))), true);
    });
    for (std::size_t i = 0; i < titles.size(); ++i)
      if (!used[i]) from.refuse("the run in the file had the callback " + titles[i] + ", this one has not");
  }

  /// The same from a file of version 0.1, which knew callbacks by their place.
  struct ByPlace {};
  template <class Hooks>
  ParsedCallbacks(const Hooks& hooks, const StateReader& from, ByPlace) {
    std::vector<std::string> mine;
    for_each_remembering(hooks, [&](auto& callback, int place) {
      mine.push_back(callback_key(place) + "/");
      if (!from.has_part(callback_key(place)))
        from.refuse("this run's callback " + std::to_string(place + 1) + " is " + callback_title(callback) +
                    ", the run in the file had none that remembers at that place");
      parse(callback, from.part(callback_key(place)), false);
    });
    for (const std::string& key : from.keys())
      if (key.starts_with("callback_") &&
          std::none_of(mine.begin(), mine.end(), [&](const std::string& part) { return key.starts_with(part); }))
        from.refuse("the run in the file remembers \"" + key + "\", this one has no callback at that place");
  }

  template <class Hooks>
  void commit(const Hooks& hooks) noexcept {
    std::size_t next = 0;
    for_each_remembering(hooks, [&](auto& callback, int) {
      VariableSetter each{values_[next++]};
      callback.remembers(each);
    });
  }

 private:
  std::vector<std::map<std::string, std::any>> values_;  // of those that remember, in the order of this run

  void parse(auto& callback, const StateReader& from, bool empty_vectors_are_written) {
    VariableParser each{from, empty_vectors_are_written};
    callback.remembers(each);
    values_.push_back(std::move(each.values));
  }
};

}  // namespace ferlab::detail
