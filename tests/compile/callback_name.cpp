// SPDX-License-Identifier: MIT
// A callback that remembers something says what it is called.
// error: ferlab: a callback that remembers something needs a name: static constexpr const char* name
// gcc: Counter
// clang: Counter
#include "ferlab/persistence/saved_callbacks.hpp"
#include "ferlab/train/callback_list.hpp"

struct Counter {
#ifndef MISTAKE
  static constexpr const char* name = "Counter";
#endif
  int epochs = 0;
  void remembers(auto& each) { each("epochs", epochs); }
};

void save(Counter& counter, ferlab::SavedState& state) {
  ferlab::detail::save_callbacks(ferlab::detail::CallbackList(counter), ferlab::StateWriter(state));
}
