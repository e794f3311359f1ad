// SPDX-License-Identifier: MIT
// Scoring a trained model on data, and its outputs for a whole data set.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "ferlab/losses/categorical_crossentropy.hpp"
#include "ferlab/metrics/accuracy.hpp"
#include "ferlab/model/batch_source.hpp"
#include "ferlab/model/predict.hpp"
#include "ferlab/model/step_runner.hpp"

namespace ferlab {

/// Mean loss over the samples, L2 penalties included, and the metrics: `auto [loss, accuracy] = evaluate(model, test);`
template <class... Ms>
struct Evaluation {
  double loss = 0;
  std::array<double, sizeof...(Ms)> metrics{};

  /// `score.of(Accuracy{})`
  template <class Metric>
  double of(const Metric&) const {
    static_assert(detail::place_of<Metric, Ms...> < int(sizeof...(Ms)), "ferlab: this metric was not measured");
    return metrics[std::size_t(detail::place_of<Metric, Ms...>)];
  }
  template <std::size_t I>
  double get() const {
    if constexpr (I == 0)
      return loss;
    else
      return metrics[I - 1];
  }
};

namespace detail {

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

/// Goes over a data set with one program, batch by batch. Makes what that needs once, besides the memory it is lent.
template <class M, class What, class Target>
class Sweep {
 public:
  using Program = ProgramOf<M, What>;

  template <class... Parts>
  Sweep(const M& model, WorkMemory<M>& work, const data::Dataset& data, const Parts&... parts)
      : images_(model.backend, data, work.capacity, M::output_shape()),
        runner_(model.backend, work.state.data(), work.metrics.data()),
        exact_(std::is_same_v<typename M::Element, typename M::Scalar>
                   ? 0
                   : std::size_t(work.capacity) * M::output_shape().size()),
        segments_(model.segments()),
        size_(data.size()) {
    execution_.tune(parts...);
  }

  /// The sums over all samples, penalties included. `outputs`: where the outputs go, [image][outputs], or nullptr.
  ops::StepMetrics run(const M& model, WorkMemory<M>& work, typename M::Scalar* outputs = nullptr) {
    set_state(model, work, {});
    for_each_batch(size_, work.capacity, [&](std::size_t first, int count) {
      auto memory = execution_.memory(model, work, count, segments_);
      execution_.prepare(model, work, memory);
      runner_.run(model.backend, count, [&] {
        memory.target =
            images_.fill(model.backend, work.state.data(), count, model.preprocessing, {}, execution_.input());
        for (auto section : {ops::Section::forward, ops::Section::loss, ops::Section::update})
          execution_.run(model, section, memory);
      });
      if (outputs)
        copy_to_host(model.backend, std::ptrdiff_t(count) * std::ptrdiff_t(M::output_shape().size()),
                     exact_outputs(model, execution_.output(), count, exact_.data()),
                     outputs + first * M::output_shape().size());
    });
    auto memory = execution_.memory(model, work, 1, segments_);
    memory.penalty_samples = std::int64_t(size_);
    execution_.run(model, ops::Section::finish, memory);
    return runner_.finish(model.backend).metrics;
  }

 private:
  Execution<M, What> execution_;
  detail::BatchSource<Unwrap<typename M::Backend>, Target> images_;
  detail::StepRunner<Unwrap<typename M::Backend>> runner_;
  typename M::template Buffer<typename M::Scalar> exact_;
  std::vector<ops::WeightRange> segments_;
  std::size_t size_;
};

template <class... Ms>
Evaluation<Ms...> evaluation(const ops::StepMetrics& found) {
  Evaluation<Ms...> score;
  score.loss = found.loss_sum / double(found.seen);
  std::size_t i = 0;
  ((score.metrics[i] = metric_result<Ms>(found.sums[i], found.seen), ++i), ...);
  return score;
}

template <class M, class Loss, class... Ms>
Evaluation<Ms...> evaluate(const M& model, const data::Dataset& data, const Loss& loss, int batch_size, Metrics<Ms...>,
                           typename M::Scalar* outputs) {
  static_assert((metric_fits_loss<Loss, Ms>() && ...));
  static_assert(loss_fits_output<Loss, M::output_shape()>());
  check_data<M>(data, "evaluate", true);
  using What = detail::Scoring<typename M::Network, Loss, Ms...>;
  auto work = WorkMemory<M>::template for_programs<ProgramOf<M, What>>(batch_size);
  Sweep<M, What, typename Loss::Target> sweep(model, work, data, model.net, loss);
  return evaluation<Ms...>(sweep.run(model, work, outputs));
}

/// What is measured if nothing is said.
template <class Loss>
using DefaultMetrics =
    std::conditional_t<std::is_same_v<typename Loss::Target, ClassIndex>, Metrics<Accuracy>, Metrics<>>;

}  // namespace detail

/// Scores the model on labelled data. Throws ArgumentError or DataError where the data does not fit.
template <class M, class Loss = CategoricalCrossentropy, class Measured = detail::DefaultMetrics<Loss>>
auto evaluate(const M& model, const data::Dataset& data, const Loss& loss = {}, int batch_size = 64,
              const Measured& metrics = {}) {
  return detail::evaluate(model, data, loss, batch_size, metrics, static_cast<typename M::Scalar*>(nullptr));
}

/// The same, and what predict would give, in one pass over the images: `outputs` becomes [image][outputs].
template <class M, class Loss = CategoricalCrossentropy, class Measured = detail::DefaultMetrics<Loss>>
auto evaluate(const M& model, const data::Dataset& data, std::vector<typename M::Scalar>& outputs,
              const Loss& loss = {}, int batch_size = 64, const Measured& metrics = {}) {
  outputs.resize(data.size() * M::output_shape().size());
  return detail::evaluate(model, data, loss, batch_size, metrics, outputs.data());
}

/// The outputs for all of `data`: [image][outputs].
template <class M>
std::vector<typename M::Scalar> predict(const M& model, const data::Dataset& data, int batch_size = 64) {
  detail::check_data<M>(data, "predict", false);
  std::vector<typename M::Scalar> all(data.size() * M::output_shape().size());
  using What = detail::PredictionSweep<typename M::Network>;
  auto work = detail::WorkMemory<M>::template for_programs<detail::ProgramOf<M, What>>(batch_size);
  detail::Sweep<M, What, ClassIndex> sweep(model, work, data, model.net);
  sweep.run(model, work, all.data());
  return all;
}

}  // namespace ferlab

/// @cond
template <class... Ms>
struct std::tuple_size<ferlab::Evaluation<Ms...>> : std::integral_constant<std::size_t, 1 + sizeof...(Ms)> {};
template <std::size_t I, class... Ms>
struct std::tuple_element<I, ferlab::Evaluation<Ms...>> {
  using type = double;
};
/// @endcond
