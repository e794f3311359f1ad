// SPDX-License-Identifier: MIT
#include "ferlab/cpu/batch_norm.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class T>
struct Norm {
  std::ptrdiff_t rows;
  int channels;
  std::vector<T> x, dy, gamma, beta;
  T epsilon = T(1e-3), momentum = T(0.75);

  Norm(std::ptrdiff_t rows_, int channels_, double mean, double deviation) : rows(rows_), channels(channels_) {
    const std::size_t c = std::size_t(channels), n = std::size_t(rows) * c;
    x = normals<T>(n, 1, mean, deviation);
    dy = normals<T>(n, 2, 0.1);
    gamma = normals<T>(c, 3, 1);
    beta = normals<T>(c, 4);
  }
};

template <class T>
struct Result {
  std::vector<T> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta;
  bool operator==(const Result&) const = default;
};

template <class T>
Result<T> run(const Cpu& cpu, const Norm<T>& n, bool in_place = false) {
  const std::size_t c = std::size_t(n.channels);
  Result<T> r{poison<T>(n.x.size()),   poison<T>(c),          poison<T>(c), std::vector<T>(c, T(8)),
              std::vector<T>(c, T(4)), poison<T>(n.x.size()), poison<T>(c), poison<T>(c)};
  auto scratch = poison<T>(batch_norm_scratch_size(On<Cpu>{}, n.channels));
  batch_statistics(cpu, n.rows, n.channels, n.x.data(),
                   BatchStatistics<T>{n.epsilon, n.momentum, r.mean.data(), r.inv_std.data(), r.moving_mean.data(),
                                      r.moving_variance.data()},
                   scratch.data());
  scratch = poison<T>(scratch.size());
  batch_norm_forward_training(cpu, n.rows, n.channels, n.x.data(), n.gamma.data(), n.beta.data(), r.mean.data(),
                              r.inv_std.data(), r.y.data(), scratch.data());
  scratch = poison<T>(scratch.size());
  if (in_place) r.dx = n.dy;
  batch_norm_backward(cpu, n.rows, n.channels, n.x.data(), in_place ? r.dx.data() : n.dy.data(), n.gamma.data(),
                      r.mean.data(), r.inv_std.data(), r.dx.data(), r.dgamma.data(), r.dbeta.data(), nullptr,
                      scratch.data());
  return r;
}

/// The definition, summed in long double.
template <class T>
Result<double> reference(const Norm<T>& n) {
  const std::size_t c = std::size_t(n.channels), rows = std::size_t(n.rows);
  Result<double> r;
  r.y.resize(n.x.size()), r.dx.resize(n.x.size());
  for (auto* v : {&r.mean, &r.inv_std, &r.moving_mean, &r.moving_variance, &r.dgamma, &r.dbeta}) v->resize(c);
  for (std::size_t k = 0; k < c; ++k) {
    long double mean = 0, variance = 0, dgamma = 0, dbeta = 0;
    for (std::size_t i = 0; i < rows; ++i) mean += (long double)(n.x[i * c + k]) / rows;
    for (std::size_t i = 0; i < rows; ++i)
      variance += ((long double)(n.x[i * c + k]) - mean) * ((long double)(n.x[i * c + k]) - mean) / rows;
    const long double inv_std = 1 / std::sqrt(variance + n.epsilon);
    for (std::size_t i = 0; i < rows; ++i) {
      const long double xhat = (n.x[i * c + k] - mean) * inv_std;
      r.y[i * c + k] = double(n.gamma[k] * xhat + n.beta[k]);
      dgamma += n.dy[i * c + k] * xhat;
      dbeta += n.dy[i * c + k];
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const long double xhat = (n.x[i * c + k] - mean) * inv_std;
      r.dx[i * c + k] = double(n.gamma[k] * inv_std * (n.dy[i * c + k] - dbeta / rows - xhat * dgamma / rows));
    }
    r.mean[k] = double(mean), r.inv_std[k] = double(inv_std), r.dgamma[k] = double(dgamma), r.dbeta[k] = double(dbeta);
    r.moving_mean[k] = double(n.momentum * 8 + (1 - n.momentum) * mean);
    r.moving_variance[k] = double(n.momentum * 4 + (1 - n.momentum) * variance);
  }
  return r;
}

}  // namespace

TEMPLATE_TEST_CASE("batch norm is what its definition says", "", float, double) {
  const double ulp = double(std::numeric_limits<TestType>::epsilon());
  for (const auto& [rows, channels] :
       {std::pair{1, 1}, {2, 3}, {64, 7}, {1000, 64}, {4001, 17}, {70, 1030}, {50021, 5}}) {
    const Norm<TestType> n(rows, channels, 0.4, 0.6);
    const auto expected = reference(n);
    const auto r = same_on_any_threads([&](const Cpu& cpu) { return run(cpu, n); });
    INFO(rows << " x " << channels);
    CHECK(distance(r.mean, expected.mean) <= 4 * ulp);
    CHECK(distance(r.inv_std, expected.inv_std, rows < 3 ? 32 : 2) <= 16 * ulp);
    CHECK(distance(r.y, expected.y, 8) <= 32 * ulp);
    CHECK(distance(r.moving_mean, expected.moving_mean, 8) <= 4 * ulp);
    CHECK(distance(r.moving_variance, expected.moving_variance, 4) <= 16 * ulp);
    CHECK(distance(r.dgamma, expected.dgamma, std::sqrt(rows) + 0.1 * rows) <= 16 * ulp);
    CHECK(distance(r.dbeta, expected.dbeta, std::sqrt(rows) + 0.1 * rows) <= 16 * ulp);
    if (rows > 2) CHECK(distance(r.dx, expected.dx, 16) <= 32 * ulp);
  }
}

TEST_CASE("batch norm keeps its digits where the mean is far above the deviation") {
  const Norm<float> n(20000, 6, 1000, 0.5);
  const auto r = run(Cpu(), n);
  const auto expected = reference(n);
  CHECK(distance(r.inv_std, expected.inv_std, 2) < 1e-6);
  // y inherits half a unit in the last place of the mean (3e-5) and no more
  CHECK(distance(r.y, expected.y) < 1e-3);
}

TEST_CASE("batch norm's dx may be dy") {
  const Norm<float> n(3001, 33, 0, 1);
  CHECK((run(Cpu(2), n, true) == run(Cpu(2), n)));
}

TEST_CASE("batch norm of a constant channel is beta, and its gradient finite") {
  Norm<float> n(100, 4, 0, 1);
  n.x.assign(n.x.size(), 3.0f);
  const auto r = run(Cpu(1), n);
  for (std::size_t i = 0; i < r.y.size(); ++i) REQUIRE(r.y[i] == n.beta[i % 4]);
  CHECK(r.inv_std[0] == Approx(1 / std::sqrt(1e-3)));
  CHECK(distance(r.dx, reference(n).dx, 100) < 1e-6);
}

TEST_CASE("batch norm's gradient is the slope of its output") {
  const Norm<double> n(13, 3, 0.5, 1);
  const auto r = run(Cpu(1), n);
  const auto loss = [](const Norm<double>& m) {
    const auto out = run(Cpu(1), m);
    double sum = 0;
    for (std::size_t i = 0; i < out.y.size(); ++i) sum += out.y[i] * m.dy[i];
    return sum;
  };
  const auto slope = [&](auto member, std::size_t i) {
    Norm<double> up = n, down = n;
    (up.*member)[i] += 1e-5, (down.*member)[i] -= 1e-5;
    return (loss(up) - loss(down)) / 2e-5;
  };
  for (std::size_t i = 0; i < n.x.size(); ++i)
    CHECK(r.dx[i] == Approx(slope(&Norm<double>::x, i)).epsilon(1e-6).margin(1e-7));
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(r.dgamma[k] == Approx(slope(&Norm<double>::gamma, k)).epsilon(1e-6));
    CHECK(r.dbeta[k] == Approx(slope(&Norm<double>::beta, k)).epsilon(1e-6));
  }
}

TEST_CASE("batch norm at inference uses the moving averages, in place too") {
  const Norm<float> n(2003, 37, 2, 3);
  const auto mean = normals(37, 5);
  auto variance = normals(37, 6);
  for (float& v : variance) v *= v;
  const auto y = same_on_any_threads([&](const Cpu& cpu) {
    auto out = n.x;
    batch_norm_forward_inference(cpu, n.rows, 37, out.data(), n.gamma.data(), n.beta.data(), mean.data(),
                                 variance.data(), n.epsilon, out.data());
    return out;
  });
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t c = i % 37;
    const double inv_std = 1 / std::sqrt(double(variance[c]) + double(n.epsilon));
    const double expected = (double(n.x[i]) - double(mean[c])) * inv_std * double(n.gamma[c]) + double(n.beta[c]);
    REQUIRE(double(y[i]) == Approx(expected).epsilon(1e-5).margin(1e-4));
  }
}
