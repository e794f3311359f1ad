// SPDX-License-Identifier: MIT
#pragma once

namespace ferlab {

/// What BatchNorm learns of a batch, [channels] each: its mean and 1 / sqrt(its variance + epsilon), which are written,
/// and the running mean and variance, which it moves: moving = momentum * moving + (1 - momentum) * batch.
template <class T>
struct BatchStatistics {
  T epsilon, momentum;
  T *mean, *inv_std, *moving_mean, *moving_variance;
};

}  // namespace ferlab
