// SPDX-License-Identifier: MIT
// The user's numbers when the program runs. The network is lowered once more, to a Tuning instead of a Graph: it notes
// settings, initializers and penalties in the order in which they come, and nothing else is left of the code.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/model/lowering.hpp"

namespace ferlab::detail {

/// One number, and where it comes from.
struct NamedSetting {
  const char* name;
  float value;
  int layer;             ///< of the user's; -1: of the loss, a metric or the optimizer
  ops::Section section;  ///< where it was asked for
};

struct Tuning : Lowering {
  ops::Section section = ops::Section::forward;
  std::vector<NamedSetting> named;
  std::vector<float> settings;  ///< as `named`: what ops read
  std::vector<Initializer> initializers;
  std::vector<L2> penalties;

  /// Keeps its memory.
  void clear() { named.clear(), settings.clear(), initializers.clear(), penalties.clear(), layer = -1; }

  /// Throws ArgumentError for a number out of its range.
  [[gnu::noinline]] ops::Setting setting(const char* name, float value, ops::SettingRange range = {}) {
    check(name, value, range);
    named.push_back({name, value, layer, section});
    settings.push_back(value);
    return {};
  }
  ops::Weight weight(const Parameter&, Initializer initializer, L2 penalty = {}) { return note(initializer, penalty); }
  [[gnu::noinline]] ops::Weight note(Initializer initializer, L2 penalty) {
    initializers.push_back(initializer);
    penalties.push_back(penalty);
    return {};
  }
  void begin(ops::Section next) {
    Lowering::begin(next);
    section = next;
  }

 private:
  void check(const char* name, float value, ops::SettingRange range) const {
    if (value >= range.least && (range.below_most ? value < range.most : value <= range.most)) return;
    char owner[80], expected[80], text[300];
    if (layer >= 0)
      std::snprintf(owner, sizeof owner, "layer %d (%s)", layer + 1, layer_name);
    else
      std::snprintf(owner, sizeof owner, "the %s", section == ops::Section::loss ? "loss" : "optimizer");
    if (range.most != ops::any_number.most)
      std::snprintf(expected, sizeof expected, "from %g to %s%g", double(range.least), range.below_most ? "below " : "",
                    double(range.most));
    else if (range.least != ops::any_number.least)
      std::snprintf(expected, sizeof expected, "of at least %g", double(range.least));
    else
      std::snprintf(expected, sizeof expected, "that is finite");
    std::snprintf(text, sizeof text, "%s: expected %s %s, got %g", owner, name, expected, double(value));
    throw ArgumentError(text);
  }
};

}  // namespace ferlab::detail
