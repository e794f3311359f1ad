// SPDX-License-Identifier: MIT
// What is known of a network before the program runs. Usable in static_assert.
#pragma once

#include "ferlab/losses/categorical_crossentropy.hpp"
#include "ferlab/metrics/accuracy.hpp"
#include "ferlab/model/parameter_table.hpp"
#include "ferlab/model/programs.hpp"
#include "ferlab/optimizers/adam.hpp"

namespace ferlab {

/// Everything about running Net on Backend in T that does not depend on data: its weights, and the memory of its
/// programs. Training is the program of a step with CategoricalCrossentropy and Adam; another loss or optimizer may
/// need a little more or less per sample.
template <class Net, class Backend, class T = float>
struct Plan {
  static constexpr auto& parameters = parameter_table<Net>;
  static constexpr std::size_t trainable_count = parameters.trainable;
  static constexpr std::size_t parameter_count = parameters.trainable + parameters.frozen;

  using Element = typename Backend::template Element<T>;
  using Inference = detail::Program<detail::Prediction<Net>, Backend, Element, T>;
  using Training =
      detail::Program<detail::TrainingStep<Net, CategoricalCrossentropy, Adam, Accuracy>, Backend, Element, T>;
};

/// Bytes per sample, as the plan of a network on a backend found them: training_bytes_per_sample<decltype(net), Cpu>.
template <class Net, class Backend, class T = float>
inline constexpr std::size_t training_bytes_per_sample = Plan<Net, Backend, T>::Training::size.sample_bytes;
template <class Net, class Backend, class T = float>
inline constexpr std::size_t inference_bytes_per_sample = Plan<Net, Backend, T>::Inference::size.sample_bytes;

}  // namespace ferlab
