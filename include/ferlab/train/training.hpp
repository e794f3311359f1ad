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
  data::Augmenter augmenter;  ///< of the training images; as it is at the first step, on a device
  std::array<typename M::template Buffer<T>, slot_count> slots;  ///< the optimizer's moments, like model.trainable

  Training(M& m, const Optimizer& o, const LossType& l, const data::Dataset& training_data,
           const data::Dataset& validation_data, int samples_a_batch)
      : model(m),
        optimizer(o),
        loss(l),
        train(training_data),
        validation(validation_data),
        workspace_(m, samples_a_batch, Workspace<M>::Use::training),
        images_(bare(m.backend), training_data, samples_a_batch),
        runner_(bare(m.backend), workspace_.state.data(), workspace_.metrics.data()),
        scoring_(m, workspace_, validation_data),
        order_(training_data.size()),
        segments_(m.segments()) {
    for (auto& slot : slots) slot = typename M::template Buffer<T>(M::Plan::parameters.trainable_extent);
    batch_size = samples_a_batch;
    batches = int((train.size() + std::size_t(batch_size) - 1) / std::size_t(batch_size));
    rates_.resize(std::size_t(batches));
    backend_rates_ = typename M::template Buffer<float>(rates_.size());
    scheduled = !optimizer.learning_rate.is_constant();
    learning_rate = optimizer.learning_rate.at(0);
  }

  /// Puts the epoch's order together: from (seed, epoch) alone, so that a resumed run sees the same. Then the backend
  /// goes on from where this state stands.
  void begin_epoch() {
    std::iota(order_.begin(), order_.end(), 0u);
    if (shuffles) data::shuffle(order_, seed, std::uint64_t(epoch));
    const auto& backend = bare(model.backend);
    images_.set_order(backend, order_);
    const StepReport so_far{{.seed = seed, .step = step, .batch = std::uint32_t(batch)}, {loss_sum, correct, seen}};
    set_state(model, workspace_, so_far.state, so_far.metrics);
    runner_.restart(so_far);
    set_rates();
  }

  /// One batch forward, backward, and into the weights. On a device this is only asked for; what it found is in this
  /// state once the device has reported it (see synchronize). Throws TrainingError if the loss (on a device, or a
  /// gradient) is no longer a number.
  void train_batch() {
    const std::size_t first = std::size_t(batch) * std::size_t(batch_size);
    const int n = int(std::min(std::size_t(batch_size), train.size() - first));
    if (scheduled)
      learning_rate = rates_[std::size_t(batch)];
    else if (learning_rate != rates_[std::size_t(batch)])
      set_rates();
    detail::prepare(model, workspace_);
    runner_.run(bare(model.backend), n, [&] { run_step(n); });
    model.weights_changed();
    if constexpr (!std::is_same_v<typename M::Value, T> && M::Plan::prepared_offset[M::Plan::stage_count] == 0)
      workspace_.prepared_revision = model.revision();  // the optimizer has rounded the weights already
    ++step;
    ++batch;
    show(runner_.latest(bare(model.backend)));
  }

  /// Waits until the backend has run every batch; then this state knows all of them.
  void synchronize() { show(runner_.finish(bare(model.backend))); }

  /// The model on the validation data, in the memory of training.
  Evaluation validate() { return detail::evaluate(model, workspace_, scoring_, loss, segments_); }

  /// The gradients of the last batch, in the order of model.trainable and the backend's memory.
  std::span<const typename M::Value> gradients() const {
    return {workspace_.gradients.data(), workspace_.gradients.size()};
  }

 private:
  using Backend = Bare<typename M::Backend>;
  Workspace<M> workspace_;
  BatchSource<Backend> images_;
  StepRunner<Backend> runner_;
  detail::Scoring<M> scoring_;
  std::vector<std::uint32_t> order_;
  std::vector<Segment> segments_;
  std::vector<float> rates_;  // of the epoch's batches
  typename M::template Buffer<float> backend_rates_;

  /// The learning rates of this batch and all after it in the epoch.
  void set_rates() {
    const auto first = std::size_t(batch);
    for (std::size_t i = first; i < rates_.size(); ++i)
      rates_[i] = scheduled ? optimizer.learning_rate.at(step + i - first) : learning_rate;
    copy_from_host(bare(model.backend), std::ptrdiff_t(rates_.size() - first), rates_.data() + first,
                   backend_rates_.data() + first);
  }

  /// A whole step as the backend runs it: nothing here but its ops.
  void run_step(int n) {
    const auto& backend = bare(model.backend);
    constexpr Until until = detail::until<M, LossType>;
    StepState* const state = workspace_.state.data();
    StepMetrics* const metrics = workspace_.metrics.data();
    double* const sums = workspace_.sums.data();

    begin_step(backend, state, backend_rates_.data(), optimizer.factors());
    const std::uint8_t* labels =
        images_.fill(backend, state, n, model.preprocessing, augmenter, input_of(model, workspace_, n, true));
    forward(model, workspace_, n, until);
    detail::apply_loss(model, workspace_, loss, n, labels, true);
    add_penalty(backend, segments_, model.trainable.data(), n, metrics, sums);
    check_loss(backend, metrics, state);
    if constexpr (M::Backend::in_host_memory)
      if (state->failed) return;
    backward(model, workspace_, n, until);

    FlatWeights<T, typename M::Value> weights{.segments = segments_,
                                              .size = model.trainable.size(),
                                              .weights = model.trainable.data(),
                                              .gradients = workspace_.gradients.data(),
                                              .rounded = workspace_.rounded.data(),
                                              .weight_decay = optimizer.weight_decay};
    if (optimizer.global_clipnorm > 0) clip_by_global_norm(backend, weights, optimizer.global_clipnorm, state, sums);
    std::array<T*, slot_count> slot;
    for (std::size_t k = 0; k < slot_count; ++k) slot[k] = slots[k].data();
    optimizer.update(backend, weights, slot, state);
    end_step(backend, state);
  }

  void show(const StepReport& report) {
    if (report.state.failed) fail(report);
    loss_sum = report.metrics.loss_sum;
    correct = report.metrics.correct;
    seen = report.metrics.seen;
    result.epoch = epoch;
    result.loss = loss_sum / double(std::max<std::int64_t>(seen, 1));
    result.accuracy = double(correct) / double(std::max<std::int64_t>(seen, 1));
    result.learning_rate = learning_rate;
  }

  [[noreturn]] void fail(const StepReport& report) {
    step = report.state.step;
    batch = int(report.state.batch);
    const bool hidden = report.state.bad_gradient;
    throw TrainingError(
        (hidden ? "a gradient became no number" : "the loss became " + std::to_string(report.metrics.loss_sum)) +
        " in epoch " + std::to_string(epoch + 1) + ", batch " + std::to_string(batch + 1) + " of " +
        std::to_string(batches) + " (learning rate " + std::to_string(report.state.learning_rate) + "); " +
        (hidden ? "only weights with other gradients were changed by it" : "the weights before this batch are kept") +
        ". Try a lower learning rate or global_clipnorm");
  }
};

}  // namespace ferlab
