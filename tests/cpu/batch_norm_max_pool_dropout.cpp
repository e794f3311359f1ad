// SPDX-License-Identifier: MIT
#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"

#include "cpu/op_test.hpp"
#include "cpu/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

const RandomStream stream{.seed = 7, .index = 3, .step = 11};

template <class T>
struct Result {
  std::vector<T> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta;

  Result(const Pool2DGeometry& g) {
    const std::size_t c = std::size_t(g.channels);
    y = poison<T>(output_size(g)), dx = poison<T>(input_size(g));
    for (auto* v : {&mean, &inv_std, &dgamma, &dbeta}) *v = poison<T>(c);
    moving_mean.assign(c, 2), moving_variance.assign(c, 3);
  }
  bool operator==(const Result&) const = default;
};

template <class T>
struct Problem {
  Pool2DGeometry g;
  float rate;
  std::vector<T> x, dy, gamma, beta;

  Problem(const Pool2DGeometry& geometry, float dropout) : g(geometry), rate(dropout) {
    x = normals<T>(input_size(g), 1, 0.4, 0.6), dy = normals<T>(output_size(g), 2, 0.1);
    gamma = normals<T>(std::size_t(g.channels), 3), beta = normals<T>(std::size_t(g.channels), 4);
  }

  static BatchStatistics<T> statistics(Result<T>& r) {
    return {T(1e-3), T(0.9), r.mean.data(), r.inv_std.data(), r.moving_mean.data(), r.moving_variance.data()};
  }

  Result<T> fused(const Cpu& cpu) const {
    Result<T> r(g);
    std::vector<std::uint8_t> argmax(r.y.size(), 99);
    auto scratch = poison<T>(batch_norm_scratch_size(On<Cpu>{}, g.channels));
    batch_statistics(cpu, std::ptrdiff_t(g.batch) * g.height * g.width, g.channels, x.data(), statistics(r),
                     scratch.data());
    scratch = poison<T>(scratch.size());
    batch_norm_max_pool_dropout_forward_training(cpu, g, x.data(), gamma.data(), beta.data(), r.mean.data(),
                                                 r.inv_std.data(), rate, stream, r.y.data(), argmax.data(),
                                                 scratch.data());
    scratch = poison<T>(scratch.size());
    batch_norm_max_pool_dropout_backward(cpu, g, x.data(), dy.data(), gamma.data(), r.mean.data(), r.inv_std.data(),
                                         rate, stream, argmax.data(), r.dx.data(), r.dgamma.data(), r.dbeta.data(),
                                         nullptr, scratch.data());
    return r;
  }

  Result<T> one_by_one(const Cpu& cpu) const {
    Result<T> r(g);
    const std::ptrdiff_t rows = std::ptrdiff_t(g.batch) * g.height * g.width,
                         features = g.out_height * g.out_width * g.channels;
    std::vector<std::uint8_t> argmax(r.y.size());
    std::vector<T> normal(x.size()), pooled(r.y.size()), dropped(r.y.size()), spread(x.size());
    std::vector<T> scratch(batch_norm_scratch_size(On<Cpu>{}, g.channels));
    batch_statistics(cpu, rows, g.channels, x.data(), statistics(r), scratch.data());
    batch_norm_forward_training(cpu, rows, g.channels, x.data(), gamma.data(), beta.data(), r.mean.data(),
                                r.inv_std.data(), normal.data(), scratch.data());
    max_pool_forward(cpu, g, normal.data(), pooled.data(), argmax.data());
    dropout_forward(cpu, g.batch, features, rate, stream, pooled.data(), r.y.data());
    dropout_backward(cpu, g.batch, features, rate, stream, dy.data(), dropped.data());
    max_pool_backward(cpu, g, dropped.data(), argmax.data(), spread.data());
    batch_norm_backward(cpu, rows, g.channels, x.data(), spread.data(), gamma.data(), r.mean.data(), r.inv_std.data(),
                        r.dx.data(), r.dgamma.data(), r.dbeta.data(), nullptr, scratch.data());
    return r;
  }
};

std::vector<Pool2DGeometry> shapes() {
  std::vector<Pool2DGeometry> all;
  for (const auto& g : pool_shapes)
    if (g.stride >= g.window && g.batch * g.height * g.width > 4) all.push_back(g);
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("batch norm, max pool and dropout in one go equal the three", "", float, double) {
  const double ulp = double(std::numeric_limits<TestType>::epsilon());
  REQUIRE(shapes().size() >= 4);
  for (const auto& g : shapes()) {
    for (float rate : {0.0f, 0.5f}) {
      INFO(text(g) << "rate " << rate);
      const Problem<TestType> problem(g, rate);
      const auto expected = problem.one_by_one(Cpu(1));
      const auto r = same_on_any_threads([&](const Cpu& cpu) { return problem.fused(cpu); });
      CHECK(r.y == expected.y);
      CHECK(r.mean == expected.mean);
      CHECK(r.inv_std == expected.inv_std);
      CHECK(r.moving_mean == expected.moving_mean);
      CHECK(r.moving_variance == expected.moving_variance);
      // Only the order of the sums differs.
      const double terms = double(g.batch * g.out_height * g.out_width);
      CHECK(distance(r.dgamma, expected.dgamma, 4 + std::sqrt(terms) + 0.1 * terms) <= 32 * ulp);
      CHECK(distance(r.dbeta, expected.dbeta, 4 + std::sqrt(terms) + 0.1 * terms) <= 32 * ulp);
      CHECK(distance(r.dx, expected.dx, 8) <= 32 * ulp);
    }
  }
}

TEST_CASE("batch norm and max pool at inference equal the two") {
  for (const auto& g : shapes()) {
    INFO(text(g));
    const Problem<float> p(g, 0);
    const std::size_t c = std::size_t(g.channels);
    const auto mean = normals(c, 8), deviation = normals(c, 9);
    std::vector<float> variance(c), normal(p.x.size()), expected(output_size(g));
    for (std::size_t k = 0; k < c; ++k) variance[k] = deviation[k] * deviation[k];
    const Cpu one(1);
    batch_norm_forward_inference(one, std::ptrdiff_t(g.batch) * g.height * g.width, g.channels, p.x.data(),
                                 p.gamma.data(), p.beta.data(), mean.data(), variance.data(), 1e-3f, normal.data());
    max_pool_forward<float>(one, g, normal.data(), expected.data(), nullptr);
    const auto y = same_on_any_threads([&](const Cpu& cpu) {
      auto out = poison(expected.size());
      batch_norm_max_pool_inference(cpu, g, p.x.data(), p.gamma.data(), p.beta.data(), mean.data(), variance.data(),
                                    1e-3f, out.data());
      return out;
    });
    CHECK(y == expected);
  }
}
