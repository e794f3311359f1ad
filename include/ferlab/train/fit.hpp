// SPDX-License-Identifier: MIT
// fit: the loop of epochs and batches, and the moments at which callbacks are called (train/callback_list.hpp).
#pragma once

#include <chrono>

#include "ferlab/train/callback_list.hpp"
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

}  // namespace detail

/// Trains the model on `train`; after each epoch scores it on `validation` (which may be empty). Measures the metrics
/// besides the loss. Returns what was measured; after Ctrl-C, up to then. Throws ArgumentError or DataError where data
/// and network do not fit, TrainingError where the loss is no longer finite, and what callbacks throw; files that were
/// begun are then written to their end.
template <class M, class Optimizer, class Loss, class... Ms, class... Callbacks>
History fit(M& model, const Optimizer& optimizer, const Loss& loss, const data::Dataset& train,
            const data::Dataset& validation, FitOptions options, Metrics<Ms...>, Callbacks&&... callbacks) {
  if (options.epochs < 1 || options.batch_size < 1)
    throw ArgumentError("fit: expected at least 1 epoch and a batch size of at least 1, got " +
                        std::to_string(options.epochs) + " and " + std::to_string(options.batch_size));
  detail::check_data<M>(train, "fit", true);
  if (!validation.empty()) detail::check_data<M>(validation, "fit (validation)", true);

  using Hooks = detail::CallbackList<std::remove_reference_t<Callbacks>...>;
  static_assert((Hooks::template is_callback<Callbacks, Training<M, Optimizer, Loss, Ms...>> && ...),
                "ferlab: after Metrics{...} fit takes callbacks, with at least one hook each: on_epoch_end(t), ...");

  Training<M, Optimizer, Loss, Ms...> t(model, optimizer, loss, train, validation, options.batch_size);
  t.epochs = options.epochs;
  t.seed = options.seed;
  t.shuffles = options.shuffle;
  t.augment(options.augmentation);
  t.history.epochs.reserve(std::size_t(options.epochs));
  Hooks hooks(callbacks...);
  detail::ProgressDisplay display(options.progress);
  detail::InterruptGuard guard;

  hooks.on_train_begin(t);
  hooks.on_restore(t);
  if (model.class_names.empty()) model.class_names = train.class_names();
  // The one place where a run may end: Ctrl-C is looked at before on_settled, so that t.ends() is right there.
  const auto settle = [&] {
    t.files.check();
    t.interrupted = detail::InterruptGuard::interrupted();
    hooks.on_settled(t);
  };
  while (!t.ends()) {
    const auto start = std::chrono::steady_clock::now();
    const std::int64_t seen_before = t.seen;  // not 0 where a run that stopped inside this epoch is resumed
    if (t.batch == 0) hooks.on_epoch_begin(t);
    t.begin_epoch();
    display.epoch_begins(t);
    while (t.batch < t.batches && !t.interrupted) {
      t.train_batch();
      hooks.on_train_batch_end(t);
      display.batch_ended(t);
      if (t.batch < t.batches) settle();
    }
    t.synchronize();
    if (t.batch < t.batches) break;
    t.result.images_per_second = double(t.seen - seen_before) / detail::seconds_since(start);
    if (!validation.empty()) {
      const Evaluation<Ms...> found = t.validate();
      t.result.val_loss = found.loss;
      std::copy(found.metrics.begin(), found.metrics.end(), t.result.val_metrics.begin());
    }
    t.result.seconds = detail::seconds_since(start);
    t.history.epochs.push_back(t.result);
    hooks.on_epoch_end(t);
    display.epoch_ended(t);
    t.batch = 0;
    t.loss_sum = 0;
    t.metric_sums = {};
    t.seen = 0;
    t.result = {};
    ++t.epoch;  // what is saved now goes on with the next epoch
    settle();
  }
  t.files.finish();
  hooks.on_train_end(t);
  t.files.finish();  // those of on_train_end
  guard.end();
  t.history.interrupted = t.interrupted = detail::InterruptGuard::interrupted();
  if (t.interrupted) display.interrupted(t);
  return std::move(t.history);
}

/// The same with the metrics that suit the loss: accuracy for class labels.
template <class M, class Optimizer, class Loss, class... Callbacks>
History fit(M& model, const Optimizer& optimizer, const Loss& loss, const data::Dataset& train,
            const data::Dataset& validation, FitOptions options, Callbacks&&... callbacks) {
  return fit(model, optimizer, loss, train, validation, options, detail::DefaultMetrics<Loss>{},
             std::forward<Callbacks>(callbacks)...);
}

/// The same with no validation data.
template <class M, class Optimizer, class Loss, class... Rest>
History fit(M& model, const Optimizer& optimizer, const Loss& loss, const data::Dataset& train, FitOptions options,
            Rest&&... metrics_and_callbacks) {
  return fit(model, optimizer, loss, train, data::Dataset{}, options, std::forward<Rest>(metrics_and_callbacks)...);
}

}  // namespace ferlab
