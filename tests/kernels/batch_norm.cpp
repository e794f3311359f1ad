// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.cuh"

#include "kernels/kernel_test.hpp"
#include "ops/batch_norm_operands.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

using OnCpuNorm = op_test::BatchNormOperands<op_test::On<Cpu, float>>;
constexpr float momentum = float(OnCpuNorm::momentum_value);

struct Shape2 {
  std::ptrdiff_t rows;
  int channels;
};

struct Result {
  std::vector<float> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta;
  bool operator==(const Result&) const = default;
};

}  // namespace

TEMPLATE_TEST_CASE("BatchNorm's kernels do what the CPU does", "", float, bfloat16) {
  using S = TestType;
  for (const auto& [rows, channels] : {Shape2{1, 1}, {2, 3}, {33, 8}, {700, 64}, {91, 130}, {40, 520}, {3000, 5}}) {
    INFO("rows " << rows << ", channels " << channels);
    const std::size_t n = std::size_t(rows * channels), c = std::size_t(channels);
    const auto x = stored<S>(normals(n, 1, 5, 0.5)), dy = stored<S>(normals(n, 2));
    const auto gamma = normals(c, 3), beta = normals(c, 4);

    OnCpuNorm m(int(rows), {1, 1, channels}, x, gamma, beta);
    const auto on_dy = m.value({1, 1, channels}, dy);
    m.run(m.statistics());
    m.run(m.forward());
    m.run(m.backward(on_dy));
    const Result cpu_result{m[m.y],  m[m.mean],   m[m.inv_std], m[m.moving_mean], m[m.moving_variance],
                            m[m.dx], m[m.dgamma], m[m.dbeta]};

    const Result r = on_any_schedule([&, rows = rows, channels = channels] {
      Memory<S> in(x), out(n), slope(dy);
      Memory<float> g(gamma), b(beta), mean(c), inv_std(c), moving_mean(std::vector<float>(c, 8)),
          moving_variance(std::vector<float>(c, 4)), dgamma(c), dbeta(c),
          temporary(kernels::batch_norm_scratch_size(channels));
      kernels::run(stream, kernels::BatchStatistics<S>{.rows = rows,
                                                       .channels = channels,
                                                       .x = in.data(),
                                                       .found = {1e-3f, momentum, mean.data(), inv_std.data(),
                                                                 moving_mean.data(), moving_variance.data()},
                                                       .scratch = temporary.data()});
      kernels::run(stream, kernels::BatchNorm<S>{.rows = rows,
                                                 .channels = channels,
                                                 .x = in.data(),
                                                 .gamma = g.data(),
                                                 .beta = b.data(),
                                                 .mean = mean.data(),
                                                 .inv_std = inv_std.data(),
                                                 .y = out.data()});
      kernels::run(stream, kernels::BatchNormBackward<S, float>{.rows = rows,
                                                                .channels = channels,
                                                                .x = in.data(),
                                                                .dy = slope.data(),
                                                                .gamma = g.data(),
                                                                .mean = mean.data(),
                                                                .inv_std = inv_std.data(),
                                                                .dx = slope.data(),
                                                                .dgamma = dgamma.data(),
                                                                .dbeta = dbeta.data(),
                                                                .scratch = temporary.data()});
      return Result{out.values(),   mean.values(),   inv_std.values(), moving_mean.values(), moving_variance.values(),
                    slope.values(), dgamma.values(), dbeta.values()};
    });
    const double scale = rows < 3 ? 100 : 10;  // few rows: a small variance makes everything large
    REQUIRE(distance(r.mean, cpu_result.mean) < 1e-5);
    REQUIRE(distance(r.inv_std, cpu_result.inv_std, scale) < 1e-5);
    REQUIRE(distance(r.moving_mean, cpu_result.moving_mean) < 1e-5);
    REQUIRE(distance(r.moving_variance, cpu_result.moving_variance) < 1e-5);
    REQUIRE(distance(r.y, cpu_result.y, largest(cpu_result.y)) < 1e-5 + rounding<S>);
    REQUIRE(distance(r.dgamma, cpu_result.dgamma, scale * std::sqrt(double(rows))) < 1e-5);
    REQUIRE(distance(r.dbeta, cpu_result.dbeta, std::sqrt(double(rows))) < 1e-5);
    REQUIRE(distance(r.dx, cpu_result.dx, (rows < 3 ? 100 : 1) * largest(cpu_result.dx)) < 1e-5 + rounding<S>);

    // The same propagated through a ReLU, of which half of x is zeros.
    std::vector<float> rectified = x;
    for (float& value : rectified) value = std::max(value - 5, 0.0f);
    OnCpuNorm past(int(rows), {1, 1, channels}, rectified, gamma, beta);
    const auto db_on_cpu = past.gradient(c);
    auto backward = past.backward(past.value({1, 1, channels}, dy));
    backward.drelu_bias = db_on_cpu;
    past.run(past.statistics());
    past.run(backward);
    const Result expected{{}, past[past.mean], past[past.inv_std], {},
                          {}, past[past.dx],   past[past.dgamma],  past[past.dbeta]};
    const auto bias_gradient = past[db_on_cpu];
    Memory<S> in(rectified), slope(dy), dx(n), dgamma(c), dbeta(c), db(c);
    Memory<float> ga(gamma), mean_of_x(expected.mean), inverse(expected.inv_std),
        temporary(kernels::batch_norm_scratch_size(channels));
    kernels::run(stream, kernels::BatchNormBackward<S>{.rows = rows,
                                                       .channels = channels,
                                                       .x = in.data(),
                                                       .dy = slope.data(),
                                                       .gamma = ga.data(),
                                                       .mean = mean_of_x.data(),
                                                       .inv_std = inverse.data(),
                                                       .dx = dx.data(),
                                                       .dgamma = dgamma.data(),
                                                       .dbeta = dbeta.data(),
                                                       .drelu_bias = db.data(),
                                                       .scratch = temporary.data()});
    REQUIRE(distance(dx.values(), expected.dx, (rows < 3 ? 100 : 1) * largest(expected.dx)) < 1e-5 + rounding<S>);
    REQUIRE(distance(dbeta.values(), expected.dbeta, largest(expected.dbeta)) < 1e-5 + rounding<S>);
    REQUIRE(distance(dgamma.values(), expected.dgamma, scale * largest(expected.dgamma)) < 1e-5 + rounding<S>);
    REQUIRE(distance(db.values(), bias_gradient, largest(expected.dx) * std::sqrt(double(rows))) < 1e-4 + rounding<S>);

    m.run(m.inference());
    const auto y = m[m.y];
    Memory<S> out(x);
    Memory<float> g(gamma), b(beta), mean(cpu_result.moving_mean), variance(cpu_result.moving_variance);
    kernels::run(stream, kernels::BatchNormInference<S>{.rows = rows,
                                                        .channels = channels,
                                                        .x = out.data(),
                                                        .gamma = g.data(),
                                                        .beta = b.data(),
                                                        .moving_mean = mean.data(),
                                                        .moving_variance = variance.data(),
                                                        .epsilon = 1e-3f,
                                                        .y = out.data()});
    REQUIRE(distance(out.values(), y, largest(y)) < 1e-6 + rounding<S>);
  }
}

TEST_CASE("BatchNorm's statistics keep their digits where the mean is far from zero") {
  constexpr std::ptrdiff_t rows = 4000;
  std::vector<float> x = normals(rows, 1, 1000, 0.1);
  double mean = 0, variance = 0;
  for (float value : x) mean += double(value) / rows;
  for (float value : x) variance += (double(value) - mean) * (double(value) - mean) / rows;
  Memory<float> in(x), m(1), inv_std(1), moving(std::vector<float>{0}), moving_variance(std::vector<float>{0}),
      scratch(kernels::batch_norm_scratch_size(1));
  kernels::run(stream, kernels::BatchStatistics<float>{
                           .rows = rows,
                           .channels = 1,
                           .x = in.data(),
                           .found = {0, 0, m.data(), inv_std.data(), moving.data(), moving_variance.data()},
                           .scratch = scratch.data()});
  REQUIRE(std::abs(moving_variance.values()[0] / variance - 1) < 1e-4);
}

namespace {

struct OtherPolicy : kernels::RowsPolicy {
  static constexpr int threads = 64, rows_per_thread = 1, most_blocks = 3, most_chunks = 7, most_sums = 100;
};

}  // namespace

TEST_CASE("BatchNorm's kernels are right with another policy") {
  constexpr std::ptrdiff_t rows = 333;
  constexpr int channels = 12;
  constexpr std::size_t n = rows * channels, c = channels;
  const auto x = integers(n, 9, 1), dy = integers(n, 9, 2);  // sums that are exact
  const auto gamma = normals(c, 3), zeros = std::vector<float>(c, 0);
  using Values = std::vector<float>;
  const auto found = [&](const auto& run, std::size_t scratch_size) {
    Memory<float> in(x), slope(dy), y(n), g(gamma), b(zeros), mean(c), inv_std(c), moving_mean(zeros),
        moving_variance(zeros), dgamma(c), dbeta(c), drelu_bias(c), scratch(scratch_size);
    run(kernels::BatchStatistics<float>{
        .rows = rows,
        .channels = channels,
        .x = in.data(),
        .found = {1e-3f, 0, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()},
        .scratch = scratch.data()});
    run(kernels::BatchNorm<float>{.rows = rows,
                                  .channels = channels,
                                  .x = in.data(),
                                  .gamma = g.data(),
                                  .beta = b.data(),
                                  .mean = mean.data(),
                                  .inv_std = inv_std.data(),
                                  .y = y.data()});
    run(kernels::BatchNormBackward<float>{.rows = rows,
                                          .channels = channels,
                                          .x = in.data(),
                                          .dy = slope.data(),
                                          .gamma = g.data(),
                                          .mean = mean.data(),
                                          .inv_std = inv_std.data(),
                                          .dx = slope.data(),
                                          .dgamma = dgamma.data(),
                                          .dbeta = dbeta.data(),
                                          .drelu_bias = drelu_bias.data(),
                                          .scratch = scratch.data()});
    return std::vector<Values>{mean.values(),  inv_std.values(), moving_variance.values(), y.values(),
                               dbeta.values(), dgamma.values(),  slope.values(),           drelu_bias.values()};
  };
  const auto usual =
      found([](const auto& op) { kernels::run(stream, op); }, kernels::batch_norm_scratch_size(channels));
  const auto other = found([](const auto& op) { kernels::run<OtherPolicy>(stream, op); },
                           kernels::batch_norm_scratch_size<OtherPolicy>(channels));
  for (std::size_t i = 0; i < 5; ++i) REQUIRE(other[i] == usual[i]);
  for (std::size_t i = 5; i < usual.size(); ++i) REQUIRE(distance(other[i], usual[i], largest(usual[i])) < 1e-5);
}
