// SPDX-License-Identifier: MIT
// fit: the loop of epochs and batches, and the moments at which callbacks are called.
//
// A callback is any object with some of these; one that is there is called, in the order the callbacks were given:
//   on_train_begin(t)      before the first batch; may set the state back to where an earlier run stopped
//   on_epoch_begin(t)
//   on_train_batch_end(t)
//   on_epoch_end(t)        t.result is complete and stands at the back of t.history
//   on_settled(t)          after all on_epoch_end, and when Ctrl-C ended the run inside an epoch: save here
//   on_train_end(t)
//   save(StateWriter&) const, load(const StateReader&)
//                          what the callback itself must remember over a stop and a resume
// t is a Training<...>&; a hook that needs no more may take TrainingState&. One that must save or load what the others
// remember takes (t, hooks) and calls hooks.save(writer) or hooks.load(reader).
#pragma once

#include <chrono>

#include "ferlab/train/interrupt.hpp"
#include "ferlab/train/progress.hpp"
#include "ferlab/train/training.hpp"

namespace ferlab {

struct FitOptions {
  int epochs = 1;
  int batch_size = 32;
  std::uint64_t seed = 0;  ///< of shuffles and dropout
  bool shuffle = true;
  data::Augmentation augmentation{};  ///< of the training images
  Progress progress = Progress::automatic;
};

namespace detail {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The callbacks of one fit, called by name.
template <class... Callbacks>
class CallbackList {
 public:
  explicit CallbackList(Callbacks&... callbacks) : callbacks_(callbacks...) {}

// A hook takes (t), or (t, hooks) where it must reach the other callbacks' memory.
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
  FERLAB_HOOK(on_epoch_begin)
  FERLAB_HOOK(on_train_batch_end)
  FERLAB_HOOK(on_epoch_end)
  FERLAB_HOOK(on_settled)
  FERLAB_HOOK(on_train_end)
#undef FERLAB_HOOK

  /// What all callbacks must remember, each under its place in the list.
  template <class Writer>
  void save(Writer& writer) const {
    int place = 0;
    for_each([&](const auto& callback) {
      const auto part = writer.part("callback_" + std::to_string(place++));
      if constexpr (requires { callback.save(part); }) callback.save(part);
    });
  }
  template <class Reader>
  void load(const Reader& reader) {
    int place = 0;
    for_each([&](auto& callback) {
      const auto part = reader.part("callback_" + std::to_string(place++));
      if constexpr (requires { callback.load(part); }) callback.load(part);
    });
  }

 private:
  std::tuple<Callbacks&...> callbacks_;
  template <class F>
  void for_each(F&& f) const {
    std::apply([&](auto&... callback) { (f(callback), ...); }, callbacks_);
  }
};

}  // namespace detail

/// Trains the model on `train`; after each epoch scores it on `validation` (which may be empty). Returns what was
/// measured. Throws ArgumentError or DataError where data and network do not fit, TrainingError where the loss is no
/// longer a number.
template <class M, class Optimizer, class Loss, class... Callbacks>
History fit(M& model, const Optimizer& optimizer, const Loss& loss, const data::Dataset& train,
            const data::Dataset& validation, FitOptions options, Callbacks&&... callbacks) {
  if (options.epochs < 1 || options.batch_size < 1)
    throw ArgumentError("fit: expected at least 1 epoch and a batch size of at least 1, got " +
                        std::to_string(options.epochs) + " and " + std::to_string(options.batch_size));
  detail::check_data<M>(train, "fit", true);
  if (!validation.empty()) detail::check_data<M>(validation, "fit (validation)", true);
  if (model.class_names.empty()) model.class_names = train.class_names();

  Training<M, Optimizer, Loss> t(model, optimizer, loss, train, validation, options.batch_size);
  t.epochs = options.epochs;
  t.seed = options.seed;
  t.shuffles = options.shuffle;
  t.augmenter = data::Augmenter(options.augmentation, M::input_shape());
  t.history.epochs.reserve(std::size_t(options.epochs));
  detail::CallbackList<std::remove_reference_t<Callbacks>...> hooks(callbacks...);
  ProgressDisplay display(options.progress);
  const InterruptGuard guard;

  hooks.on_train_begin(t);
  for (; t.epoch < t.epochs && !t.stop; ++t.epoch) {
    const auto start = std::chrono::steady_clock::now();
    const std::int64_t seen_before = t.seen;  // not 0 where a run that stopped inside this epoch is resumed
    if (t.batch == 0) hooks.on_epoch_begin(t);
    t.begin_epoch();
    display.epoch_begins(t);
    while (t.batch < t.batches && !t.interrupted) {
      t.train_batch();
      hooks.on_train_batch_end(t);
      display.batch_ended(t);
      t.interrupted = InterruptGuard::interrupted();
    }
    t.synchronize();
    if (t.batch < t.batches) break;
    t.result.images_per_second = double(t.seen - seen_before) / detail::seconds_since(start);
    if (!validation.empty()) {
      const Evaluation found = t.validate();
      t.result.val_loss = found.loss;
      t.result.val_accuracy = found.accuracy;
    }
    t.result.seconds = detail::seconds_since(start);
    t.history.epochs.push_back(t.result);
    hooks.on_epoch_end(t);
    display.epoch_ended(t);
    t.batch = 0;
    t.loss_sum = 0;
    t.correct = t.seen = 0;
    t.result = {};
    ++t.epoch;
    hooks.on_settled(t);
    --t.epoch;
    if (t.interrupted) break;
  }
  t.history.interrupted = t.interrupted;
  if (t.interrupted) {
    if (t.batch > 0) hooks.on_settled(t);
    display.interrupted(t);
  }
  hooks.on_train_end(t);
  return std::move(t.history);
}

/// The same with no validation data.
template <class M, class Optimizer, class Loss, class... Callbacks>
History fit(M& model, const Optimizer& optimizer, const Loss& loss, const data::Dataset& train, FitOptions options,
            Callbacks&&... callbacks) {
  return fit(model, optimizer, loss, train, data::Dataset{}, options, std::forward<Callbacks>(callbacks)...);
}

}  // namespace ferlab
