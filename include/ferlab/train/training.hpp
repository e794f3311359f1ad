// SPDX-License-Identifier: MIT
// One training: the model, the optimizer's memory, and the step that brings them forward.
#pragma once

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "ferlab/train/evaluate.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab {

/// What hooks of callbacks receive. Everything that decides the next bit is here and in the model: a checkpoint of both
/// is a checkpoint of the training.
template <class M, class OptimizerType, class LossType>
class Training : public TrainingState {
 public:
  using Model = M;
  using Optimizer = OptimizerType;
  using T = typename M::Scalar;
  static constexpr std::size_t slot_count = Optimizer::slots.size();

  M& model;
  const Optimizer& optimizer;
  const LossType& loss;
  const data::Dataset& train;
  const data::Dataset& validation;
  bool shuffles = true;
  std::array<typename M::template Buffer<T>, slot_count> slots;  ///< the optimizer's moments, like model.trainable

  Training(M& m, const Optimizer& o, const LossType& l, const data::Dataset& training_data,
           const data::Dataset& validation_data, int samples_a_batch)
      : model(m),
        optimizer(o),
        loss(l),
        train(training_data),
        validation(validation_data),
        workspace_(m, samples_a_batch, Workspace<M>::Use::training),
        buffers_(samples_a_batch),
        order_(training_data.size()),
        segments_(m.segments()) {
    for (auto& slot : slots) slot = typename M::template Buffer<T>(M::Plan::parameters.trainable_extent);
    batch_size = samples_a_batch;
    batches = int((train.size() + std::size_t(batch_size) - 1) / std::size_t(batch_size));
    scheduled = !optimizer.learning_rate.is_constant();
    learning_rate = optimizer.learning_rate.at(0);
  }

  /// Puts the epoch's order together: from (seed, epoch) alone, so that a resumed run sees the same.
  void begin_epoch() {
    std::iota(order_.begin(), order_.end(), 0u);
    if (shuffles) data::shuffle(order_, seed, std::uint64_t(epoch));
  }

  /// One batch forward, backward, and into the weights. Throws TrainingError if the loss is no longer a number.
  void train_batch() {
    const std::size_t first = std::size_t(batch) * std::size_t(batch_size);
    const std::size_t count = std::min(std::size_t(batch_size), train.size() - first);
    const int n = int(count);
    const StepAddress address{seed, step};
    constexpr bool from_logits = detail::fuses_softmax<M, LossType>;

    data::fill_batch(train, std::span<const std::uint32_t>(order_).subspan(first, count), model.preprocessing,
                     input_of(model, workspace_, n, true), buffers_.labels.data());
    const T* outputs = forward(model, workspace_, n, address);
    const BatchResult found = detail::apply_loss(model, loss, n, outputs, buffers_.labels.data(), T(1) / T(n),
                                                 output_gradient(model, workspace_, n, from_logits));
    const double batch_loss = found.loss / n + detail::penalty(model, segments_);
    if (!std::isfinite(batch_loss)) fail(batch_loss);
    backward(model, workspace_, n, address, from_logits);
    update();

    loss_sum += batch_loss * n;
    correct += found.correct;
    seen += n;
    ++step;
    ++batch;
    result.epoch = epoch;
    result.loss = loss_sum / double(seen);
    result.accuracy = double(correct) / double(seen);
    result.learning_rate = learning_rate;
  }

  /// The model on the validation data, in the memory of training.
  Evaluation validate() { return detail::evaluate(model, workspace_, buffers_, validation, loss, segments_); }

  /// The gradients of the last batch, in the order of model.trainable.
  std::span<const T> gradients() const { return {workspace_.gradients.data(), workspace_.gradients.size()}; }

 private:
  Workspace<M> workspace_;
  detail::BatchBuffers buffers_;
  std::vector<std::uint32_t> order_;
  std::vector<Segment> segments_;

  void update() {
    if (scheduled) learning_rate = optimizer.learning_rate.at(step);
    const auto& backend = bare(model.backend);
    T* gradient = workspace_.gradients.data();
    T scale = 1;
    const bool clips = optimizer.global_clipnorm > 0;
    if (clips) {  // the norm counts the penalty's part of the gradient, so that part must be added first
      double squares = 0;
      for (const Segment& s : segments_) {
        const auto n = std::ptrdiff_t(s.size);
        if (s.l2 != 0)
          add_penalty_gradient(backend, n, model.trainable.data() + s.offset, T(s.l2), gradient + s.offset);
        squares += squared_norm(backend, n, gradient + s.offset);
      }
      const double norm = std::sqrt(squares);
      if (norm > double(optimizer.global_clipnorm)) scale = T(double(optimizer.global_clipnorm) / norm);
    }
    for (const Segment& s : segments_) {
      std::array<T*, slot_count> slot;
      for (std::size_t k = 0; k < slot_count; ++k) slot[k] = slots[k].data() + s.offset;
      optimizer.update(backend, std::ptrdiff_t(s.size), model.trainable.data() + s.offset, gradient + s.offset, slot,
                       step + 1, learning_rate, clips ? 0.0f : s.l2, scale);
    }
    model.weights_changed();
  }

  [[noreturn]] void fail(double value) const {
    throw TrainingError("the loss became " + std::to_string(value) + " in epoch " + std::to_string(epoch + 1) +
                        ", batch " + std::to_string(batch + 1) + " of " + std::to_string(batches) + " (learning rate " +
                        std::to_string(learning_rate) +
                        "); the weights before this batch are kept. Try a lower learning rate or global_clipnorm");
  }
};

}  // namespace ferlab
