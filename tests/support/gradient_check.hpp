// SPDX-License-Identifier: MIT
// One gradient check for every layer and every network: analytic gradients in double against central differences.
#pragma once

#include <ferlab/ferlab.hpp>

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

/// Compares d(sum of factor[k] * output[k]) with respect to every trainable weight; with a Shift in front also with
/// respect to the input. Everything the passes may only write is NaN before they run, so what they forget to write
/// shows.
template <class Net, class BackendType = Cpu>
void check_gradients(const Net& net, int batch = 3, BackendType backend = BackendType(), double tolerance = 1e-5) {
  Model<Net, BackendType, double> model(net, backend, ModelOptions{.seed = 7});
  for (std::size_t i = 0; i < model.trainable.size(); ++i) model.trainable.data()[i] = 0.5 * rough(i, 3);
  model.weights_changed();
  using M = decltype(model);
  Workspace<M> workspace(model, batch, Workspace<M>::Use::training);
  const std::size_t inputs = std::size_t(batch) * M::input_shape().size(),
                    outputs = std::size_t(batch) * M::output_shape().size();
  std::vector<double> x(inputs);
  for (std::size_t i = 0; i < inputs; ++i) x[i] = rough(i, 5);
  set_state(model, workspace, {.seed = 11, .step = 4});
  const double poison = std::numeric_limits<double>::quiet_NaN();
  auto fill = [&](auto& buffer) {
    double* p = reinterpret_cast<double*>(buffer.data());
    std::fill(p, p + buffer.size() * sizeof(*buffer.data()) / sizeof(double), poison);
  };
  auto objective = [&] {
    fill(workspace.arena);
    std::copy(x.begin(), x.end(), input_of(model, workspace, batch, true));
    model.weights_changed();
    const double* y = forward(model, workspace, batch);
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) sum += rough(k, 9) * y[k];
    return sum;
  };
  fill(workspace.gradients);
  fill(workspace.saved);
  fill(workspace.scratch);
  objective();
  double* dy = output_gradient(model, workspace, batch);
  for (std::size_t k = 0; k < outputs; ++k) dy[k] = rough(k, 9);
  backward(model, workspace, batch);

  for (std::size_t entry = 0; entry < model.parameters().size(); ++entry) {
    const ParameterInfo& info = model.parameters()[entry];
    if (!info.shape.trainable) continue;
    const std::size_t step = std::max<std::size_t>(1, info.size() / 40);  // large arrays: a sample of their elements
    for (std::size_t i = 0; i < info.size(); i += step) {
      double& w = model.weights(entry)[i];
      const double kept = w, epsilon = 1e-6;
      w = kept + epsilon;
      const double up = objective();
      w = kept - epsilon;
      const double down = objective();
      w = kept;
      const double numeric = (up - down) / (2 * epsilon), analytic = workspace.gradients.data()[info.offset + i];
      INFO(info.name.view() << "[" << i << "]: numeric " << numeric << ", analytic " << analytic);
      REQUIRE(std::abs(numeric - analytic) <= tolerance * (1 + std::abs(numeric)));
    }
  }
}

/// A trainable shift of every input element. Before a layer without weights, or as the first layer, it makes the
/// gradient with respect to the input visible as the gradient of a weight.
struct Shift {
  static constexpr const char* name = "shift";
  static constexpr auto parameters(Shape in) {
    return std::array<Parameter, 1>{{{"offset", 3, {in.height, in.width, in.channels, 1}}}};
  }
  template <class Backend>
  static constexpr Memory memory(Shape) {
    return {.backward_reads_input = false, .backward_reads_output = false, .skips_dx = true};
  }
  template <class Backend, class T>
  void forward(const Backend&, const Pass<T>& p) const {
    for (std::size_t i = 0; i < std::size_t(p.batch) * p.in.size(); ++i)
      p.y[i] = p.x[i] + p.parameter[0][i % p.in.size()];
  }
  template <class Backend, class T>
  void backward(const Backend&, const Pass<T>& p) const {
    std::fill_n(p.gradient[0], p.in.size(), T(0));
    for (std::size_t i = 0; i < std::size_t(p.batch) * p.in.size(); ++i) {
      p.gradient[0][i % p.in.size()] += p.dy[i];
      if (p.dx) p.dx[i] = p.dy[i];
    }
  }
};

}  // namespace ferlab::test
