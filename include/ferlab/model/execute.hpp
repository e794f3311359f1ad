// SPDX-License-Identifier: MIT
// Runs the plan: forward, backward, and inference of one batch. The stages are unrolled at compile time; what each one
// needs is looked up in the plan.
#pragma once

#include <utility>

#include "ferlab/model/stage_ops.hpp"
#include "ferlab/model/workspace.hpp"

namespace ferlab {

/// Where random numbers of one training step come from.
struct StepAddress {
  std::uint64_t seed = 0, step = 0;
};

namespace detail {

template <class M>
Pass<typename M::Scalar, typename M::Value> make_pass(const M& model, Workspace<M>& workspace, std::size_t s,
                                                      const auto& memory, int batch, StepAddress address = {}) {
  using V = typename M::Value;
  using Plan = typename M::Plan;
  using Net = typename M::Network;
  const Stage& stage = Plan::stages[s];
  Pass<typename M::Scalar, V> pass;
  pass.batch = batch;
  pass.in = Net::graph.shapes[std::size_t(stage.input)];
  pass.out = Net::graph.shapes[std::size_t(stage.output)];
  pass.x = workspace.template at<V>(memory.activation[std::size_t(stage.input)], batch);
  pass.y = workspace.template at<V>(memory.activation[std::size_t(stage.output)], batch);
  const std::size_t first = Plan::parameters.first[stage.first];
  for (std::size_t k = 0; k < stage.parameters; ++k) {
    const ParameterInfo& info = Plan::parameters.entries[first + k];
    pass.parameter[k] = const_cast<M&>(model).weights(first + k).data();
    if (info.shape.trainable && workspace.gradients.size() > 0)
      pass.gradient[k] = workspace.gradients.data() + info.offset;
  }
  pass.saved = workspace.saved.data() + (workspace.saved.size() > 0 ? Plan::saved_offset[s] : 0);
  pass.scratch = workspace.scratch.data();
  pass.prepared = workspace.prepared.data() + Plan::prepared_offset[s];
  pass.random = {address.seed, std::uint32_t(Net::graph.nodes[stage.first].index), Purpose::dropout, address.step};
  return pass;
}

template <class M, class F>
void for_each_stage(F&& f) {
  [&]<std::size_t... S>(std::index_sequence<S...>) { (f(std::integral_constant<std::size_t, S>{}), ...); }
  (std::make_index_sequence<M::Plan::stage_count>{});
}
template <class M, class F>
void for_each_stage_backward(F&& f) {
  constexpr std::size_t n = M::Plan::stage_count;
  [&]<std::size_t... S>(std::index_sequence<S...>) { (f(std::integral_constant<std::size_t, n - 1 - S>{}), ...); }
  (std::make_index_sequence<n>{});
}

template <class M, std::size_t S>
using ModelOps = OpsOf<typename M::Network, typename M::Backend, typename M::Plan, S>;

/// Brings what is derived from the weights up to date; once after each change of the weights.
template <class M>
void prepare(const M& model, Workspace<M>& workspace) {
  if (workspace.prepared_revision == model.revision()) return;
  for_each_stage<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    if constexpr (M::Plan::stages[S].memory.prepared > 0)
      ModelOps<M, S>::prepare(bare(model.backend), model.net.layers,
                              make_pass(model, workspace, S, M::Plan::inference, workspace.capacity));
  });
  workspace.prepared_revision = model.revision();
}

/// The sum of a Residual's branches.
template <class M>
void join(const M& model, Workspace<M>& workspace, std::size_t s, const auto& memory, int batch) {
  using V = typename M::Value;
  const Stage& stage = M::Plan::stages[s];
  const std::size_t n = std::size_t(batch) * M::Network::graph.shapes[std::size_t(stage.output)].size();
  add(bare(model.backend), std::ptrdiff_t(n),
      workspace.template at<V>(memory.activation[std::size_t(stage.input)], batch),
      workspace.template at<V>(memory.activation[std::size_t(stage.shortcut)], batch),
      workspace.template at<V>(memory.activation[std::size_t(stage.output)], batch));
}

/// Passes a gradient on unchanged: into its own memory (nothing to do), into other memory, or on top of what is there.
template <class M>
void pass_on(const M& model, std::size_t n, const typename M::Value* dy, typename M::Value* dx, bool accumulates) {
  if (accumulates)
    accumulate(bare(model.backend), std::ptrdiff_t(n), dy, dx);
  else if (dx != dy)
    copy(bare(model.backend), std::ptrdiff_t(n), dy, dx);
}

}  // namespace detail

/// Where a batch goes in before `infer` (or, with training = true, before `forward`): [batch][input].
template <class M>
typename M::Value* input_of(const M&, Workspace<M>& workspace, int batch, bool training = false) {
  const auto& plan = training ? M::Plan::training : M::Plan::inference;
  return workspace.template at<typename M::Value>(plan.activation[0], batch);
}

/// Runs the network outside of training on the batch at input_of(...); returns [batch][output], valid until the next
/// pass.
template <class M>
const typename M::Value* infer(const M& model, Workspace<M>& workspace, int batch) {
  using Plan = typename M::Plan;
  detail::prepare(model, workspace);
  detail::for_each_stage<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    if constexpr (Plan::stages[S].is_join)
      detail::join(model, workspace, S, Plan::inference, batch);
    else if constexpr (!Plan::stages[S].memory.view)
      detail::ModelOps<M, S>::infer(bare(model.backend), model.net.layers,
                                    detail::make_pass(model, workspace, S, Plan::inference, batch));
  });
  return workspace.template at<typename M::Value>(Plan::inference.activation[std::size_t(M::Network::graph.output)],
                                                  batch);
}

/// The forward pass of training; moves BatchNorm's running statistics. Returns [batch][output].
template <class M>
typename M::Value* forward(M& model, Workspace<M>& workspace, int batch, StepAddress address) {
  using Plan = typename M::Plan;
  detail::prepare(model, workspace);
  detail::for_each_stage<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    if constexpr (Plan::stages[S].is_join) {
      detail::join(model, workspace, S, Plan::training, batch);
    } else if constexpr (!Plan::stages[S].memory.view) {
      auto pass = detail::make_pass(model, workspace, S, Plan::training, batch, address);
      pass.saved_bytes = workspace.template at<std::uint8_t>(Plan::training.saved_bytes[S], batch);
      detail::ModelOps<M, S>::forward(bare(model.backend), model.net.layers, pass);
    }
  });
  return workspace.template at<typename M::Value>(Plan::training.activation[std::size_t(M::Network::graph.output)],
                                                  batch);
}

/// Where the loss writes its gradient: with respect to the output, or to what enters the last stage (from_logits).
template <class M>
typename M::Value* output_gradient(const M&, Workspace<M>& workspace, int batch, bool from_logits) {
  using Plan = typename M::Plan;
  const int value = from_logits ? Plan::stages[Plan::stage_count - 1].input : M::Network::graph.output;
  return workspace.template at<typename M::Value>(Plan::training.gradient[std::size_t(value)], batch);
}

/// The backward pass, from output_gradient(...) to workspace.gradients. With from_logits the last stage is done
/// already.
template <class M>
void backward(const M& model, Workspace<M>& workspace, int batch, StepAddress address, bool from_logits) {
  using Plan = typename M::Plan;
  using V = typename M::Value;
  detail::for_each_stage_backward<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    constexpr Stage stage = Plan::stages[S];
    constexpr BackwardStep step = Plan::backward[S];
    if constexpr (step.runs) {
      if (S + 1 == Plan::stage_count && from_logits) return;
      auto gradient = [&](int value) {
        return workspace.template at<V>(Plan::training.gradient[std::size_t(value)], batch);
      };
      V* dy = gradient(stage.output);
      const std::size_t n = std::size_t(batch) * M::Network::graph.shapes[std::size_t(stage.input)].size();
      if constexpr (stage.is_join || stage.memory.view) {
        if constexpr (step.wants_shortcut)
          detail::pass_on(model, n, dy, gradient(stage.shortcut), step.accumulates_shortcut);
        if constexpr (step.wants_dx) detail::pass_on(model, n, dy, gradient(stage.input), step.accumulates);
      } else {
        V* spare = workspace.template at<V>(Plan::training.spare_gradient[S], batch);
        auto pass = detail::make_pass(model, workspace, S, Plan::training, batch, address);
        pass.saved_bytes = workspace.template at<std::uint8_t>(Plan::training.saved_bytes[S], batch);
        pass.dy = dy;
        if constexpr (step.wants_dx)
          pass.dx = step.accumulates ? spare : gradient(stage.input);
        else if constexpr (!stage.memory.skips_dx)
          pass.dx = spare;
        detail::ModelOps<M, S>::backward(bare(model.backend), model.net.layers, pass);
        if constexpr (step.accumulates && step.wants_dx)
          accumulate(bare(model.backend), std::ptrdiff_t(n), spare, gradient(stage.input));
      }
    }
  });
}

}  // namespace ferlab
