// SPDX-License-Identifier: MIT
// The operands of a batch norm in training.
#pragma once

#include "ops/op_test.hpp"

namespace op_test {

template <class Host>
struct BatchNormOperands : Operands<Host> {
  using T = typename Host::Scalar;
  static constexpr double epsilon_value = double(1e-3f), momentum_value = 0.75;

  std::vector<T> x_values, gamma_values, beta_values;
  ferlab::ops::Value x, y, dx;
  ferlab::ops::Weight gamma, beta, moving_mean, moving_variance;
  ferlab::ops::Scalars mean, inv_std;
  ferlab::ops::Gradient dgamma, dbeta;
  ferlab::ops::Setting epsilon, momentum;

  BatchNormOperands(int samples, ferlab::Shape shape, std::vector<T> x_, std::vector<T> gamma_, std::vector<T> beta_)
      : Operands<Host>(samples),
        x_values(std::move(x_)),
        gamma_values(std::move(gamma_)),
        beta_values(std::move(beta_)) {
    const std::size_t c = gamma_values.size();
    x = this->value(shape, x_values), y = this->value(shape), dx = this->value(shape);
    gamma = this->weight(gamma_values), beta = this->weight(beta_values);
    moving_mean = this->weight(std::vector<T>(c, T(8))), moving_variance = this->weight(std::vector<T>(c, T(4)));
    mean = this->scalars(c), inv_std = this->scalars(c);
    dgamma = this->gradient(c), dbeta = this->gradient(c);
    epsilon = this->setting(epsilon_value), momentum = this->setting(momentum_value);
  }

  ferlab::ops::BatchStatistics statistics() const {
    return {.x = x,
            .mean = mean,
            .inv_std = inv_std,
            .moving_mean = moving_mean,
            .moving_variance = moving_variance,
            .epsilon = epsilon,
            .momentum = momentum};
  }
  ferlab::ops::BatchNorm forward() const {
    return {.x = x, .mean = mean, .inv_std = inv_std, .gamma = gamma, .beta = beta, .y = y};
  }
  ferlab::ops::BatchNormBackward backward(ferlab::ops::Value dy) const {
    return {
        .x = x, .dy = dy, .gamma = gamma, .mean = mean, .inv_std = inv_std, .dx = dx, .dgamma = dgamma, .dbeta = dbeta};
  }
  ferlab::ops::BatchNormInference inference() const {
    return {.x = x,
            .gamma = gamma,
            .beta = beta,
            .moving_mean = moving_mean,
            .moving_variance = moving_variance,
            .epsilon = epsilon,
            .y = y};
  }
};

}  // namespace op_test
