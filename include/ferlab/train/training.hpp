// SPDX-License-Identifier: MIT
// One training: the model, the optimizer's memory, and the step that brings them forward.
#pragma once

#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "ferlab/data/fingerprint.hpp"
#include "ferlab/formats/background_writer.hpp"
#include "ferlab/train/evaluate.hpp"
#include "ferlab/train/state.hpp"

namespace ferlab {

/// What hooks of callbacks receive. Everything that decides the next bit is here and in the model: a checkpoint of both
/// is a checkpoint of the training.
template <class M, class OptimizerType, class LossType, class... Ms>
class Training : public TrainingState {
 public:
  using Model = M;
  using Optimizer = OptimizerType;
  using Loss = LossType;
  using T = typename M::Scalar;
  using Step = detail::TrainingStep<typename M::Network, Loss, Optimizer, Ms...>;
  static constexpr std::size_t slot_count = Optimizer::slots.size();
  static_assert(slot_count <= ops::max_moments, "ferlab: an optimizer has at most 4 moments");

  M& model;
  const Optimizer& optimizer;
  const Loss& loss;
  const data::Dataset& train;
  const data::Dataset& validation;
  bool shuffles = true;
  data::Augmentation augmentation{};       ///< of the training images: see augment
  data::Augmenter augmenter;               ///< the same, ready to be applied
  typename M::template Buffer<T> moments;  ///< the optimizer's, one after another, each like model.trainable
  formats::BackgroundWriter files;         ///< all files that are not worth waiting for, in the order they are given

  Training(M& m, const Optimizer& o, const Loss& l, const data::Dataset& training_data,
           const data::Dataset& validation_data, int samples_per_batch)
      : model(m),
        optimizer(o),
        loss(l),
        train(training_data),
        validation(validation_data),
        moments(slot_count * extent),
        work_(Work::template for_programs<detail::ProgramOf<M, Step>, detail::ProgramOf<M, Score>>(samples_per_batch)),
        images_(m.backend, training_data, samples_per_batch, M::output_shape()),
        runner_(m.backend, work_.state.data(), work_.metrics.data()),
        scoring_(m, work_, validation_data, m.net, l),
        order_(training_data.size()),
        segments_(m.segments()) {
    static_assert((detail::metric_fits_loss<Loss, Ms>() && ...));
    static_assert(detail::loss_fits_output<Loss, M::output_shape()>());
    static_assert(detail::distinct_names<Ms...>(),
                  "ferlab: two metrics have the same name; logs and files could not tell them apart");
    o.learning_rate.check();
    step_.tune(m.net, l, o);
    validates = !validation.empty();
    history.metrics = {detail::metric_info<Ms>()...};
    batch_size = samples_per_batch;
    batches = int((train.size() + std::size_t(batch_size) - 1) / std::size_t(batch_size));
    rates_.resize(std::size_t(batches));
    backend_rates_ = typename M::template Buffer<float>(rates_.size());
    scheduled = !optimizer.learning_rate.is_constant();
    learning_rate = optimizer.learning_rate.at(0);
  }

  /// Changes the training images so from the next step on; on a device, before the first.
  void augment(const data::Augmentation& changes) {
    augmentation = changes;
    augmenter = data::Augmenter(changes, M::input_shape());
  }

  /// Moment k, in the order of model.trainable and the backend's memory.
  T* moment(std::size_t k) { return moments.data() + k * extent; }

  /// Puts the epoch's order together: from (seed, epoch) alone, so that a resumed run sees the same. Then the backend
  /// goes on from where this state stands.
  void begin_epoch() {
    std::iota(order_.begin(), order_.end(), 0u);
    if (shuffles) data::shuffle(order_, seed, std::uint64_t(epoch));
    images_.set_order(model.backend, order_);
    const detail::StepReport so_far{
        {.seed = seed, .step = step, .batch = std::uint32_t(batch), .rank = std::uint64_t(rank)},
        {loss_sum, seen, metric_sums}};
    detail::set_state(model, work_, so_far.state, so_far.metrics);
    runner_.restart(so_far);
    set_rates();
  }

  /// One batch forward, backward, and into the weights. On a device this is only asked for; what it found is in this
  /// state once the device has reported it (see synchronize). Throws TrainingError if the loss (on a device, or a
  /// gradient) is no longer finite.
  void train_batch() {
    const std::size_t first = std::size_t(batch) * std::size_t(batch_size);
    const int n = int(std::min(std::size_t(batch_size), train.size() - first));
    if (scheduled)
      learning_rate = rates_[std::size_t(batch)];
    else if (learning_rate != rates_[std::size_t(batch)])
      set_rates();
    run_step(n);
    model.weights_changed();
    if constexpr (!std::is_same_v<typename M::Element, T>)
      work_.rounded_revision = model.revision();  // the optimizer has rounded the weights already
    ++step;
    ++batch;
    show(runner_.latest(model.backend));
  }

  /// Waits until the backend has run every batch; then this state knows all of them.
  void synchronize() { show(runner_.finish(model.backend)); }

  /// The model on the validation data, in the memory of training: between epochs only, for the step's sums start anew.
  Evaluation<Ms...> validate() { return detail::evaluation<Ms...>(scoring_.run(model, work_)); }

  /// The gradients of the last batch, in the order of model.trainable and the backend's memory.
  std::span<const typename M::Element> gradients() const { return {work_.gradients.data(), work_.gradients.size()}; }

  /// Of the training images and labels: what a resume compares. Found once.
  std::uint64_t data_fingerprint() const {
    if (!data_fingerprint_) data_fingerprint_ = data::fingerprint(train);
    return *data_fingerprint_;
  }

  /// The numbers that tune layers, loss and optimizer, under their names.
  const detail::Tuning& tuning() const { return step_.tuning(); }

 private:
  static constexpr std::size_t extent = M::Plan::parameters.trainable_extent;
  using Work = detail::WorkMemory<M>;
  using Score = detail::Scoring<typename M::Network, Loss, Ms...>;
  using Backend = detail::Unwrap<typename M::Backend>;
  using Memory = typename detail::Execution<M, Step>::Memory;
  Work work_;
  detail::Execution<M, Step> step_;
  detail::BatchSource<Backend, typename Loss::Target> images_;
  detail::StepRunner<Backend> runner_;
  detail::Sweep<M, Score, typename Loss::Target> scoring_;
  std::vector<std::uint32_t> order_;
  std::vector<ops::WeightRange> segments_;
  std::vector<float> rates_;  // of the epoch's batches
  typename M::template Buffer<float> backend_rates_;
  mutable std::optional<std::uint64_t> data_fingerprint_;

  /// The learning rates of this batch and all after it in the epoch.
  void set_rates() {
    const auto first = std::size_t(batch);
    for (std::size_t i = first; i < rates_.size(); ++i)
      rates_[i] = scheduled ? optimizer.learning_rate.at(step + i - first) : learning_rate;
    copy_from_host(model.backend, std::ptrdiff_t(rates_.size() - first), rates_.data() + first,
                   backend_rates_.data() + first);
  }

  /// A whole step, in the two halves around the exchange between ranks (of which there is one). Nothing in the halves
  /// but the backend's ops: a device may record them.
  void run_step(int n) {
    using enum ops::Section;
    Memory memory = step_.memory(model, work_, n, segments_);
    memory.learning_rates = backend_rates_.data();
    memory.global_batch = n * ranks;
    for (std::size_t k = 0; k < slot_count; ++k) memory.moments[k] = moment(k);
    step_.prepare(model, work_, memory);
    const auto until_backward = [&] {
      step_.run(model, begin, memory);
      memory.target = images_.fill(model.backend, work_.state.data(), n, model.preprocessing, augmenter, step_.input());
      step_.run(model, forward, memory);
      step_.run(model, ops::Section::loss, memory);
      if (!failed()) step_.run(model, backward, memory);
    };
    const auto from_update = [&] {
      if (!failed()) step_.run(model, update, memory);
    };
    runner_.run(
        model.backend, n, until_backward, [&] { step_.run(model, exchange, memory); }, from_update);
  }
  /// What the host knows at once; a device keeps failed weights by itself.
  bool failed() const {
    if constexpr (M::Backend::in_host_memory) return work_.state.data()->failed;
    return false;
  }

  void show(const detail::StepReport& report) {
    if (report.state.failed) fail(report);
    loss_sum = report.metrics.loss_sum;
    seen = report.metrics.seen;
    metric_sums = report.metrics.sums;
    result.epoch = epoch;
    result.loss = loss_sum / double(std::max<std::int64_t>(seen, 1));
    std::size_t i = 0;
    ((result.metrics[i] = detail::metric_result<Ms>(metric_sums[i], seen), ++i), ...);
    result.learning_rate = learning_rate;
  }

  [[noreturn]] void fail(const detail::StepReport& report) {
    step = report.state.step;
    batch = int(report.state.batch);
    const bool hidden = report.state.bad_gradient;
    throw TrainingError(
        (hidden ? "a gradient became non-finite" : "the loss became " + std::to_string(report.metrics.loss_sum)) +
        " in epoch " + std::to_string(epoch + 1) + ", batch " + std::to_string(batch + 1) + " of " +
        std::to_string(batches) + " (learning rate " + std::to_string(report.state.learning_rate) + "); " +
        (hidden ? "only weights with other gradients were changed by it" : "the weights before this batch are kept") +
        ". Try a lower learning rate or global_clipnorm");
  }
};

}  // namespace ferlab
