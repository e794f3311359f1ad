// SPDX-License-Identifier: MIT
// Running a trained model over data: evaluate for a score, predict for the outputs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/losses/categorical_crossentropy.hpp"
#include "ferlab/model/batch_source.hpp"
#include "ferlab/model/execute.hpp"
#include "ferlab/model/step_runner.hpp"

namespace ferlab {

/// Mean loss over the samples, L2 penalties included, and the share of samples whose largest output is their label's.
struct Evaluation {
  double loss = 0, accuracy = 0;
};

namespace detail {

template <class M, class Loss>
inline constexpr bool fuses_softmax =
    Loss::fuses_softmax&& M::Plan::stages[M::Plan::stage_count - 1].count == 1 &&
    std::string_view(LayerTraits<typename M::Network::List::template at<M::Network::List::size - 1>>::name) ==
        "softmax";

/// How far the network runs by itself under this loss.
template <class M, class Loss>
inline constexpr Until until = fuses_softmax<M, Loss> ? Until::logits : Until::output;

/// The network's output, the loss (added to workspace.metrics) and, in training, the loss's gradient, from where the
/// passes end.
template <class M, class Loss>
void apply_loss(const M& model, Workspace<M>& workspace, const Loss& loss, int batch, const std::uint8_t* labels,
                bool training) {
  using T = typename M::Scalar;
  using V = typename M::Value;
  constexpr int classes = int(M::output_shape().size());
  constexpr Until end = until<M, Loss>;
  V* const gradient = training ? output_gradient(model, workspace, batch, end) : nullptr;
  V* const outputs = output_of(model, workspace, batch, training);
  const T scale = T(1) / T(batch);
  if constexpr (fuses_softmax<M, Loss>)
    loss.from_logits(bare(model.backend), batch, classes, output_of(model, workspace, batch, training, end), labels,
                     scale, outputs, gradient, workspace.metrics.data(), workspace.loss_scratch.data());
  else
    loss(bare(model.backend), batch, classes, outputs, labels, scale, gradient, workspace.metrics.data(),
         workspace.loss_scratch.data());
}

/// What `infer` or the loss left at output_of(...), as the model's Scalar, in the backend's memory: [batch][outputs].
template <class M>
const typename M::Scalar* exact_outputs(const M& model, Workspace<M>& workspace, int batch) {
  const auto* outputs = output_of(model, workspace, batch);
  if constexpr (std::is_same_v<typename M::Value, typename M::Scalar>) {
    return outputs;
  } else {
    convert(bare(model.backend), std::ptrdiff_t(batch) * std::ptrdiff_t(M::output_shape().size()), outputs,
            workspace.exact_outputs.data());
    return workspace.exact_outputs.data();
  }
}

template <class M>
void outputs_to_host(const M& model, Workspace<M>& workspace, int batch, typename M::Scalar* host) {
  copy_to_host(bare(model.backend), std::ptrdiff_t(batch) * std::ptrdiff_t(M::output_shape().size()),
               exact_outputs(model, workspace, batch), host);
}

/// Throws where `data` cannot enter `M`: another image size, more classes than outputs, or (if needed) labels missing.
template <class M>
void check_data(const data::Dataset& data, const char* what, bool needs_labels) {
  if (data.empty()) throw ArgumentError(std::string(what) + ": the data set is empty");
  if (data.shape() != M::input_shape())
    throw ArgumentError(std::string(what) + ": the network takes images of " + to_string(M::input_shape()) +
                        ", the data has " + to_string(data.shape()));
  if (!needs_labels) return;
  if (std::size_t(data.classes()) > M::output_shape().size())
    throw ArgumentError(std::string(what) + ": the network has " + std::to_string(M::output_shape().size()) +
                        " outputs, the data has " + std::to_string(data.classes()) + " classes");
  for (std::size_t i = 0; i < data.size(); ++i)
    if (data.label(i) == data::no_label)
      throw DataError(std::string(what) + ": image " + std::to_string(i) + " of the data set has no label");
}

/// f(first, count) for every batch of `size` images, in order.
template <class F>
void for_each_batch(std::size_t size, int capacity, F&& f) {
  for (std::size_t first = 0; first < size; first += std::size_t(capacity))
    f(first, int(std::min(std::size_t(capacity), size - first)));
}

/// What scoring a data set over and over needs besides the workspace.
template <class M>
struct Scoring {
  using Backend = Bare<typename M::Backend>;
  BatchSource<Backend> images;
  StepRunner<Backend> runner;
  std::size_t size;

  Scoring(const M& model, Workspace<M>& workspace, const data::Dataset& data)
      : images(bare(model.backend), data, workspace.capacity),
        runner(bare(model.backend), workspace.state.data(), workspace.metrics.data()),
        size(data.size()) {}
};

/// `all`: where the outputs go, [image][outputs], or nullptr.
template <class M, class Loss>
Evaluation evaluate(const M& model, Workspace<M>& workspace, Scoring<M>& scoring, const Loss& loss,
                    std::span<const Segment> segments, typename M::Scalar* all = nullptr) {
  const auto& backend = bare(model.backend);
  prepare(model, workspace);
  set_state(model, workspace, {});
  for_each_batch(scoring.size, workspace.capacity, [&](std::size_t first, int count) {
    scoring.runner.run(backend, count, [&] {
      const std::uint8_t* labels = scoring.images.fill(backend, workspace.state.data(), count, model.preprocessing, {},
                                                       input_of(model, workspace, count));
      infer(model, workspace, count, until<M, Loss>);
      apply_loss(model, workspace, loss, count, labels, false);
      end_step(backend, workspace.state.data());
    });
    if (all) outputs_to_host(model, workspace, count, all + first * M::output_shape().size());
  });
  add_penalty(backend, segments, model.trainable.data(), std::int64_t(scoring.size), workspace.metrics.data(),
              workspace.sums.data());
  const StepMetrics found = scoring.runner.finish(backend).metrics;
  return {found.loss_sum / double(scoring.size), double(found.correct) / double(scoring.size)};
}

}  // namespace detail

/// Scores the model on labelled data. Throws ArgumentError or DataError where the data does not fit.
template <class M, class Loss = CategoricalCrossentropy>
Evaluation evaluate(const M& model, const data::Dataset& data, const Loss& loss = {}, int batch_size = 64) {
  detail::check_data<M>(data, "evaluate", true);
  Workspace<M> workspace(model, batch_size);
  detail::Scoring<M> scoring(model, workspace, data);
  return detail::evaluate(model, workspace, scoring, loss, model.segments());
}

/// The same, and what predict would give, in one pass over the images: `outputs` becomes [image][outputs].
template <class M, class Loss = CategoricalCrossentropy>
Evaluation evaluate(const M& model, const data::Dataset& data, std::vector<typename M::Scalar>& outputs,
                    const Loss& loss = {}, int batch_size = 64) {
  detail::check_data<M>(data, "evaluate", true);
  Workspace<M> workspace(model, batch_size);
  detail::Scoring<M> scoring(model, workspace, data);
  outputs.resize(data.size() * M::output_shape().size());
  return detail::evaluate(model, workspace, scoring, loss, model.segments(), outputs.data());
}

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
  const auto& backend = bare(model.backend);
  const auto run = [&](std::span<const std::uint8_t> from) {
    load_pixels(backend, from, model.preprocessing, workspace.pixels.data(), input_of(model, workspace, count));
    return infer(model, workspace, count);
  };
  if constexpr (M::Backend::in_host_memory) {
    return {run(pixels), std::size_t(count) * outputs};
  } else {
    detail::prepare(model, workspace);  // not to be recorded: only after a change of the weights
    const std::array<const typename M::Scalar*, 2> weights{model.trainable.data(), model.frozen.data()};
    if (workspace.recorded_weights != weights || workspace.recorded_preprocessing != model.preprocessing) {
      workspace.recorder.forget();
      workspace.recorded_weights = weights;
      workspace.recorded_preprocessing = model.preprocessing;
    }
    std::ranges::copy(pixels, workspace.host_pixels.data());
    workspace.recorder.run(backend, count, [&] {
      run({workspace.host_pixels.data(), pixels.size()});
      copy_to_host_buffer(backend, std::ptrdiff_t(count) * std::ptrdiff_t(outputs),
                          detail::exact_outputs(model, workspace, count), workspace.host_outputs.data());
    });
    backend.synchronize();
    return {workspace.host_outputs.data(), std::size_t(count) * outputs};
  }
}

/// The outputs for all of `data`: [image][outputs].
template <class M>
std::vector<typename M::Scalar> predict(const M& model, const data::Dataset& data, int batch_size = 64) {
  detail::check_data<M>(data, "predict", false);
  std::vector<typename M::Scalar> all(data.size() * M::output_shape().size());
  Workspace<M> workspace(model, batch_size);
  detail::Scoring<M> scoring(model, workspace, data);
  const auto& backend = bare(model.backend);
  set_state(model, workspace, {});
  detail::prepare(model, workspace);
  detail::for_each_batch(data.size(), batch_size, [&](std::size_t first, int count) {
    scoring.runner.run(backend, count, [&] {
      scoring.images.fill(backend, workspace.state.data(), count, model.preprocessing, {},
                          input_of(model, workspace, count));
      infer(model, workspace, count);
      end_step(backend, workspace.state.data());
    });
    detail::outputs_to_host(model, workspace, count, all.data() + first * M::output_shape().size());
  });
  return all;
}

}  // namespace ferlab
