// SPDX-License-Identifier: MIT
// The execution plan, all of it known at compile time: stages, the parameter table, and where in one arena every
// activation, gradient and saved byte lives, for training and for inference. Time runs forward through the stages 0 ..
// S-1, the loss is at time S, and stage s runs backward at time 2S - s.
#pragma once

#include "ferlab/model/arena.hpp"
#include "ferlab/model/parameter_table.hpp"
#include "ferlab/model/stages.hpp"

namespace ferlab {

/// Byte offsets in the arena, for one sample: multiply by the batch size. Unused entries are 0.
template <std::size_t Values, std::size_t Stages>
struct MemoryPlan {
  std::array<std::size_t, Values> activation{};
  std::array<std::size_t, Values> gradient{};
  std::array<std::size_t, Stages> saved_bytes{};
  std::array<std::size_t, Stages> spare_gradient{};  ///< where dx goes first if it must be added, or is not wanted
  std::size_t bytes_a_sample = 0;                    ///< peak: the size of the arena
};

/// Does the stage before find the statistics of its output for this one's BatchNorm?
template <class Stages>
constexpr bool statistics_come_before(const Stages& stages, std::size_t s) {
  return s > 0 && s < stages.size() && stages[s].neighbours.takes_statistics &&
         stages[s - 1].neighbours.gives_statistics && stages[s].input == stages[s - 1].output;
}

/// What becomes of a stage's gradients.
struct BackwardStep {
  bool runs = false;         ///< something at or before this stage is trained
  bool wants_dx = false;     ///< something before this stage is trained
  bool accumulates = false;  ///< dx is added to what another reader of the same value wrote
  bool accumulates_shortcut = false;
  bool wants_shortcut = false;
  int relu_of = -1;           ///< the stage before, whose last bias and ReLU this one runs backward too
  bool relu_is_done = false;  ///< by the stage after
};

namespace detail {

template <std::size_t V, std::size_t S>
struct Planner {
  std::array<Stage, S> stages;
  std::array<Shape, V> shapes;
  std::size_t scalar;
  int output;
  bool softmax_last;
  bool training;

  static constexpr std::size_t none = std::size_t(-1);
  std::array<BackwardStep, S> backward{};
  std::array<Lifetime, 2 * V + 2 * S> lives{};
  std::array<std::size_t, 2 * V> root{};  // of buffers that share memory, the one that stands for all

  constexpr int backward_time(std::size_t s) const { return int(2 * S - s); }
  constexpr std::size_t bytes(int value) const { return shapes[std::size_t(value)].size() * scalar; }

  constexpr void plan_backward() {
    std::array<bool, V> trained{};  // does a gradient of this value lead to anything trainable?
    for (std::size_t s = 0; s < S; ++s) {
      const Stage& stage = stages[s];
      BackwardStep& step = backward[s];
      step.wants_dx = trained[std::size_t(stage.input)];
      step.wants_shortcut = stage.shortcut >= 0 && trained[std::size_t(stage.shortcut)];
      step.runs = trained[std::size_t(stage.output)] = stage.trains || step.wants_dx || step.wants_shortcut;
    }
    std::array<bool, V> written{};  // the last reader runs backward first and writes; the others add
    for (std::size_t s = S; s-- > 0;) {
      const Stage& stage = stages[s];
      if (stage.shortcut >= 0) {
        backward[s].accumulates_shortcut = written[std::size_t(stage.shortcut)];
        written[std::size_t(stage.shortcut)] = true;
      }
      backward[s].accumulates = written[std::size_t(stage.input)];
      written[std::size_t(stage.input)] = true;
    }
    plan_relus();
  }

  constexpr int readers(int value) const {
    int count = value == output;
    for (const Stage& stage : stages) count += (stage.input == value) + (stage.shortcut == value);
    return count;
  }
  constexpr void plan_relus() {
    for (std::size_t s = 1; s < S; ++s) {
      const Stage &stage = stages[s], &before = stages[s - 1];
      if (!stage.neighbours.takes_relu || !backward[s].wants_dx || before.neighbours.bias_before_relu < 0 ||
          before.output != stage.input || readers(stage.input) > 1)
        continue;
      backward[s].relu_of = int(s - 1);
      backward[s - 1].relu_is_done = true;
    }
  }

  constexpr std::size_t root_of(std::size_t buffer) const {
    while (root[buffer] != buffer) buffer = root[buffer];
    return buffer;
  }
  constexpr void share(std::size_t buffer, std::size_t with) {
    const std::size_t to = root_of(with);
    root[buffer] = to;
    Lifetime& all = lives[to];
    all.birth = std::min(all.birth, lives[buffer].birth);
    all.death = std::max(all.death, lives[buffer].death);
    lives[buffer].bytes = 0;
  }

  constexpr void plan_activations() {
    lives[0] = {bytes(0), -1, -1};
    for (std::size_t s = 0; s < S; ++s) {
      const Stage& stage = stages[s];
      Lifetime& out = lives[std::size_t(stage.output)];
      out = {bytes(stage.output), int(s), int(s)};
      if (training && stage.memory.backward_reads_output && backward[s].runs) out.death = backward_time(s);
      for (int value : {stage.input, stage.shortcut})
        if (value >= 0) lives[std::size_t(value)].death = std::max(lives[std::size_t(value)].death, int(s));
      if (training && stage.memory.backward_reads_input && backward[s].runs)
        lives[std::size_t(stage.input)].death = backward_time(s);
    }
    lives[std::size_t(output)].death = std::max(lives[std::size_t(output)].death, int(S));
    for (std::size_t s = 0; s < S; ++s) {
      const Stage& stage = stages[s];
      const std::size_t in = root_of(std::size_t(stage.input));
      const bool free = stage.memory.in_place && lives[in].death <= int(s) && bytes(stage.input) == bytes(stage.output);
      if (stage.memory.view || free) share(std::size_t(stage.output), std::size_t(stage.input));
    }
  }

  constexpr void plan_gradients() {
    for (std::size_t s = S; s-- > 0;) {
      const Stage& stage = stages[s];
      if (!backward[s].runs) continue;
      const int t = backward_time(s);
      Lifetime& dy = lives[V + std::size_t(stage.output)];
      if (stage.output == output) dy = {bytes(output), int(S), t};
      dy.death = t;
      if (stage.shortcut >= 0 && backward[s].wants_shortcut && !backward[s].accumulates_shortcut)
        lives[V + std::size_t(stage.shortcut)] = {bytes(stage.shortcut), t, t};
      const bool before_softmax = softmax_last && s + 1 == S;  // the loss may write the logits' gradient itself
      if (backward[s].wants_dx && !backward[s].accumulates)
        lives[V + std::size_t(stage.input)] = {bytes(stage.input), before_softmax ? int(S) : t, t};
      const bool spare = backward[s].wants_dx ? backward[s].accumulates && !stage.memory.view && !stage.is_join
                                              : stage.trains && !stage.memory.skips_dx;
      if (spare) lives[2 * V + S + s] = {bytes(stage.input), t, t};
      lives[2 * V + s] = {stage.memory.saved_bytes_a_sample, int(s), t};
    }
    for (std::size_t s = S; s-- > 0;) {
      const Stage& stage = stages[s];
      if (!backward[s].wants_dx || backward[s].accumulates || (softmax_last && s + 1 == S)) continue;
      if (stage.memory.view || (stage.memory.in_place_backward && bytes(stage.input) == bytes(stage.output)))
        share(V + std::size_t(stage.input), V + std::size_t(stage.output));
    }
  }

  constexpr MemoryPlan<V, S> result() {
    for (std::size_t i = 0; i < root.size(); ++i) root[i] = i;
    plan_backward();
    plan_activations();
    if (training) plan_gradients();
    const auto arena = place(lives);
    MemoryPlan<V, S> plan;
    for (std::size_t v = 0; v < V; ++v) {
      plan.activation[v] = arena.offset[root_of(v)];
      plan.gradient[v] = arena.offset[root_of(V + v)];
    }
    for (std::size_t s = 0; s < S; ++s) {
      plan.saved_bytes[s] = arena.offset[2 * V + s];
      plan.spare_gradient[s] = arena.offset[2 * V + S + s];
    }
    plan.bytes_a_sample = arena.bytes;
    return plan;
  }
};

template <class Net, class Backend, class T>
constexpr auto make_planner(bool training) {
  using List = typename Net::List;
  constexpr auto& stages = stages_of<Net, Backend>;
  return Planner<List::size + 1, stages.size()>{
      .stages = stages,
      .shapes = Net::graph.shapes,
      .scalar = sizeof(typename Backend::template Value<T>),
      .output = Net::graph.output,
      .softmax_last = std::string_view(LayerTraits<typename List::template at<List::size - 1>>::name) == "softmax",
      .training = training};
}

}  // namespace detail

/// Everything about running Net on Backend in T that does not depend on data. Usable in static_assert.
template <class Net, class Backend, class T = float>
struct Plan {
  static constexpr auto& stages = stages_of<Net, Backend>;
  static constexpr std::size_t stage_count = stages.size();

  static constexpr auto& parameters = parameter_table<Net>;
  static constexpr std::size_t trainable_count = parameters.trainable;
  static constexpr std::size_t parameter_count = parameters.trainable + parameters.frozen;

  static constexpr auto training = detail::make_planner<Net, Backend, T>(true).result();
  static constexpr auto inference = detail::make_planner<Net, Backend, T>(false).result();
  static constexpr auto backward = [] {
    auto planner = detail::make_planner<Net, Backend, T>(true);
    planner.plan_backward();
    return planner.backward;
  }();
  static constexpr std::size_t training_bytes_a_sample = training.bytes_a_sample;
  static constexpr std::size_t inference_bytes_a_sample = inference.bytes_a_sample;

  /// Offsets, in T, of what does not grow with the batch: each stage's saved statistics and prepared weights.
  static constexpr auto saved_offset = [] {
    std::array<std::size_t, stage_count + 1> at{};
    for (std::size_t s = 0; s < stage_count; ++s) at[s + 1] = at[s] + align_up(stages[s].memory.saved);
    return at;
  }();
  static constexpr auto prepared_offset = [] {
    std::array<std::size_t, stage_count + 1> at{};
    for (std::size_t s = 0; s < stage_count; ++s) at[s + 1] = at[s] + align_up(stages[s].memory.prepared);
    return at;
  }();
  static constexpr std::size_t scratch = [] {
    std::size_t most = 0;
    for (const Stage& stage : stages) most = std::max(most, stage.memory.scratch);
    return most;
  }();
};

}  // namespace ferlab
