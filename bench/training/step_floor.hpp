// SPDX-License-Identifier: MIT
// The least that a training step must do, from the network and its program: what its time can be held against.
#pragma once

#include <ferlab/model/plan.hpp>

#include <string_view>

namespace bench {

/// Floating-point operations of a training step for one image: those of convolutions and dense layers alone, two for
/// each weight of a kernel at each pixel of the output, and that forward, for the kernel's gradient, and for the
/// input's where something before it is trained.
template <class Net>
constexpr double step_operations() {
  double sum = 0;
  const auto& parameters = ferlab::parameter_table<Net>;
  for (std::size_t layer = 0; layer + 1 < parameters.first.size(); ++layer)
    for (std::size_t i = parameters.first[layer]; i < parameters.first[layer + 1]; ++i) {
      const ferlab::ParameterInfo& info = parameters.entries[i];
      const ferlab::Shape out = Net::graph.shapes[layer + 1];
      const int passes = parameters.first[layer] > 0 ? 3 : 2;
      if (info.name.view().ends_with("/kernel")) sum += 2.0 * passes * double(info.size()) * out.height * out.width;
    }
  return sum;
}

/// What an op reads and writes of what grows with the batch: elements and bytes for each sample.
template <class Program>
struct Traffic {
  std::size_t values = 0, bytes = 0;

  void reads(auto ref) { add(ref.id); }
  void writes(auto ref) { add(ref.id); }
  void writes_over(auto ref, auto /*old*/) { add(ref.id); }
  void changes(auto ref) { add(ref.id), add(ref.id); }
  void scratch(auto) {}
  void reports() {}

 private:
  void add(int id) {
    if (id < 0) return;
    const auto& tensor = Program::tensors[std::size_t(id)];
    if (tensor.region != ferlab::detail::Region::sample) return;
    (tensor.element == ferlab::detail::Element::byte ? bytes : values) += tensor.count;
  }
};

/// The fewest bytes that the ops of a training step move, each value read or written once by each op of the forward and
/// the backward pass that names it. Weights in the layers' type are read forward and backward and their gradients
/// written; Adam reads those, reads and writes float weights and two moments, and writes the layers' copy where it is
/// another type. Not counted: making the batch, the loss, statistics of channels, scratch. Nor is it taken off that a
/// small batch's tensors may stay in the cache.
template <class Net, class Backend>
double step_bytes(int batch) {
  using Plan = ferlab::Plan<Net, Backend>;
  using Program = typename Plan::Training;
  constexpr std::size_t value = sizeof(typename Plan::Element);
  Traffic<Program> traffic;
  for (const auto section : {ferlab::ops::Section::forward, ferlab::ops::Section::backward})
    for (int i = Program::begin(section); i < Program::end(section); ++i)
      Program::visit(i, [&]<class Op>(const Op& op) { Op::operands(op, traffic); });
  const std::size_t of_weight = 3 * value + 6 * sizeof(float) + value + (value < sizeof(float) ? value : 0);
  return double(batch) * double(value * traffic.values + traffic.bytes) +
         double(of_weight) * double(Plan::trainable_count);
}

}  // namespace bench
