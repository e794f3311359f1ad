// SPDX-License-Identifier: MIT
#pragma once

namespace ferlab {

namespace detail {
struct NoHook {
  void operator()(auto&) const {}
};
}  // namespace detail

/// Hooks as lambdas: LambdaCallback{.on_epoch_end = [](auto& t) { ... }}. As keras.callbacks.LambdaCallback.
template <class TrainBegin = detail::NoHook, class EpochBegin = detail::NoHook, class BatchEnd = detail::NoHook,
          class EpochEnd = detail::NoHook, class TrainEnd = detail::NoHook>
struct LambdaCallback {
  TrainBegin on_train_begin{};
  EpochBegin on_epoch_begin{};
  BatchEnd on_train_batch_end{};
  EpochEnd on_epoch_end{};
  TrainEnd on_train_end{};
};

}  // namespace ferlab
