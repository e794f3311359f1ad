// SPDX-License-Identifier: MIT
// The outputs of a trained model.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "ferlab/core/error.hpp"
#include "ferlab/model/workspace.hpp"

namespace ferlab {

namespace detail {

/// `outputs` as the model's Scalar, in the backend's memory; `exact` has room for them where they are not.
template <class M>
const typename M::Scalar* exact_outputs(const M& model, const typename M::Element* outputs, std::ptrdiff_t samples,
                                        typename M::Scalar* exact) {
  if constexpr (std::is_same_v<typename M::Element, typename M::Scalar>) {
    return outputs;
  } else {
    convert(model.backend, samples * std::ptrdiff_t(M::output_shape().size()), outputs, exact);
    return exact;
  }
}

}  // namespace detail

/// The outputs for `count` images at `pixels` ([count][height][width][channels], 0..255), prepared as in training:
/// [count][outputs], valid until the workspace's next use. The model is not changed: threads may share it, each
/// with its own workspace. Throws ArgumentError if count exceeds the workspace or the pixels are not that many.
template <class M>
std::span<const typename M::Scalar> predict(const M& model, Workspace<M>& workspace,
                                            std::span<const std::uint8_t> pixels, int count = 1) {
  constexpr std::size_t size = M::input_shape().size(), outputs = M::output_shape().size();
  if (count < 1 || count > workspace.capacity)
    throw ArgumentError("predict: " + std::to_string(count) + " images, the workspace has room for 1 to " +
                        std::to_string(workspace.capacity));
  if (pixels.size() != std::size_t(count) * size)
    throw ArgumentError("predict: expected " + std::to_string(count) + " images of " + to_string(M::input_shape()) +
                        " = " + std::to_string(std::size_t(count) * size) + " pixels, got " +
                        std::to_string(pixels.size()));
  auto& prediction = workspace.prediction;
  const auto& backend = model.backend;
  const bool changed = workspace.tuned_revision != model.revision();
  if (changed) {
    prediction.tune(model.net);
    workspace.tuned_revision = model.revision();
  }
  const auto memory = prediction.memory(model, workspace.work, count);
  prediction.prepare(model, workspace.work, memory);
  const auto run = [&](std::span<const std::uint8_t> from) {
    load_pixels(backend, from, model.preprocessing, workspace.pixels.data(), prediction.input());
    prediction.run(model, ops::Section::forward, memory);
    return prediction.output();
  };
  if constexpr (M::Backend::in_host_memory) {
    return {run(pixels), std::size_t(count) * outputs};
  } else {
    const std::array<const typename M::Scalar*, 2> weights{model.trainable.data(), model.frozen.data()};
    if (workspace.recorded_weights != weights || workspace.recorded_preprocessing != model.preprocessing ||
        workspace.recorded_settings != prediction.tuning().settings) {
      workspace.recorder.forget();
      workspace.recorded_settings = prediction.tuning().settings;
      workspace.recorded_weights = weights;
      workspace.recorded_preprocessing = model.preprocessing;
    }
    std::copy(pixels.begin(), pixels.end(), workspace.host_pixels.data());
    workspace.recorder.run(backend, count, [&] {
      const auto* found = run({workspace.host_pixels.data(), pixels.size()});
      copy_to_host_buffer(backend, std::ptrdiff_t(count) * std::ptrdiff_t(outputs),
                          detail::exact_outputs(model, found, count, workspace.exact_outputs.data()),
                          workspace.host_outputs.data());
    });
    backend.synchronize();
    return {workspace.host_outputs.data(), std::size_t(count) * outputs};
  }
}

}  // namespace ferlab
