// SPDX-License-Identifier: MIT
#include "kernels/batch_norm_max_pool_dropout.cuh"

#include "cpu/pool_shapes.hpp"
#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;
using namespace op_test;

namespace {

struct Result {
  std::vector<float> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta, argmax, maxima;
  bool operator==(const Result&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("The fused BatchNorm, MaxPool and Dropout kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  const Cpu cpu(1);
  Visible<StepState> state({.seed = 7, .step = 11});
  const RandomStream random{state->seed, 3, Purpose::dropout, state->step};
  for (const Pool2DGeometry& g : pool_shapes) {
    if (g.stride < g.window) continue;
    INFO(text(g));
    const std::size_t in = input_size(g), out = output_size(g), c = std::size_t(g.channels);
    const auto x = stored<S>(normals(in, 1, 0.4, 0.6)), dy = stored<S>(normals(out, 2, 0.1));
    const auto gamma = normals(c, 3), beta = normals(c, 4);

    Result expected;
    std::vector<std::uint8_t> argmax(out);
    std::vector<float> scratch(batch_norm_scratch_size(On<Cpu>{}, g.channels));
    expected.y.resize(out), expected.dx.resize(in);
    for (auto* v : {&expected.mean, &expected.inv_std, &expected.dgamma, &expected.dbeta}) v->resize(c);
    expected.moving_mean.assign(c, 2), expected.moving_variance.assign(c, 3);
    batch_statistics(cpu, std::ptrdiff_t(in / c), g.channels, x.data(),
                     BatchStatistics<float>{1e-3f, 0.9f, expected.mean.data(), expected.inv_std.data(),
                                            expected.moving_mean.data(), expected.moving_variance.data()},
                     scratch.data());
    batch_norm_max_pool_dropout_forward_training(cpu, g, x.data(), gamma.data(), beta.data(), expected.mean.data(),
                                                 expected.inv_std.data(), 0.4f, random, expected.y.data(),
                                                 argmax.data(), scratch.data());
    batch_norm_max_pool_dropout_backward(cpu, g, x.data(), dy.data(), gamma.data(), expected.mean.data(),
                                         expected.inv_std.data(), 0.4f, random, argmax.data(), expected.dx.data(),
                                         expected.dgamma.data(), expected.dbeta.data(), nullptr, scratch.data());

    const Result r = on_any_schedule([&] {
      Memory<S> image(x), slope(dy), y(out), maxima(out), dx(in);
      Memory<std::uint8_t> where(out);
      Memory<float> ga(gamma), be(beta), mean(c), inv_std(c), moving_mean(std::vector<float>(c, 2)),
          moving_variance(std::vector<float>(c, 3)), dgamma(c), dbeta(c),
          temporary(kernels::batch_norm_scratch_size(g.channels));
      kernels::batch_statistics(stream, std::ptrdiff_t(in / c), g.channels, image.data(),
                                {1e-3f, 0.9f, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()},
                                temporary.data());
      kernels::batch_norm_max_pool_dropout_forward(stream, g, image.data(), ga.data(), be.data(), mean.data(),
                                                   inv_std.data(), 0.4f, {state.get(), 3}, y.data(), maxima.data(),
                                                   where.data());
      kernels::batch_norm_max_pool_dropout_backward(stream, g, image.data(), maxima.data(), where.data(), slope.data(),
                                                    ga.data(), mean.data(), inv_std.data(), 0.4f, dx.data(),
                                                    dgamma.data(), dbeta.data(), nullptr, temporary.data());
      return Result{y.values(),  mean.values(),   inv_std.values(), moving_mean.values(), moving_variance.values(),
                    dx.values(), dgamma.values(), dbeta.values(),   where.values(),       maxima.values()};
    });
    const double root = std::sqrt(double(in / c));
    REQUIRE(r.argmax == std::vector<float>(argmax.begin(), argmax.end()));
    REQUIRE(distance(r.mean, expected.mean) < 1e-5);
    REQUIRE(distance(r.inv_std, expected.inv_std, 10) < 1e-5);
    REQUIRE(distance(r.moving_variance, expected.moving_variance) < 1e-5);
    REQUIRE(distance(r.y, expected.y, largest(expected.y)) < 1e-5 + rounding<S>);
    REQUIRE(distance(r.dgamma, expected.dgamma, 10 * root) < 1e-5);
    REQUIRE(distance(r.dbeta, expected.dbeta, 10 * root) < 1e-5);
    REQUIRE(distance(r.dx, expected.dx, largest(expected.dx)) < 1e-5 + rounding<S>);

    std::vector<float> bias_gradient(c);
    batch_norm_max_pool_dropout_backward(cpu, g, x.data(), dy.data(), gamma.data(), expected.mean.data(),
                                         expected.inv_std.data(), 0.4f, random, argmax.data(), expected.dx.data(),
                                         expected.dgamma.data(), expected.dbeta.data(), bias_gradient.data(),
                                         scratch.data());
    {
      Memory<S> image(x), slope(dy), maxima(r.maxima), dx(in);
      Memory<std::uint8_t> where(argmax);
      Memory<float> ga(gamma), mean(expected.mean), inv_std(expected.inv_std), dgamma(c), dbeta(c), db(c),
          temporary(kernels::batch_norm_scratch_size(g.channels));
      kernels::batch_norm_max_pool_dropout_backward(stream, g, image.data(), maxima.data(), where.data(), slope.data(),
                                                    ga.data(), mean.data(), inv_std.data(), 0.4f, dx.data(),
                                                    dgamma.data(), dbeta.data(), db.data(), temporary.data());
      REQUIRE(distance(dx.values(), expected.dx, largest(expected.dx)) < 1e-5 + rounding<S>);
      REQUIRE(distance(db.values(), bias_gradient, 10 * root) < 1e-4);
    }

    batch_norm_max_pool_inference(cpu, g, x.data(), gamma.data(), beta.data(), expected.moving_mean.data(),
                                  expected.moving_variance.data(), 1e-3f, expected.y.data());
    Memory<S> image(x), y(out);
    Memory<float> ga(gamma), be(beta), mean(expected.moving_mean), variance(expected.moving_variance);
    kernels::batch_norm_max_pool_inference(stream, g, image.data(), ga.data(), be.data(), mean.data(), variance.data(),
                                           1e-3f, y.data());
    REQUIRE(distance(y.values(), expected.y, largest(expected.y)) < 1e-6 + rounding<S>);
  }
}
