// SPDX-License-Identifier: MIT
// The least that a training step must do, from the plan: what its time can be held against.
#pragma once

#include <ferlab/model/plan.hpp>

#include <string_view>

namespace bench {

/// Floating-point operations of a training step for one image: those of convolutions and dense layers alone, two for
/// each weight of a kernel at each pixel of the output, and that forward, for the kernel's gradient, and for the
/// input's where something before it is trained.
template <class Net, class Backend>
constexpr double step_operations() {
  using Plan = ferlab::Plan<Net, Backend>;
  double sum = 0;
  for (std::size_t s = 0; s < Plan::stage_count; ++s) {
    const ferlab::Stage& stage = Plan::stages[s];
    const int passes = 2 + Plan::backward[s].wants_dx;
    for (std::size_t layer = stage.first; layer < stage.first + stage.count; ++layer)
      for (std::size_t i = Plan::parameters.first[layer]; i < Plan::parameters.first[layer + 1]; ++i) {
        const ferlab::ParameterInfo& info = Plan::parameters.entries[i];
        const ferlab::Shape out = Net::graph.shapes[layer + 1];
        if (info.name.view().ends_with("/kernel")) sum += 2.0 * passes * double(info.size()) * out.height * out.width;
      }
  }
  return sum;
}

/// The fewest bytes that a training step moves, each tensor read or written once by each stage that needs it. Forward a
/// stage reads its input and writes its output and what it saves. Backward it reads dy, what it saved, and its input
/// and output if it needs them, and writes dx if anything before it is trained. Weights in the layers' type are read
/// forward and backward and their gradients written; Adam reads those, reads and writes float weights and two moments,
/// and writes the layers' copy where it is another type. Not counted: making the batch, the loss, statistics of
/// channels, scratch. Nor is it taken off that a small batch's tensors may stay in the cache.
template <class Net, class Backend>
constexpr double step_bytes(int batch) {
  using Plan = ferlab::Plan<Net, Backend>;
  constexpr std::size_t value = sizeof(typename Backend::template Value<float>);
  std::size_t of_image = 0;
  for (std::size_t s = 0; s < Plan::stage_count; ++s) {
    const ferlab::Stage& stage = Plan::stages[s];
    const ferlab::Memory& memory = stage.memory;
    const ferlab::BackwardStep& backward = Plan::backward[s];
    if (memory.view) continue;
    const std::size_t in = value * Net::graph.shapes[std::size_t(stage.input)].size();
    const std::size_t out = value * Net::graph.shapes[std::size_t(stage.output)].size();
    of_image += in + out + memory.saved_bytes_a_sample;
    if (!backward.runs) continue;
    of_image += out + memory.saved_bytes_a_sample + (memory.backward_reads_input ? in : 0) +
                (memory.backward_reads_output && !backward.relu_is_done ? out : 0) + (backward.wants_dx ? in : 0);
  }
  const std::size_t of_weight = 3 * value + 6 * sizeof(float) + value + (value < sizeof(float) ? value : 0);
  return double(batch) * double(of_image) + double(of_weight) * double(Plan::trainable_count);
}

}  // namespace bench
