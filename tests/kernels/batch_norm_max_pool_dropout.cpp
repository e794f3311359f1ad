// SPDX-License-Identifier: MIT
#include "kernels/batch_norm_max_pool_dropout.cuh"

#include "kernels/kernel_test.hpp"
#include "ops/batch_norm_operands.hpp"
#include "ops/pool_shapes.hpp"

using namespace ferlab;
using namespace kernel_test;
using namespace op_test;
using namespace fills;

namespace {

using OnCpuNorm = BatchNormOperands<On<Cpu, float>>;
constexpr float momentum = float(OnCpuNorm::momentum_value);

struct Result {
  std::vector<float> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta, argmax, maxima;
  bool operator==(const Result&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("The fused BatchNorm, MaxPool and Dropout kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  Visible<ops::StepState> state({.seed = 7, .step = 11});
  for (const ops::Pool2DGeometry& g : pool_shapes) {
    if (g.stride < g.window) continue;
    INFO(text(g));
    const std::size_t in = input_size(g), out = output_size(g), c = std::size_t(g.channels);
    const auto x = stored<S>(normals(in, 1, 0.4, 0.6)), dy = stored<S>(normals(out, 2, 0.1));
    const auto gamma = normals(c, 3), beta = normals(c, 4);

    OnCpuNorm m(g.batch, input_shape(g), x, gamma, beta);
    m.state = {.seed = 7, .step = 11};
    const ops::Pool2DGeometry any = of_any_batch(g);
    const auto on_y = m.value(output_shape(g)), on_dy = m.value(output_shape(g), dy);
    const auto on_argmax = m.bytes(output_shape(g).size());
    const auto rate = m.setting(0.4f);
    m.run(m.statistics());
    m.run(ops::BatchNormMaxPoolDropout{.norm = m.forward(),
                                       .pool = {.geometry = any, .x = {}, .y = {}},
                                       .dropout = {.x = {}, .y = on_y, .rate = rate, .layer = 3},
                                       .saved = on_argmax});
    ops::BatchNormMaxPoolDropoutBackward backward{.dropout = {.dy = on_dy, .dx = {}, .rate = rate, .layer = 3},
                                                  .pool = {.geometry = any, .dy = {}, .argmax = {}, .dx = {}},
                                                  .norm = m.backward({}),
                                                  .saved = on_argmax};
    m.run(backward);
    const auto argmax = m[on_argmax];
    const Result expected{
        m[on_y], m[m.mean], m[m.inv_std], m[m.moving_mean], m[m.moving_variance], m[m.dx], m[m.dgamma], m[m.dbeta],
        {},      {}};

    const Result r = on_any_schedule([&] {
      Memory<S> image(x), slope(dy), y(out), maxima(out), dx(in);
      Memory<std::uint8_t> where(out);
      Memory<float> ga(gamma), be(beta), mean(c), inv_std(c), moving_mean(std::vector<float>(c, 8)),
          moving_variance(std::vector<float>(c, 4)), dgamma(c), dbeta(c),
          temporary(kernels::batch_norm_scratch_size(g.channels));
      kernels::run(stream, kernels::BatchStatistics<S>{.rows = std::ptrdiff_t(in / c),
                                                       .channels = g.channels,
                                                       .x = image.data(),
                                                       .found = {1e-3f, momentum, mean.data(), inv_std.data(),
                                                                 moving_mean.data(), moving_variance.data()},
                                                       .scratch = temporary.data()});
      kernels::run(stream, kernels::BatchNormMaxPoolDropout<S>{.geometry = g,
                                                               .x = image.data(),
                                                               .gamma = ga.data(),
                                                               .beta = be.data(),
                                                               .mean = mean.data(),
                                                               .inv_std = inv_std.data(),
                                                               .rate = 0.4f,
                                                               .random = {state.get(), 3},
                                                               .y = y.data(),
                                                               .maxima = maxima.data(),
                                                               .argmax = where.data()});
      kernels::run(stream, kernels::BatchNormMaxPoolDropoutBackward<S, float>{.geometry = g,
                                                                              .x = image.data(),
                                                                              .maxima = maxima.data(),
                                                                              .argmax = where.data(),
                                                                              .dy = slope.data(),
                                                                              .gamma = ga.data(),
                                                                              .mean = mean.data(),
                                                                              .inv_std = inv_std.data(),
                                                                              .rate = 0.4f,
                                                                              .dx = dx.data(),
                                                                              .dgamma = dgamma.data(),
                                                                              .dbeta = dbeta.data(),
                                                                              .scratch = temporary.data()});
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

    backward.norm.drelu_bias = m.gradient(c);
    m.run(backward);
    const auto past_relu = m[m.dx], bias_gradient = m[backward.norm.drelu_bias];
    {
      Memory<S> image(x), slope(dy), maxima(r.maxima), dx(in);
      Memory<std::uint8_t> where(argmax);
      Memory<float> ga(gamma), mean(expected.mean), inv_std(expected.inv_std), dgamma(c), dbeta(c), db(c),
          temporary(kernels::batch_norm_scratch_size(g.channels));
      kernels::run(stream, kernels::BatchNormMaxPoolDropoutBackward<S, float>{.geometry = g,
                                                                              .x = image.data(),
                                                                              .maxima = maxima.data(),
                                                                              .argmax = where.data(),
                                                                              .dy = slope.data(),
                                                                              .gamma = ga.data(),
                                                                              .mean = mean.data(),
                                                                              .inv_std = inv_std.data(),
                                                                              .rate = 0.4f,
                                                                              .dx = dx.data(),
                                                                              .dgamma = dgamma.data(),
                                                                              .dbeta = dbeta.data(),
                                                                              .drelu_bias = db.data(),
                                                                              .scratch = temporary.data()});
      REQUIRE(distance(dx.values(), past_relu, largest(past_relu)) < 1e-5 + rounding<S>);
      REQUIRE(distance(db.values(), bias_gradient, 10 * root) < 1e-4);
    }

    m.run(ops::BatchNormMaxPoolInference{.norm = m.inference(), .pool = {.geometry = any, .x = {}, .y = on_y}});
    const auto inferred = m[on_y];
    Memory<S> image(x), y(out);
    Memory<float> ga(gamma), be(beta), mean(expected.moving_mean), variance(expected.moving_variance);
    kernels::run(stream, kernels::BatchNormMaxPoolInference<S>{.geometry = g,
                                                               .x = image.data(),
                                                               .gamma = ga.data(),
                                                               .beta = be.data(),
                                                               .moving_mean = mean.data(),
                                                               .moving_variance = variance.data(),
                                                               .epsilon = 1e-3f,
                                                               .y = y.data()});
    REQUIRE(distance(y.values(), inferred, largest(inferred)) < 1e-6 + rounding<S>);
  }
}

TEMPLATE_TEST_CASE("A half batch that knows its first sample pools and drops as the whole batch does", "", float,
                   bfloat16) {
  using S = TestType;
  for (const int channels : {1, 3, 4, 6, 16})
    for (const int batch : {4, 5}) {
      INFO("channels " << channels << ", batch " << batch);
      const std::size_t c = std::size_t(channels), sample = 6 * 6 * c, pooled = 3 * 3 * c;
      const auto values = normals(std::size_t(batch) * sample, 1), beta = normals(c, 2);
      Memory<float> one(std::vector<float>(c, 1)), be(beta);
      const auto part = [&](int first, int count) {
        Visible<ops::StepState> state({.seed = 7, .step = 11, .first_sample = std::uint64_t(first)});
        const std::size_t at = std::size_t(first) * sample, n = std::size_t(count) * pooled;
        Memory<S> mine(std::vector<float>(values.begin() + std::ptrdiff_t(at),
                                          values.begin() + std::ptrdiff_t(at + std::size_t(count) * sample))),
            y(n), maxima(n);
        Memory<std::uint8_t> argmax(n);
        kernels::run(stream, kernels::BatchNormMaxPoolDropout<S>{.geometry = {count, 6, 6, channels, 3, 3, 2, 2, 0, 0},
                                                                 .x = mine.data(),
                                                                 .gamma = one.data(),
                                                                 .beta = be.data(),
                                                                 .mean = be.data(),
                                                                 .inv_std = one.data(),
                                                                 .rate = 0.4f,
                                                                 .random = {state.get(), 3},
                                                                 .y = y.data(),
                                                                 .maxima = maxima.data(),
                                                                 .argmax = argmax.data()});
        return y.values();
      };
      std::vector<float> halves = part(0, batch / 2);
      const std::vector<float> rest = part(batch / 2, batch - batch / 2);
      halves.insert(halves.end(), rest.begin(), rest.end());
      REQUIRE(halves == part(0, batch));
    }
}
