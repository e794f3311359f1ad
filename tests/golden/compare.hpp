// SPDX-License-Identifier: MIT
// A small network against PyTorch: outputs, loss, gradients and three Adam steps. See make_small_net.py.
#pragma once

#include <ferlab/ferlab.hpp>

#include "golden/small_net.hpp"
#include "support/catch.hpp"

namespace golden {

using namespace ferlab;

template <class T, class Backend>
void compare(Backend backend, double tolerance, double weight_tolerance) {
  const Sequential net{Input<8, 8, 1>{}, Conv2D<4, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}},
                       ReLU{},           BatchNorm{},
                       MaxPool<2>{},     Conv2D<6, 3>{},
                       ReLU{},           Flatten{},
                       Dense<5>{},       Softmax{}};
  Model<std::remove_const_t<decltype(net)>, Backend, T> model(net, backend);
  const auto check = [&](std::span<const T> found, std::span<const double> expected, double bound) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      INFO("element " << i);
      CHECK(double(found[i]) == Approx(expected[i]).epsilon(bound).margin(bound));
    }
  };
  for (const golden::Weight& w : golden::weights) {
    REQUIRE(model.weights(w.name).size() == w.size);
    std::copy_n(w.initial, w.size, model.weights(w.name).begin());
  }
  model.weights_changed();

  const auto data =
      data::Dataset::from_memory({8, 8, 1}, {std::begin(golden::pixels), std::end(golden::pixels)},
                                 {std::begin(golden::labels), std::end(golden::labels)}, {"a", "b", "c", "d", "e"});
  const Adam adam{.learning_rate = 1e-2f};
  const CategoricalCrossentropy crossentropy{.label_smoothing = 0.1f};
  const data::Dataset none;
  Training t(model, adam, crossentropy, data, none, 4);
  t.shuffles = false;
  for (int step = 0; step < 3; ++step) {
    t.batch = 0;
    t.loss_sum = 0;
    t.seen = 0;
    t.begin_epoch();
    t.train_batch();
    CHECK(t.result.loss == Approx(golden::losses[step]).epsilon(tolerance));
    if (step > 0) continue;
    // The penalty's part, 2 * l2 * w, is added inside the optimizer's pass; every other gradient is whole.
    for (const ParameterInfo& info : model.parameters())
      for (const golden::Weight& w : golden::weights) {
        if (!(info.name == w.name)) continue;
        std::vector<T> whole(t.gradients().begin() + std::ptrdiff_t(info.offset),
                             t.gradients().begin() + std::ptrdiff_t(info.offset + info.size()));
        if (info.name == "conv2d/kernel")
          for (std::size_t i = 0; i < whole.size(); ++i) whole[i] += T(2 * double(0.01f) * w.initial[i]);
        INFO(w.name);
        check(whole, {w.gradient, w.size}, tolerance);
      }
  }
  for (const golden::Weight& w : golden::weights) {
    INFO(w.name);
    check(model.weights(w.name), {w.final, w.size}, weight_tolerance);
  }
  check(model.weights("batch_norm/moving_mean"), golden::final_moving_mean, tolerance);
  check(model.weights("batch_norm/moving_variance"), golden::final_moving_variance, tolerance);
}

}  // namespace golden
