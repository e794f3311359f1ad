// SPDX-License-Identifier: MIT
// The program of a model, op by op: the summary for engineers.
#pragma once

#include <cstdio>
#include <string>

#include "ferlab/model/model.hpp"

namespace ferlab {

namespace detail {

/// What `operands` of an op is handed: writes them as text, "reads v3 w2, writes v4".
struct OperandText {
  std::string text;
  const char* last = "";

  void reads(auto ref) { add("reads", ref); }
  void writes(auto ref) { add("writes", ref); }
  void writes_over(auto ref, auto /*old*/) { add("writes", ref); }
  void changes(auto ref) { add("changes", ref); }
  void scratch(auto ref) { add("scratch", ref); }
  void reports() {}

 private:
  static char letter(ops::Value) { return 'v'; }
  static char letter(ops::Weight) { return 'w'; }
  static char letter(ops::Gradient) { return 'g'; }
  static char letter(auto) { return 't'; }
  void add(const char* verb, auto ref) {
    if (ref.id < 0) return;
    if (last != verb) text += std::string(text.empty() ? "" : ", ") + verb;
    last = verb;
    text += std::string(" ") + letter(ref) + std::to_string(ref.id);
  }
};

inline const char* section_name(int section) {
  constexpr const char* names[ops::section_count] = {"prepare",  "begin",    "forward", "loss",
                                                     "backward", "exchange", "update",  "finish"};
  return names[section];
}

}  // namespace detail

/// A line for each op of a program, in the order they run: its section, name, operands.
/// v: a value, w: a weight, g: a gradient of one, t: anything else.
template <class Program>
std::string listing_of() {
  std::string text;
  for (int s = 0; s < ops::section_count; ++s)
    for (int i = Program::begin(ops::Section(s)); i < Program::end(ops::Section(s)); ++i)
      Program::visit(i, [&]<class Op>(const Op& op) {
        detail::OperandText operands;
        Op::operands(op, operands);
        char line[80];
        std::snprintf(line, sizeof line, "%3d  %-9s %-38s ", i, detail::section_name(s), Op::name);
        text += line + operands.text + "\n";
      });
  return text;
}

/// What runs in a training step of this model with CategoricalCrossentropy and Adam.
template <class M>
std::string program_listing(const M&) {
  return listing_of<typename M::Plan::Training>();
}

}  // namespace ferlab
