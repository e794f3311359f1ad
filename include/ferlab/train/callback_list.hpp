// SPDX-License-Identifier: MIT
// The callbacks of one fit, called by name. A callback is any object with some of these; one that is there is called,
// in the order the callbacks were given:
//   on_train_begin(t)      before the first batch
//   on_restore(t)          after all on_train_begin; may set the state back to where an earlier run stopped
//   on_epoch_begin(t)
//   on_train_batch_end(t)
//   on_epoch_end(t)        t.result is complete and stands at the back of t.history
//   on_settled(t)          after all on_train_batch_end; at an epoch's last batch after all on_epoch_end instead. The
//                          state is whole: save here. Where t.ends(), no other on_settled follows
//   on_train_end(t)        all that t.files was given is written
// t is a Training<...>&; a hook that needs no more may take TrainingState&. One that must reach the other callbacks
// takes (t, hooks), where hooks is a CallbackList.
//
// A callback whose variables must outlive a stop and a resume names them, and is told apart from others by its type's
// name and, where there may be several of it, by its identity (persistence/saved_callbacks.hpp):
//   static constexpr const char* name = "BestEpoch";
//   std::string identity() const { return monitor.name; }                          (default: "")
//   void remembers(auto& each) { each("best", best), each("wait", wait); }         the same ones at each call
// A variable is a number, a bool, a string, or a vector of numbers. each(name, variable, check) refuses a file in which
// check(value) is false.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

namespace ferlab::detail {

template <class... Callbacks>
class CallbackList {
  static_assert(!(std::is_const_v<Callbacks> || ...), "ferlab: a callback must not be const: its hooks change it");

 public:
  explicit CallbackList(Callbacks&... callbacks) : callbacks_(callbacks...) {}

  /// Is it an object with at least one of the hooks?
  template <class Callback, class Training>
  static constexpr bool is_callback =
#define FERLAB_HAS(hook)                                            \
  requires(Callback & callback, Training & t) { callback.hook(t); } \
  || requires(Callback & callback, Training & t, CallbackList & all) { callback.hook(t, all); }
      FERLAB_HAS(on_train_begin) || FERLAB_HAS(on_restore) || FERLAB_HAS(on_epoch_begin) ||
      FERLAB_HAS(on_train_batch_end) || FERLAB_HAS(on_epoch_end) || FERLAB_HAS(on_settled) || FERLAB_HAS(on_train_end);
#undef FERLAB_HAS

#define FERLAB_HOOK(hook)                                  \
  template <class Training>                                \
  void hook(Training& t) {                                 \
    for_each([&](auto& callback) {                         \
      if constexpr (requires { callback.hook(t, *this); }) \
        callback.hook(t, *this);                           \
      else if constexpr (requires { callback.hook(t); })   \
        callback.hook(t);                                  \
    });                                                    \
  }
  FERLAB_HOOK(on_train_begin)
  FERLAB_HOOK(on_restore)
  FERLAB_HOOK(on_epoch_begin)
  FERLAB_HOOK(on_train_batch_end)
  FERLAB_HOOK(on_epoch_end)
  FERLAB_HOOK(on_settled)
  FERLAB_HOOK(on_train_end)
#undef FERLAB_HOOK

  /// f(callback), one after the other.
  template <class F>
  void for_each(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::get<I>(callbacks_)), ...); }
    (std::index_sequence_for<Callbacks...>{});
  }

 private:
  std::tuple<Callbacks&...> callbacks_;
};

}  // namespace ferlab::detail
