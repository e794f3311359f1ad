// SPDX-License-Identifier: MIT
#include "kernels/batch_norm.cuh"

#include "ferlab/cpu/batch_norm.hpp"
#include "kernels/kernel_test.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

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
  const Cpu cpu(1);
  for (const auto& [rows, channels] : {Shape2{1, 1}, {2, 3}, {33, 8}, {700, 64}, {91, 130}, {40, 520}, {3000, 5}}) {
    INFO("rows " << rows << ", channels " << channels);
    const std::size_t n = std::size_t(rows * channels), c = std::size_t(channels);
    const auto x = stored<S>(normals(n, 1, 5, 0.5)), dy = stored<S>(normals(n, 2));
    const auto gamma = normals(c, 3), beta = normals(c, 4);

    Result cpu_result;
    cpu_result.y.resize(n), cpu_result.dx.resize(n);
    for (auto* v : {&cpu_result.mean, &cpu_result.inv_std, &cpu_result.dgamma, &cpu_result.dbeta}) v->resize(c);
    cpu_result.moving_mean.assign(c, 2), cpu_result.moving_variance.assign(c, 3);
    std::vector<float> scratch(batch_norm_scratch_size(On<Cpu>{}, channels));
    batch_statistics(cpu, rows, channels, x.data(),
                     BatchStatistics<float>{1e-3f, 0.9f, cpu_result.mean.data(), cpu_result.inv_std.data(),
                                            cpu_result.moving_mean.data(), cpu_result.moving_variance.data()},
                     scratch.data());
    batch_norm_forward_training(cpu, rows, channels, x.data(), gamma.data(), beta.data(), cpu_result.mean.data(),
                                cpu_result.inv_std.data(), cpu_result.y.data(), scratch.data());
    batch_norm_backward(cpu, rows, channels, x.data(), dy.data(), gamma.data(), cpu_result.mean.data(),
                        cpu_result.inv_std.data(), cpu_result.dx.data(), cpu_result.dgamma.data(),
                        cpu_result.dbeta.data(), nullptr, scratch.data());

    const Result r = on_any_schedule([&] {
      Memory<S> in(x), out(n), slope(dy);
      Memory<float> g(gamma), b(beta), mean(c), inv_std(c), moving_mean(std::vector<float>(c, 2)),
          moving_variance(std::vector<float>(c, 3)), dgamma(c), dbeta(c),
          temporary(kernels::batch_norm_scratch_size(channels));
      kernels::batch_statistics(stream, rows, channels, in.data(),
                                {1e-3f, 0.9f, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()},
                                temporary.data());
      kernels::batch_norm_forward_training(stream, rows, channels, in.data(), g.data(), b.data(), mean.data(),
                                           inv_std.data(), out.data());
      kernels::batch_norm_backward(stream, rows, channels, in.data(), slope.data(), g.data(), mean.data(),
                                   inv_std.data(), slope.data(), dgamma.data(), dbeta.data(), nullptr,
                                   temporary.data());
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

    // The same taken on through a ReLU, of which half of x is zeros.
    std::vector<float> rectified = x, bias_gradient(c);
    for (float& value : rectified) value = std::max(value - 5, 0.0f);
    Result past = cpu_result;
    const auto into = [&](Result& to) {
      return BatchStatistics<float>{
          1e-3f, 0.9f, to.mean.data(), to.inv_std.data(), to.moving_mean.data(), to.moving_variance.data()};
    };
    batch_statistics(cpu, rows, channels, rectified.data(), into(past), scratch.data());
    batch_norm_backward(cpu, rows, channels, rectified.data(), dy.data(), gamma.data(), past.mean.data(),
                        past.inv_std.data(), past.dx.data(), past.dgamma.data(), past.dbeta.data(),
                        bias_gradient.data(), scratch.data());
    Memory<S> in(rectified), slope(dy), dx(n);
    Memory<float> ga(gamma), mean_of_x(past.mean), inverse(past.inv_std), dgamma(c), dbeta(c), db(c),
        temporary(kernels::batch_norm_scratch_size(channels));
    kernels::batch_norm_backward(stream, rows, channels, in.data(), slope.data(), ga.data(), mean_of_x.data(),
                                 inverse.data(), dx.data(), dgamma.data(), dbeta.data(), db.data(), temporary.data());
    REQUIRE(distance(dx.values(), past.dx, (rows < 3 ? 100 : 1) * largest(past.dx)) < 1e-5 + rounding<S>);
    REQUIRE(distance(dbeta.values(), past.dbeta, std::sqrt(double(rows))) < 1e-5);
    REQUIRE(distance(db.values(), bias_gradient, largest(past.dx) * std::sqrt(double(rows))) < 1e-4);

    std::vector<float> y(n);
    batch_norm_forward_inference(cpu, rows, channels, x.data(), gamma.data(), beta.data(),
                                 cpu_result.moving_mean.data(), cpu_result.moving_variance.data(), 1e-3f, y.data());
    Memory<S> out(x);
    Memory<float> g(gamma), b(beta), mean(cpu_result.moving_mean), variance(cpu_result.moving_variance);
    kernels::batch_norm_forward_inference(stream, rows, channels, out.data(), g.data(), b.data(), mean.data(),
                                          variance.data(), 1e-3f, out.data());
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
  kernels::batch_statistics(stream, rows, 1, in.data(),
                            {0, 0, m.data(), inv_std.data(), moving.data(), moving_variance.data()}, scratch.data());
  REQUIRE(std::abs(moving_variance.values()[0] / variance - 1) < 1e-4);
}
