// SPDX-License-Identifier: MIT
// Running a trained model over data: evaluate for a score, predict for the outputs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/batches.hpp"
#include "ferlab/losses/categorical_crossentropy.hpp"
#include "ferlab/model/execute.hpp"

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

template <class M, class Loss>
BatchResult apply_loss(const M& model, const Loss& loss, int batch, const typename M::Scalar* outputs,
                       const std::uint8_t* labels, typename M::Scalar scale, typename M::Scalar* gradient) {
  constexpr int classes = int(M::output_shape().size());
  if constexpr (fuses_softmax<M, Loss>)
    return loss.from_softmax(bare(model.backend), batch, classes, outputs, labels, scale, gradient);
  else
    return loss(bare(model.backend), batch, classes, outputs, labels, scale, gradient);
}

/// The sum of all L2 penalties.
template <class M>
double penalty(const M& model, std::span<const Segment> segments) {
  double sum = 0;
  for (const Segment& s : segments)
    if (s.l2 != 0)
      sum +=
          double(s.l2) * squared_norm(bare(model.backend), std::ptrdiff_t(s.size), model.trainable.data() + s.offset);
  return sum;
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

/// The first `count` of the positions 0, 1, 2, ... from `first` on, for batches in order.
struct BatchBuffers {
  std::vector<std::uint32_t> positions;
  std::vector<std::uint8_t> labels;
  explicit BatchBuffers(int capacity) : positions(std::size_t(capacity)), labels(std::size_t(capacity)) {}

  std::span<const std::uint32_t> in_order(std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) positions[i] = std::uint32_t(first + i);
    return {positions.data(), count};
  }
};

/// f(first, count, outputs, labels) for every batch of `data`, in order.
template <class M, class F>
void for_each_batch(const M& model, Workspace<M>& workspace, BatchBuffers& buffers, const data::Dataset& data, F&& f) {
  const std::size_t capacity = std::min(std::size_t(workspace.capacity), buffers.positions.size());
  for (std::size_t first = 0; first < data.size(); first += capacity) {
    const std::size_t count = std::min(capacity, data.size() - first);
    const int batch = int(count);
    data::fill_batch(data, buffers.in_order(first, count), model.preprocessing, input_of(model, workspace, batch),
                     buffers.labels.data());
    f(first, count, infer(model, workspace, batch), buffers.labels.data());
  }
}

/// `all`: where the outputs go, [image][outputs], or nullptr.
template <class M, class Loss>
Evaluation evaluate(const M& model, Workspace<M>& workspace, BatchBuffers& buffers, const data::Dataset& data,
                    const Loss& loss, std::span<const Segment> segments, typename M::Scalar* all = nullptr) {
  BatchResult total;
  for_each_batch(
      model, workspace, buffers, data,
      [&](std::size_t first, std::size_t count, const typename M::Scalar* outputs, const std::uint8_t* labels) {
        constexpr std::size_t width = M::output_shape().size();
        if (all) std::copy(outputs, outputs + count * width, all + first * width);
        const BatchResult result = apply_loss(model, loss, int(count), outputs, labels, typename M::Scalar(1),
                                              static_cast<typename M::Scalar*>(nullptr));
        total.loss += result.loss;
        total.correct += result.correct;
      });
  const double n = double(data.size());
  return {total.loss / n + penalty(model, segments), double(total.correct) / n};
}

}  // namespace detail

/// Scores the model on labelled data. Throws ArgumentError or DataError where the data does not fit.
template <class M, class Loss = CategoricalCrossentropy>
Evaluation evaluate(const M& model, const data::Dataset& data, const Loss& loss = {}, int batch_size = 64) {
  detail::check_data<M>(data, "evaluate", true);
  Workspace<M> workspace(model, batch_size);
  detail::BatchBuffers buffers(batch_size);
  return detail::evaluate(model, workspace, buffers, data, loss, model.segments());
}

/// The same, and what predict would give, in one pass over the images: `outputs` becomes [image][outputs].
template <class M, class Loss = CategoricalCrossentropy>
Evaluation evaluate(const M& model, const data::Dataset& data, std::vector<typename M::Scalar>& outputs,
                    const Loss& loss = {}, int batch_size = 64) {
  detail::check_data<M>(data, "evaluate", true);
  Workspace<M> workspace(model, batch_size);
  detail::BatchBuffers buffers(batch_size);
  outputs.resize(data.size() * M::output_shape().size());
  return detail::evaluate(model, workspace, buffers, data, loss, model.segments(), outputs.data());
}

/// The outputs for `count` images at `pixels` ([count][height][width][channels], 0..255), prepared as in training:
/// [count][outputs], in the workspace, valid until its next use. The model is not changed: threads may share it, each
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
  model.preprocessing.apply(pixels, input_of(model, workspace, count));
  return {infer(model, workspace, count), std::size_t(count) * outputs};
}

/// The outputs for all of `data`: [image][outputs].
template <class M>
std::vector<typename M::Scalar> predict(const M& model, const data::Dataset& data, int batch_size = 64) {
  detail::check_data<M>(data, "predict", false);
  constexpr std::size_t outputs = M::output_shape().size();
  std::vector<typename M::Scalar> all(data.size() * outputs);
  Workspace<M> workspace(model, batch_size);
  detail::BatchBuffers buffers(batch_size);
  detail::for_each_batch(model, workspace, buffers, data,
                         [&](std::size_t first, std::size_t count, const typename M::Scalar* out, const std::uint8_t*) {
                           std::copy(out, out + count * outputs, all.begin() + std::ptrdiff_t(first * outputs));
                         });
  return all;
}

}  // namespace ferlab
