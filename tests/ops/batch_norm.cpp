// SPDX-License-Identifier: MIT
#include "ops/batch_norm_operands.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

/// What goes in: rows = batch * pixels.
template <class T>
struct Problem {
  int batch, pixels, channels;
  std::vector<T> x, dy, gamma, beta;

  Problem(int batch_, int pixels_, int channels_, double mean, double deviation)
      : batch(batch_), pixels(pixels_), channels(channels_) {
    const std::size_t c = std::size_t(channels), n = std::size_t(batch * pixels) * c;
    x = normals<T>(n, 1, mean, deviation), dy = normals<T>(n, 2, 0.1);
    gamma = normals<T>(c, 3, 1), beta = normals<T>(c, 4);
  }
};

template <class T>
struct Result {
  std::vector<T> y, mean, inv_std, moving_mean, moving_variance, dx, dgamma, dbeta, drelu_bias;
};

/// The three ops of training; with_relu: x came out of a bias and a ReLU.
template <class Host, class T = typename Host::Scalar>
Result<T> train(const Problem<T>& p, bool with_relu = false) {
  const Shape shape{p.pixels, 1, p.channels};
  BatchNormOperands<Host> m(p.batch, shape, p.x, p.gamma, p.beta);
  const auto dy = m.value(shape, p.dy);
  m.run(m.statistics());
  m.run(m.forward());
  auto backward = m.backward(dy);
  if (with_relu) backward.drelu_bias = m.gradient(std::size_t(p.channels));
  m.run(backward);
  Result<T> r{m[m.y],     m[m.mean], m[m.inv_std], m[m.moving_mean], m[m.moving_variance], m[m.dx], m[m.dgamma],
              m[m.dbeta], {}};
  if (with_relu) r.drelu_bias = m[backward.drelu_bias];
  return r;
}

/// The definition, summed in long double.
template <class T>
Result<double> reference(const Problem<T>& p) {
  const std::size_t c = std::size_t(p.channels), rows = std::size_t(p.batch * p.pixels);
  const long double epsilon = double(1e-3f);
  Result<double> r;
  r.y.resize(p.x.size()), r.dx.resize(p.x.size());
  for (auto* v : {&r.mean, &r.inv_std, &r.moving_mean, &r.moving_variance, &r.dgamma, &r.dbeta}) v->resize(c);
  for (std::size_t k = 0; k < c; ++k) {
    long double mean = 0, variance = 0, dgamma = 0, dbeta = 0;
    for (std::size_t i = 0; i < rows; ++i) mean += (long double)(p.x[i * c + k]) / rows;
    for (std::size_t i = 0; i < rows; ++i)
      variance += ((long double)(p.x[i * c + k]) - mean) * ((long double)(p.x[i * c + k]) - mean) / rows;
    const long double inv_std = 1 / std::sqrt(variance + epsilon);
    for (std::size_t i = 0; i < rows; ++i) {
      const long double xhat = (p.x[i * c + k] - mean) * inv_std;
      r.y[i * c + k] = double(p.gamma[k] * xhat + p.beta[k]);
      dgamma += p.dy[i * c + k] * xhat;
      dbeta += p.dy[i * c + k];
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const long double xhat = (p.x[i * c + k] - mean) * inv_std;
      r.dx[i * c + k] = double(p.gamma[k] * inv_std * (p.dy[i * c + k] - dbeta / rows - xhat * dgamma / rows));
    }
    r.mean[k] = double(mean), r.inv_std[k] = double(inv_std), r.dgamma[k] = double(dgamma), r.dbeta[k] = double(dbeta);
    r.moving_mean[k] = double(0.75L * 8 + 0.25L * mean);
    r.moving_variance[k] = double(0.75L * 4 + 0.25L * variance);
  }
  return r;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("batch norm is what its definition says", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  const double ulp = double(std::numeric_limits<T>::epsilon());
  struct Size {
    int batch, pixels, channels;
  };
  for (const auto& [batch, pixels, channels] :
       {Size{1, 1, 1}, {2, 1, 3}, {64, 1, 7}, {8, 125, 64}, {1, 4001, 17}, {10, 7, 1030}, {50021, 1, 5}}) {
    const int rows = batch * pixels;
    INFO(rows << " x " << channels);
    const Problem<T> p(batch, pixels, channels, 0.4, 0.6);
    const auto expected = reference(p);
    const auto r = train<TestType>(p);
    // Sums are in double: of floats they are as good as exact, of doubles row after row loses digits.
    const double sums = (sizeof(T) == 4 ? 1 : 4 + std::sqrt(rows) / 4) * ulp;
    CHECK(distance(r.mean, expected.mean) <= 4 * sums);
    CHECK(distance(r.inv_std, expected.inv_std, rows < 3 ? 32 : 2) <= 16 * ulp);
    CHECK(distance(r.y, expected.y, 8) <= 32 * ulp);
    CHECK(distance(r.moving_mean, expected.moving_mean, 8) <= 4 * ulp);
    CHECK(distance(r.moving_variance, expected.moving_variance, 4) <= 16 * ulp);
    CHECK(distance(r.dgamma, expected.dgamma, std::sqrt(rows) + 0.1 * rows) <= 16 * sums);
    CHECK(distance(r.dbeta, expected.dbeta, std::sqrt(rows) + 0.1 * rows) <= 16 * sums);
    if (rows > 2) CHECK(distance(r.dx, expected.dx, 16) <= 32 * ulp);
  }
}

TEMPLATE_LIST_TEST_CASE("batch norm propagates its gradient through the ReLU and bias before it", "",
                        InFloatAndDouble) {
  using T = typename TestType::Scalar;
  Problem<T> p(7, 43, 33, 0.1, 1);
  for (T& x : p.x) x = std::max(x, T(0));
  const auto plain = train<TestType>(p), r = train<TestType>(p, true);
  std::vector<double> dx(plain.dx.begin(), plain.dx.end()), sums(33);
  for (std::size_t i = 0; i < dx.size(); ++i) {
    if (!(p.x[i] > 0)) dx[i] = 0;
    sums[i % 33] += dx[i];
  }
  CHECK(std::vector<double>(r.dx.begin(), r.dx.end()) == dx);
  CHECK(distance(r.drelu_bias, sums, 16) <= 32 * double(std::numeric_limits<T>::epsilon()));
}

TEMPLATE_LIST_TEST_CASE("batch norm keeps its digits where the mean is far above the deviation", "", InFloat) {
  const Problem<float> p(20, 1000, 6, 1000, 0.5);
  const auto r = train<TestType>(p);
  const auto expected = reference(p);
  CHECK(distance(r.inv_std, expected.inv_std, 2) < 1e-6);
  // y inherits half a unit in the last place of the mean (3e-5) and no more
  CHECK(distance(r.y, expected.y) < 1e-3);
}

TEMPLATE_LIST_TEST_CASE("batch norm of a constant channel is beta, and its gradient finite", "", InFloat) {
  Problem<float> p(4, 25, 4, 0, 1);
  p.x.assign(p.x.size(), 3.0f);
  const auto r = train<TestType>(p);
  for (std::size_t i = 0; i < r.y.size(); ++i) REQUIRE(r.y[i] == p.beta[i % 4]);
  CHECK(r.inv_std[0] == Approx(1 / std::sqrt(1e-3)));
  CHECK(distance(r.dx, reference(p).dx, 100) < 1e-6);
}

TEMPLATE_LIST_TEST_CASE("batch norm's gradient is the slope of its output", "", InFloatAndDouble) {
  if constexpr (std::is_same_v<typename TestType::Scalar, double>) {
    const Problem<double> p(13, 1, 3, 0.5, 1);
    const auto r = train<TestType>(p);
    const auto loss = [](const Problem<double>& q) {
      const auto out = train<TestType>(q);
      double sum = 0;
      for (std::size_t i = 0; i < out.y.size(); ++i) sum += out.y[i] * q.dy[i];
      return sum;
    };
    const auto slope = [&](auto member, std::size_t i) {
      Problem<double> up = p, down = p;
      (up.*member)[i] += 1e-5, (down.*member)[i] -= 1e-5;
      return (loss(up) - loss(down)) / 2e-5;
    };
    for (std::size_t i = 0; i < p.x.size(); ++i)
      CHECK(r.dx[i] == Approx(slope(&Problem<double>::x, i)).epsilon(1e-6).margin(1e-7));
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(r.dgamma[k] == Approx(slope(&Problem<double>::gamma, k)).epsilon(1e-6));
      CHECK(r.dbeta[k] == Approx(slope(&Problem<double>::beta, k)).epsilon(1e-6));
    }
  }
}

TEMPLATE_LIST_TEST_CASE("batch norm at inference uses the moving averages", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const auto& [batch, pixels] : {std::pair{1, 1}, {2003, 1}, {5, 407}}) {
    const Problem<T> p(batch, pixels, 37, 2, 3);
    BatchNormOperands<TestType> m(batch, {pixels, 1, 37}, p.x, p.gamma, p.beta);
    const auto mean = normals<T>(37, 5);
    auto variance = normals<T>(37, 6);
    for (T& v : variance) v *= v;
    m.moving_mean = m.weight(mean), m.moving_variance = m.weight(variance);
    m.run(m.inference());
    const auto y = m[m.y];
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t c = i % 37;
      const double inv_std = 1 / std::sqrt(double(variance[c]) + double(1e-3f));
      const double expected = (double(p.x[i]) - double(mean[c])) * inv_std * double(p.gamma[c]) + double(p.beta[c]);
      REQUIRE(double(y[i]) == Approx(expected).epsilon(1e-5).margin(1e-4));
    }
  }
}
