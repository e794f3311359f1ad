// SPDX-License-Identifier: MIT
// One gradient check for every layer and every network: analytic gradients in double against central differences.
#pragma once

#include <ferlab/cpu/cpu.hpp>
#include <ferlab/layers/layers.hpp>
#include <ferlab/model/execution.hpp>
#include <ferlab/optimizers/sgd.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace ferlab::test {

/// Numbers in -1..1 with no pattern, none near 0 and no two near each other: ReLU and MaxPool have no kink within a
/// step.
inline double rough(std::uint64_t i, std::uint64_t seed = 1) {
  const RandomStream stream{.seed = seed, .purpose = Purpose::data};
  const double value = 2.0 * double(stream.uniform(i)) - 1.0;
  return value + (value < 0 ? -0.05 : 0.05);
}

/// Where the gradient of a program's output is written before its backward pass.
template <class Program>
ops::Value seed_of() {
  ops::Value dy;
  for (int i = Program::begin(ops::Section::loss); i < Program::end(ops::Section::loss); ++i)
    Program::visit(i, [&]<class Op>(const Op& op) {
      if constexpr (std::is_same_v<Op, ops::SeedGradient>) dy = op.dy;
    });
  return dy;
}

/// Fills memory with NaN: what an op forgets to write shows.
template <class Buffer>
void poison(Buffer& buffer) {
  double* const p = reinterpret_cast<double*>(buffer.data());
  std::fill(p, p + buffer.size() * sizeof(*buffer.data()) / sizeof(double), std::numeric_limits<double>::quiet_NaN());
}

/// Compares `gradients` with central differences of objective() for every trainable weight; of large arrays for some.
template <class M, class Objective>
void compare_gradients(M& model, const double* gradients, double tolerance, const Objective& objective) {
  for (std::size_t entry = 0; entry < model.parameters().size(); ++entry) {
    const ParameterInfo& info = model.parameters()[entry];
    if (!info.shape.trainable) continue;
    const std::size_t step = std::max<std::size_t>(1, info.size() / 40);
    for (std::size_t i = 0; i < info.size(); i += step) {
      double& w = model.weights(entry)[i];
      const double kept = w, epsilon = 1e-6;
      w = kept + epsilon;
      const double up = objective();
      w = kept - epsilon;
      const double down = objective();
      w = kept;
      const double numeric = (up - down) / (2 * epsilon), analytic = gradients[info.offset + i];
      INFO(info.name.view() << "[" << i << "]: numeric " << numeric << ", analytic " << analytic);
      REQUIRE(std::abs(numeric - analytic) <= tolerance * (1 + std::abs(numeric)));
    }
  }
}

/// Compares d(sum of factor[k] * output[k]) with respect to every trainable weight; with a Shift in front also with
/// respect to the input.
template <class Net, class BackendType = Cpu>
void check_gradients(const Net& net, int batch = 3, BackendType backend = BackendType(), double tolerance = 1e-5) {
  Model<Net, BackendType, double> model(net, backend, ModelOptions{.seed = 7});
  for (std::size_t i = 0; i < model.trainable.size(); ++i) model.trainable.data()[i] = 0.5 * rough(i, 3);
  model.weights_changed();
  using M = decltype(model);
  detail::Execution<M, detail::ForwardBackward<Net>> pass;
  using Program = typename decltype(pass)::Program;
  pass.tune(model.net);
  auto work = detail::WorkMemory<M>::template for_programs<Program>(batch);
  detail::set_state(model, work, {.seed = 11, .step = 4});
  const auto memory = pass.memory(model, work, batch);
  const std::size_t inputs = std::size_t(batch) * M::input_shape().size(),
                    outputs = std::size_t(batch) * M::output_shape().size();
  const auto objective = [&] {
    poison(work.samples);
    for (std::size_t i = 0; i < inputs; ++i) pass.input()[i] = rough(i, 5);
    model.weights_changed();
    pass.prepare(model, work, memory);
    pass.run(model, ops::Section::forward, memory);
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) sum += rough(k, 9) * pass.output()[k];
    return sum;
  };
  poison(work.gradients);
  poison(work.batch);
  poison(work.packed);
  objective();
  for (std::size_t k = 0; k < outputs; ++k) pass.at(seed_of<Program>())[k] = rough(k, 9);
  pass.run(model, ops::Section::backward, memory);
  const std::vector<double> gradients(work.gradients.data(), work.gradients.data() + work.gradients.size());
  compare_gradients(model, gradients.data(), tolerance, objective);
}

/// Compares the gradients of a loss's mean over a batch with respect to every trainable weight. `targets`: of the
/// batch.
template <class Loss, class Net, class BackendType = Cpu>
void check_loss_gradients(const Loss& loss, const Net& net, const std::vector<typename Loss::Target::Element>& targets,
                          int batch, BackendType backend = BackendType(), double tolerance = 1e-5) {
  Model<Net, BackendType, double> model(net, backend, ModelOptions{.seed = 7});
  for (std::size_t i = 0; i < model.trainable.size(); ++i) model.trainable.data()[i] = 0.5 * rough(i, 3);
  model.weights_changed();
  using M = decltype(model);
  const SGD optimizer;
  detail::Execution<M, detail::TrainingStep<Net, Loss, SGD>> step;
  step.tune(model.net, loss, optimizer);
  auto work = detail::WorkMemory<M>::template for_programs<typename decltype(step)::Program>(batch);
  auto memory = step.memory(model, work, batch);
  memory.target = targets.data();
  const std::size_t inputs = std::size_t(batch) * M::input_shape().size();
  const auto objective = [&] {
    detail::set_state(model, work, {.seed = 11, .step = 4});
    poison(work.samples);
    for (std::size_t i = 0; i < inputs; ++i) step.input()[i] = rough(i, 5);
    model.weights_changed();
    step.prepare(model, work, memory);
    step.run(model, ops::Section::forward, memory);
    step.run(model, ops::Section::loss, memory);
    REQUIRE(work.metrics.data()->seen == batch);
    return work.metrics.data()->loss_sum / batch;
  };
  poison(work.gradients);
  objective();
  step.run(model, ops::Section::backward, memory);
  const std::vector<double> gradients(work.gradients.data(), work.gradients.data() + work.gradients.size());
  compare_gradients(model, gradients.data(), tolerance, objective);
}

/// y = x + offset, and what goes back.
struct ShiftForward {
  static constexpr const char* name = "shift";
  ops::Value x;
  ops::Weight offset;
  ops::Value y;
  static constexpr void operands(auto& op, auto& each) { each.reads(op.x), each.reads(op.offset), each.writes(op.y); }
};
struct ShiftBackward {
  static constexpr const char* name = "shift_backward";
  ops::Value dy, dx;
  ops::Gradient doffset;
  static constexpr void operands(auto& op, auto& each) {
    each.reads(op.dy), each.writes(op.dx), each.writes(op.doffset);
  }
};

/// A trainable shift of every input element. Before a layer without weights, or as the first layer, it makes the
/// gradient with respect to the input visible as the gradient of a weight.
struct Shift {
  static constexpr const char* name = "shift";
  using lowers_to = ops::OpTypes<ShiftForward, ShiftBackward>;
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto offset =
        g.weight({"offset", 3, {x.shape.height, x.shape.width, x.shape.channels, 1}}, Initializer::zeros);
    const auto y = g.value(x.shape);
    g.run(ShiftForward{.x = x, .offset = offset, .y = y});
    g.run_backward(ShiftBackward{.dy = g.gradient(y), .dx = g.gradient(x), .doffset = g.gradient(offset)});
    return y;
  }
};

template <Backend B, class T>
void run(const B&, const ShiftForward& op, const ops::Memory<T>& m) {
  const std::size_t n = op.x.shape.size();
  for (std::size_t i = 0; i < std::size_t(m.batch) * n; ++i) m[op.y][i] = m[op.x][i] + m[op.offset][i % n];
}
template <Backend B, class T>
void run(const B&, const ShiftBackward& op, const ops::Memory<T>& m) {
  const std::size_t n = op.dy.shape.size();
  std::fill_n(m[op.doffset], n, T(0));
  for (std::size_t i = 0; i < std::size_t(m.batch) * n; ++i) {
    m[op.doffset][i % n] += m[op.dy][i];
    m[op.dx][i] = m[op.dy][i];
  }
}

}  // namespace ferlab::test
