// SPDX-License-Identifier: MIT
#include "ops/batch_norm_operands.hpp"
#include "ops/pool_shapes.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

constexpr int layer = 3;

/// May the fused op round otherwise than the three? Cpu's is the same to the bit; a backend with some ops of its own
/// may have this one of another.
template <class Host>
constexpr double rounding = std::is_same_v<typename Host::Backend, Cpu>
                                ? 0.0
                                : 4 * double(std::numeric_limits<typename Host::Scalar>::epsilon());

template <class T>
struct Result {
  std::vector<T> y, dx, dgamma, dbeta, drelu_bias;
};

template <class Host>
struct Problem : BatchNormOperands<Host> {
  using T = typename Host::Scalar;
  ops::Pool2DGeometry any_batch;
  ops::Setting rate;
  ops::Value dy, out;
  ops::Gradient drelu_bias;

  Problem(const ops::Pool2DGeometry& g, float dropout, std::uint64_t first_sample)
      : BatchNormOperands<Host>(g.batch, input_shape(g), normals<T>(input_size(g), 1, 0.4, 0.6),
                                normals<T>(std::size_t(g.channels), 3), normals<T>(std::size_t(g.channels), 4)),
        any_batch(of_any_batch(g)) {
    this->state = {.seed = 7, .step = 11, .first_sample = first_sample};
    rate = this->setting(double(dropout));
    dy = this->value(output_shape(g), normals<T>(output_size(g), 2, 0.1)), out = this->value(output_shape(g));
    drelu_bias = this->gradient(std::size_t(g.channels));
    this->run(this->statistics());
  }
  ops::Dropout dropout(ops::Value in) const { return {.x = in, .y = out, .rate = rate, .layer = layer}; }
  ops::DropoutBackward dropout_backward(ops::Value to) const {
    return {.dy = dy, .dx = to, .rate = rate, .layer = layer};
  }

  Result<T> one_by_one() {
    const Shape in = this->x.shape, pooled_shape = out.shape;
    const auto pooled = this->value(pooled_shape), dropped = this->value(pooled_shape), spread = this->value(in);
    const auto argmax = this->bytes(pooled_shape.size());
    this->run(this->forward());
    this->run(ops::MaxPool{.geometry = any_batch, .x = this->y, .y = pooled, .argmax = argmax});
    this->run(dropout(pooled));
    this->run(dropout_backward(dropped));
    this->run(ops::MaxPoolBackward{.geometry = any_batch, .dy = dropped, .argmax = argmax, .dx = spread});
    this->run(this->backward(spread));
    return result();
  }
  Result<T> in_one_go(bool with_relu) {
    const auto saved = this->bytes(out.shape.size());
    this->run(ops::BatchNormMaxPoolDropout{.norm = this->forward(),
                                           .pool = {.geometry = any_batch, .x = {}, .y = {}},
                                           .dropout = dropout({}),
                                           .saved = saved});
    auto norm = this->backward({});
    if (with_relu) norm.drelu_bias = drelu_bias;
    this->run(ops::BatchNormMaxPoolDropoutBackward{.dropout = dropout_backward({}),
                                                   .pool = {.geometry = any_batch, .dy = {}, .argmax = {}, .dx = {}},
                                                   .norm = norm,
                                                   .saved = saved});
    return result();
  }
  Result<T> result() const {
    const auto& m = *this;
    return {m[out], m[this->dx], m[this->dgamma], m[this->dbeta], m[drelu_bias]};
  }
};

std::vector<ops::Pool2DGeometry> shapes() {
  std::vector<ops::Pool2DGeometry> all;
  for (const auto& g : pool_shapes)
    if (g.stride >= g.window && g.batch * g.height * g.width > 4) all.push_back(g);
  return all;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("batch norm, max pool and dropout in one go equal the three", "", InFloatAndDouble) {
  const double ulp = double(std::numeric_limits<typename TestType::Scalar>::epsilon());
  REQUIRE(shapes().size() >= 4);
  for (const auto& g : shapes())
    for (const float rate : {0.0f, 0.5f})
      for (const std::uint64_t first_sample : {0u, 3u}) {
        INFO(text(g) << "rate " << rate << ", from sample " << first_sample);
        const auto expected = Problem<TestType>(g, rate, first_sample).one_by_one();
        Problem<TestType> problem(g, rate, first_sample);
        const auto r = problem.in_one_go(false);
        CHECK(distance(r.y, expected.y, 8) <= rounding<TestType>);
        // Only the order of the sums differs.
        const double terms = double(g.batch * g.out_height * g.out_width);
        CHECK(distance(r.dgamma, expected.dgamma, 4 + std::sqrt(terms) + 0.1 * terms) <= 32 * ulp);
        CHECK(distance(r.dbeta, expected.dbeta, 4 + std::sqrt(terms) + 0.1 * terms) <= 32 * ulp);
        CHECK(distance(r.dx, expected.dx, 8) <= 32 * ulp);

        const auto masked = problem.in_one_go(true);
        std::vector<double> dx(r.dx.begin(), r.dx.end()), sums(std::size_t(g.channels));
        for (std::size_t i = 0; i < dx.size(); ++i) {
          if (!(problem.x_values[i] > 0)) dx[i] = 0;
          sums[i % sums.size()] += dx[i];
        }
        CHECK(distance(masked.dx, dx) == 0);
        CHECK(distance(masked.drelu_bias, sums, 4 + std::sqrt(terms) + 0.1 * terms) <= 64 * ulp);
      }
}

TEMPLATE_LIST_TEST_CASE("batch norm and max pool at inference equal the two", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const auto& g : shapes()) {
    INFO(text(g));
    Problem<TestType> m(g, 0, 0);
    const std::size_t c = std::size_t(g.channels);
    auto variance = normals<T>(c, 9);
    for (T& v : variance) v *= v;
    m.moving_mean = m.weight(normals<T>(c, 8)), m.moving_variance = m.weight(variance);
    const auto pooled = m.value(output_shape(g));
    m.run(m.inference());
    m.run(ops::MaxPool{.geometry = m.any_batch, .x = m.y, .y = pooled});
    m.run(
        ops::BatchNormMaxPoolInference{.norm = m.inference(), .pool = {.geometry = m.any_batch, .x = {}, .y = m.out}});
    CHECK(distance(m[m.out], m[pooled], 128) <= rounding<TestType>);
  }
}
