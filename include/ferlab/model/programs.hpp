// SPDX-License-Identifier: MIT
// The programs that a network becomes: a prediction, the scoring of a batch, a training step. Each is lowered when the
// user's program compiles, to a list of ops, and once more when it runs, to the user's numbers (model/tuning.hpp).
#pragma once

#include "ferlab/model/lower.hpp"
#include "ferlab/model/program.hpp"
#include "ferlab/ops/penalties.hpp"
#include "ferlab/ops/step.hpp"

namespace ferlab::detail {

/// Metric k sums in the k-th place.
template <class... Ms>
constexpr void lower_metrics(auto& g) {
  int place = 0;
  (Ms{}.lower(g, g.output, ops::MetricSum{place++}), ...);
}

/// What a loss does with the ops before it whatever the backend: a matter of numbers, not of speed.
template <class Loss>
constexpr void rewrite_loss(auto& g) {
  if constexpr (requires { Loss::rewrites; }) g.rewrite_loss(Loss::rewrites);
}

/// Forward, as outside of training.
template <class Net>
struct Prediction {
  using lowers_to = typename Net::lowers_to;

  static constexpr void lower(auto& g, const Net& net = {}) {
    g.begin(ops::Section::forward);
    g.input = g.value(Net::input);
    g.output = lower_network(g, net, g.input);
  }
};

/// The same for batch after batch of a data set.
template <class Net>
struct PredictionSweep {
  using lowers_to = UnionOf<typename Net::lowers_to, ops::OpTypes<ops::EndStep>>;

  static constexpr void lower(auto& g, const Net& net = {}) {
    Prediction<Net>::lower(g, net);
    g.begin(ops::Section::update);
    g.run(ops::EndStep{});
  }
};

/// Forward as in training, and backward from a gradient of the output that the caller writes.
template <class Net>
struct ForwardBackward {
  using lowers_to = UnionOf<typename Net::lowers_to, ops::OpTypes<ops::SeedGradient>>;

  static constexpr void lower(auto& g, const Net& net = {}) {
    g.training = true;
    g.begin(ops::Section::forward);
    g.input = g.value(Net::input);
    g.output = lower_network(g, net, g.input);
    g.begin(ops::Section::loss);
    g.run(ops::SeedGradient{.y = g.output, .dy = g.gradient(g.output)});
    g.finish_backward();
  }
};

/// Forward, as outside of training; loss and metrics go to the step's sums. Penalties count once, in Section::finish.
template <class Net, class Loss, class... Ms>
struct Scoring {
  using lowers_to = UnionOf<typename Net::lowers_to, typename Loss::lowers_to, typename Ms::lowers_to...,
                            ops::OpTypes<ops::AddPenalties, ops::EndStep>>;

  static constexpr void lower(auto& g, const Net& net = {}, const Loss& loss = {}) {
    Prediction<Net>::lower(g, net);
    g.begin(ops::Section::loss);
    loss.lower(g, g.output);
    rewrite_loss<Loss>(g);
    lower_metrics<Ms...>(g);
    g.begin(ops::Section::update);
    g.run(ops::EndStep{});
    g.begin(ops::Section::finish);
    g.run(ops::AddPenalties{});
  }
};

/// A whole step: begin, forward, loss, backward, exchange (nothing on one machine), update.
template <class Net, class Loss, class Optimizer, class... Ms>
struct TrainingStep {
  using lowers_to =
      UnionOf<typename Net::lowers_to, typename Loss::lowers_to, typename Ms::lowers_to...,
              typename Optimizer::lowers_to,
              ops::OpTypes<ops::BeginStep, ops::AddPenalties, ops::CheckLoss, ops::ClipByGlobalNorm, ops::EndStep>>;

  static constexpr void lower(auto& g, const Net& net = {}, const Loss& loss = {}, const Optimizer& optimizer = {}) {
    g.training = true;
    g.begin(ops::Section::begin);
    g.run(ops::BeginStep{});
    if constexpr (requires { optimizer.begin(g); }) optimizer.begin(g);
    g.begin(ops::Section::forward);
    g.input = g.value(Net::input);
    g.output = lower_network(g, net, g.input);
    g.begin(ops::Section::loss);
    loss.lower(g, g.output);
    g.finish_backward();
    rewrite_loss<Loss>(g);
    g.begin(ops::Section::loss);
    lower_metrics<Ms...>(g);
    g.run(ops::AddPenalties{});
    g.run(ops::CheckLoss{});
    g.begin(ops::Section::update);
    if constexpr (requires { optimizer.global_clipnorm; })
      g.run(ops::ClipByGlobalNorm{.clipnorm = g.setting("global_clipnorm", optimizer.global_clipnorm)});
    optimizer.update(g);
    g.run(ops::EndStep{});
  }
};

}  // namespace ferlab::detail
