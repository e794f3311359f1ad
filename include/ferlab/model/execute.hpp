// SPDX-License-Identifier: MIT
// Runs the plan: forward, backward, and inference of one batch. The stages are unrolled at compile time; what each one
// needs is looked up in the plan.
#pragma once

#include <utility>

#include "ferlab/model/stage_ops.hpp"
#include "ferlab/model/workspace.hpp"

namespace ferlab {

/// How far a pass goes: to the network's output, or (where Softmax is last and the loss does it too) to what enters the
/// last stage.
enum class Until { output, logits };

namespace detail {

/// The trainable weights as V.
template <class M>
const typename M::Value* rounded_weights(const M& model, const Workspace<M>& workspace) {
  if constexpr (std::is_same_v<typename M::Value, typename M::Scalar>)
    return model.trainable.data();
  else
    return workspace.rounded.data();
}

template <class M>
Pass<typename M::Scalar, typename M::Value> make_pass(const M& model, Workspace<M>& workspace, std::size_t s,
                                                      const auto& memory, int batch) {
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
    pass.parameter[k] = const_cast<M&>(model).memory_of(first + k);
    if (!info.shape.trainable) continue;
    pass.rounded[k] = rounded_weights(model, workspace) + info.offset;
    if (workspace.gradients.size() > 0) pass.gradient[k] = workspace.gradients.data() + info.offset;
  }
  pass.saved = workspace.saved.data() + (workspace.saved.size() > 0 ? Plan::saved_offset[s] : 0);
  pass.scratch = workspace.scratch.data();
  pass.prepared = stage.memory.prepared > 0 ? workspace.prepared.data() + Plan::prepared_offset[s]
                                            : const_cast<V*>(pass.rounded[0]);
  pass.random = {workspace.state.data(), std::uint32_t(Net::graph.nodes[stage.first].index), Purpose::dropout};
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
  if constexpr (!std::is_same_v<typename M::Value, typename M::Scalar>)
    convert(bare(model.backend), std::ptrdiff_t(model.trainable.size()), model.trainable.data(),
            workspace.rounded.data());
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

/// Sets the numbers of the step that runs next (what dropout draws depends on `seed` and `step`), and what was found so
/// far.
template <class M>
void set_state(const M& model, Workspace<M>& workspace, const StepState& state, const StepMetrics& metrics = {}) {
  copy_from_host(bare(model.backend), 1, &state, workspace.state.data());
  copy_from_host(bare(model.backend), 1, &metrics, workspace.metrics.data());
}

/// Where a batch goes in before `infer` (or, with training = true, before `forward`): [batch][input].
template <class M>
typename M::Value* input_of(const M&, Workspace<M>& workspace, int batch, bool training = false) {
  const auto& plan = training ? M::Plan::training : M::Plan::inference;
  return workspace.template at<typename M::Value>(plan.activation[0], batch);
}

/// Where `infer` (or `forward`) leaves what it makes.
template <class M>
typename M::Value* output_of(const M&, Workspace<M>& workspace, int batch, bool training = false,
                             Until until = Until::output) {
  const auto& plan = training ? M::Plan::training : M::Plan::inference;
  const int value = until == Until::logits ? M::Plan::stages[M::Plan::stage_count - 1].input : M::Network::graph.output;
  return workspace.template at<typename M::Value>(plan.activation[std::size_t(value)], batch);
}

/// Runs the network outside of training on the batch at input_of(...); returns [batch][output], valid until the next
/// pass.
template <class M>
const typename M::Value* infer(const M& model, Workspace<M>& workspace, int batch, Until until = Until::output) {
  using Plan = typename M::Plan;
  detail::prepare(model, workspace);
  detail::for_each_stage<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    if (S + 1 == Plan::stage_count && until == Until::logits) return;
    if constexpr (Plan::stages[S].is_join)
      detail::join(model, workspace, S, Plan::inference, batch);
    else if constexpr (!Plan::stages[S].memory.view)
      detail::ModelOps<M, S>::infer(bare(model.backend), model.net.layers,
                                    detail::make_pass(model, workspace, S, Plan::inference, batch));
  });
  return output_of(model, workspace, batch, false, until);
}

/// The forward pass of training, with the numbers of workspace.state; moves BatchNorm's running statistics. Returns
/// [batch][output].
template <class M>
typename M::Value* forward(M& model, Workspace<M>& workspace, int batch, Until until = Until::output) {
  using Plan = typename M::Plan;
  detail::prepare(model, workspace);
  detail::for_each_stage<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    if (S + 1 == Plan::stage_count && until == Until::logits) return;
    if constexpr (Plan::stages[S].is_join) {
      detail::join(model, workspace, S, Plan::training, batch);
    } else if constexpr (!Plan::stages[S].memory.view) {
      auto pass = detail::make_pass(model, workspace, S, Plan::training, batch);
      pass.saved_bytes = workspace.template at<std::uint8_t>(Plan::training.saved_bytes[S], batch);
      pass.statistics_are_done = statistics_come_before(Plan::stages, S);
      BatchStatistics<typename M::Scalar> of_output;
      if constexpr (statistics_come_before(Plan::stages, S + 1)) {
        const auto& norm = get<Plan::stages[S + 1].first>(model.net.layers);
        of_output = norm.statistics(detail::make_pass(model, workspace, S + 1, Plan::training, batch));
        pass.statistics = &of_output;
      }
      detail::ModelOps<M, S>::forward(bare(model.backend), model.net.layers, pass);
    }
  });
  return output_of(model, workspace, batch, true, until);
}

/// Where the loss writes its gradient: with respect to the output, or to the logits.
template <class M>
typename M::Value* output_gradient(const M&, Workspace<M>& workspace, int batch, Until until = Until::output) {
  using Plan = typename M::Plan;
  const int value = until == Until::logits ? Plan::stages[Plan::stage_count - 1].input : M::Network::graph.output;
  return workspace.template at<typename M::Value>(Plan::training.gradient[std::size_t(value)], batch);
}

/// The backward pass of the last `forward`, from output_gradient(...) to workspace.gradients.
template <class M>
void backward(const M& model, Workspace<M>& workspace, int batch, Until from = Until::output) {
  using Plan = typename M::Plan;
  using V = typename M::Value;
  detail::for_each_stage_backward<M>([&]<std::size_t S>(std::integral_constant<std::size_t, S>) {
    constexpr Stage stage = Plan::stages[S];
    constexpr BackwardStep step = Plan::backward[S];
    if constexpr (step.runs) {
      if (S + 1 == Plan::stage_count && from == Until::logits) return;
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
        auto pass = detail::make_pass(model, workspace, S, Plan::training, batch);
        pass.saved_bytes = workspace.template at<std::uint8_t>(Plan::training.saved_bytes[S], batch);
        pass.dy = dy;
        pass.relu_is_done = step.relu_is_done;
        if constexpr (step.relu_of >= 0) {
          constexpr Stage before = Plan::stages[std::size_t(step.relu_of)];
          constexpr std::size_t bias =
              Plan::parameters.first[before.first] + std::size_t(before.neighbours.bias_before_relu);
          pass.relu_bias_gradient = workspace.gradients.data() + Plan::parameters.entries[bias].offset;
        }
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
