// SPDX-License-Identifier: MIT
// Programs that must not differ: fused and not fused; and networks that the list of ops must get right.
#include "ferlab/train/evaluate.hpp"
#include "ops/backends.hpp"
#include "support/fills.hpp"
#include "support/gradient_check.hpp"

using namespace ferlab;

namespace {

/// The weights after three steps of SGD with momentum on one batch, and the losses of the steps.
template <class Net, class B>
std::vector<float> weights_after_3_steps(const Net& net, const B& backend) {
  const int batch = 5, classes = 3;
  Model<Net, B> model(net, backend, ModelOptions{.seed = 5});
  using M = decltype(model);
  const SGD optimizer{.learning_rate = 0.05f, .momentum = 0.9f, .weight_decay = 0.01f, .global_clipnorm = 1};
  const CategoricalCrossentropy loss{.label_smoothing = 0.1f};
  detail::Execution<M, detail::TrainingStep<Net, CategoricalCrossentropy, SGD, Accuracy>> step;
  step.tune(model.net, loss, optimizer);
  auto work = detail::WorkMemory<M>::template for_programs<typename decltype(step)::Program>(batch);
  const auto segments = model.segments();
  auto memory = step.memory(model, work, batch, segments);
  std::vector<float> velocity(model.trainable.size());
  const std::vector<float> rates(3, 0.05f);
  const auto labels = fills::labels(std::size_t(batch), classes, 4);
  memory.moments[0] = velocity.data(), memory.learning_rates = rates.data(), memory.target = labels.data();
  detail::set_state(model, work, {.seed = 11, .step = 4});
  for (int i = 0; i < 3; ++i) {
    step.prepare(model, work, memory);
    const auto x = fills::normals(std::size_t(batch) * M::input_shape().size(), std::uint64_t(20 + i));
    step.run(model, ops::Section::begin, memory);
    std::copy(x.begin(), x.end(), step.input());
    for (const auto section : {ops::Section::forward, ops::Section::loss, ops::Section::backward,
                               ops::Section::exchange, ops::Section::update})
      step.run(model, section, memory);
    model.weights_changed();
  }
  CHECK(work.state.data()->step == 7);
  CHECK(work.metrics.data()->seen == 3 * batch);
  auto all = model.get_weights();
  all.push_back(float(work.metrics.data()->loss_sum));
  return all;
}

template <class Net>
void check_fused_equals_unfused(const Net& net, double tolerance) {
  std::apply(
      [&]<class... Hosts>(const Hosts&...) {
        const auto check = [&]<class B>(const B& backend) {
          const auto fused = weights_after_3_steps(net, backend), plain = weights_after_3_steps(net, Unfused{backend});
          CHECK(fills::distance(fused, plain) <= tolerance);
          for (const B& other : op_test::on_threads<B>()) CHECK(weights_after_3_steps(net, other) == fused);
        };
        (check(typename Hosts::Backend{}), ...);
      },
      op_test::InFloat{});
}

/// y = a + b + c + d + e + f, each a trainable number for every channel: more weight arrays than any layer of ours.
struct SixSums {
  static constexpr const char* name = "six_sums";
  using lowers_to = test::Shift::lowers_to;
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    for (const char* name_of_one : {"a", "b", "c", "d", "e", "f"}) {
      const auto w = g.weight({name_of_one, 1, {int(x.shape.size()), 1, 1, 1}}, Initializer::zeros);
      const auto y = g.value(x.shape);
      g.run(test::ShiftForward{.x = x, .offset = w, .y = y});
      g.run_backward(test::ShiftBackward{.dy = g.gradient(y), .dx = g.gradient(x), .doffset = g.gradient(w)});
      x = y;
    }
    return x;
  }
};

/// y = relu(x) + x + x: three ops of one layer read one value.
struct ThreeReaders {
  static constexpr const char* name = "three_readers";
  using lowers_to = ops::OpTypes<ops::ReLU, ops::ReLUBackward, ops::Add, ops::Copy, ops::Accumulate>;
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto a = g.value(x.shape), b = g.value(x.shape), y = g.value(x.shape);
    g.run(ops::ReLU{.x = x, .y = a});
    g.run(ops::Add{.a = a, .b = x, .y = b});
    g.run(ops::Add{.a = b, .b = x, .y = y});
    const auto dy = g.gradient(y);
    g.run_backward(ops::Copy{.x = dy, .y = g.gradient(x)});
    g.run_backward(ops::Copy{.x = dy, .y = g.gradient(x)});
    g.run_backward(ops::ReLUBackward{.y = a, .dy = dy, .dx = g.gradient(x)});
    return y;
  }
};

/// BatchNorm, MaxPool and Dropout twice, as one layer: a rewrite must not pair the first's forward with the second's
/// backward.
struct TwoPools {
  using lowers_to = detail::UnionOf<BatchNorm::lowers_to, MaxPool<2>::lowers_to, Dropout::lowers_to>;
  static constexpr Shape output(Shape in) { return MaxPool<2>::output(MaxPool<2>::output(in)); }
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    for (int i = 0; i < 2; ++i)
      x = Dropout{.rate = 0.3f}.lower(g, MaxPool<2>{}.lower(g, BatchNorm{}.lower(g, x)));
    return x;
  }
};

/// Accuracy under another name.
struct Again : Accuracy {
  static constexpr const char* name = "again";
};

/// dx = 0.
struct ClearGradient {
  static constexpr const char* name = "clear_gradient";
  ops::Value dx;
  static constexpr void operands(auto& op, auto& each) { each.changes(op.dx); }
};
template <class T>
void run(const Cpu&, const ClearGradient& op, const ops::Memory<T>& m) {
  std::fill_n(m[op.dx], m.size(op.dx), T(0));
}

/// Forward nothing; no gradient passes back.
struct StopGradient {
  using lowers_to = ops::OpTypes<ClearGradient>;
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    g.run_backward(ClearGradient{.dx = g.gradient(x)});
    return x;
  }
};

}  // namespace

TEST_CASE("a layer that is three layers twice") {
  test::check_gradients(Sequential{Input<8, 8, 2>{}, Conv2D<3, 3>{}, TwoPools{}, Flatten{}, Dense<3>{}});
}

TEST_CASE("two metrics that are one op are both counted") {
  std::vector<std::uint8_t> pixels, labels;
  for (int i = 0; i < 24; ++i) pixels.push_back(std::uint8_t(37 * i)), labels.push_back(std::uint8_t(i % 2));
  const auto data = data::Dataset::from_memory({1, 1, 1}, pixels, labels, {"a", "b"});
  const Model model{Sequential{Input<1, 1, 1>{}, Dense<2>{}, Softmax{}}, Cpu{1}, {.seed = 4}};
  const auto score = evaluate(model, data, CategoricalCrossentropy{}, 10, Metrics{Accuracy{}, Again{}});
  CHECK(score.of(Accuracy{}) > 0);
  CHECK(score.of(Again{}) == score.of(Accuracy{}));
}

TEST_CASE("a layer with nothing to run forward has its place in the backward pass") {
  const Sequential net{Input<1, 1, 3>{}, Dense<4>{}, StopGradient{}, Dense<2>{}};
  Model model{net, Cpu{1}, {.seed = 3}};
  using M = decltype(model);
  detail::Execution<M, detail::ForwardBackward<M::Network>> pass;
  using Program = decltype(pass)::Program;
  pass.tune(model.net);
  auto work = detail::WorkMemory<M>::for_programs<Program>(2);
  const auto memory = pass.memory(model, work, 2);
  pass.prepare(model, work, memory);
  std::fill_n(pass.input(), 2 * 3, 1.0f);
  pass.run(model, ops::Section::forward, memory);
  std::fill_n(pass.at(test::seed_of<Program>()), 2 * 2, 1.0f);
  pass.run(model, ops::Section::backward, memory);
  const auto gradient = [&](const char* name) {
    const ParameterInfo& info = model.parameters()[model.entry(name)];
    return std::vector<float>(work.gradients.data() + info.offset, work.gradients.data() + info.offset + info.size());
  };
  CHECK(gradient("dense/kernel") == std::vector<float>(12, 0.0f));
  CHECK(gradient("dense/bias") == std::vector<float>(4, 0.0f));
  CHECK(gradient("dense_1/bias") == std::vector<float>(2, 2.0f));
}

TEST_CASE("three steps fused and not fused end in the same weights") {
  check_fused_equals_unfused(Sequential{Input<9, 8, 2>{}, Conv2D<5, 3>{.kernel_regularizer = L2{0.01f}}, ReLU{},
                                        Conv2D<6, 3>{}, ReLU{}, Residual{Conv2D<6, 3>{}, ReLU{}}, MaxPool<2>{},
                                        Flatten{}, Dense<8>{}, ReLU{}, Dropout{0.5f}, Dense<3>{}, Softmax{}},
                             1e-6);
  check_fused_equals_unfused(
      Sequential{Input<9, 8, 2>{}, Conv2D<5, 3>{}, ReLU{}, BatchNorm{}, Conv2D<6, 3>{}, ReLU{}, BatchNorm{},
                 MaxPool<2>{}, Dropout{0.25f}, Conv2D<4, 3>{}, BatchNorm{}, ReLU{}, AveragePool<2>{}, Flatten{},
                 Dense<8>{}, ReLU{}, Dropout{0.5f}, Dense<3>{}, Softmax{}},
      2e-5);
}

TEST_CASE("a layer with six weight arrays") {
  const Sequential net{Input<2, 3, 2>{}, Conv2D<3, 3>{}, SixSums{}, ReLU{}, Flatten{}, Dense<3>{}};
  test::check_gradients(net);
  const Model model{net, Cpu{1}};
  CHECK(model.parameters().size() == 2 + 6 + 2);
  CHECK(model.parameters()[7].name == "six_sums/f");
}

TEST_CASE("several ops of one layer read one value") {
  test::check_gradients(Sequential{Input<3, 3, 2>{}, test::Shift{}, ThreeReaders{}});
  test::check_gradients(Sequential{Input<3, 3, 2>{}, Conv2D<4, 3>{}, ReLU{}, ThreeReaders{}, BatchNorm{}});
  using Net = decltype(Sequential{Input<3, 3, 2>{}, test::Shift{}, ThreeReaders{}});
  CHECK(detail::Program<detail::ForwardBackward<Net>, Cpu, float, float>::count<ops::Accumulate>() == 2);
}
