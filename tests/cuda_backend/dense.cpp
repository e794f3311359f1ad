// SPDX-License-Identifier: MIT
// The three products of a dense layer against plain loops. With whole numbers all sums are exact, in whatever order.
#include <ferlab/cuda.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

/// Whole numbers from -2 to 2; `what` tells tensors apart.
std::vector<float> numbers(std::size_t n, std::uint64_t what) {
  std::vector<float> all(n);
  const RandomStream stream{.seed = what, .purpose = Purpose::data};
  for (std::size_t i = 0; i < n; ++i) all[i] = float(stream.below(i, 5)) - 2;
  return all;
}

/// In device memory, as a `Backend` stores it.
template <class Backend>
class OnDevice {
  using V = typename Backend::template Value<float>;

 public:
  OnDevice(const Backend& backend, const std::vector<float>& values) : backend_(backend), memory_(values.size()) {
    const std::vector<V> rounded(values.begin(), values.end());
    copy_from_host(backend_, std::ptrdiff_t(rounded.size()), rounded.data(), memory_.data());
  }
  V* data() { return memory_.data(); }
  std::vector<float> values() const {
    std::vector<V> found(memory_.size());
    copy_to_host(backend_, std::ptrdiff_t(found.size()), memory_.data(), found.data());
    return std::vector<float>(found.begin(), found.end());
  }

 private:
  const Backend& backend_;
  typename Backend::template Buffer<V> memory_;
};

template <class Backend>
void check_products(int batch, int in, int units) {
  INFO("batch " << batch << ", in " << in << ", units " << units);
  const Backend backend;
  const auto size = [](int rows, int columns) { return std::size_t(rows) * std::size_t(columns); };
  const auto at = [](int row, int columns, int column) {
    return std::size_t(row) * std::size_t(columns) + std::size_t(column);
  };
  const auto x = numbers(size(batch, in), 1), w = numbers(size(in, units), 2), dy = numbers(size(batch, units), 3),
             nothing = std::vector<float>(size(batch, units), NAN);
  std::vector<float> y(size(batch, units)), dx(size(batch, in)), dw(size(in, units));
  for (int n = 0; n < batch; ++n)
    for (int i = 0; i < in; ++i)
      for (int u = 0; u < units; ++u) {
        y[at(n, units, u)] += x[at(n, in, i)] * w[at(i, units, u)];
        dx[at(n, in, i)] += dy[at(n, units, u)] * w[at(i, units, u)];
        dw[at(i, units, u)] += x[at(n, in, i)] * dy[at(n, units, u)];
      }
  OnDevice<Backend> on_x(backend, x), on_w(backend, w), on_dy(backend, dy);
  for (const Activation activation : {Activation::none, Activation::relu}) {
    const auto expected = [&](const std::vector<float>& bias) {
      std::vector<float> all = y;
      for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] += bias.empty() ? 0 : bias[i % std::size_t(units)];
        if (activation == Activation::relu) all[i] = std::max(all[i], 0.0f);
      }
      return all;
    };
    OnDevice<Backend> found(backend, nothing);
    dense_forward(backend, batch, in, units, on_x.data(), on_w.data(), static_cast<decltype(on_x.data())>(nullptr),
                  activation, found.data());
    CHECK(found.values() == expected({}));
    for (const std::uint64_t layer : {4, 5}) {  // two of one shape have one algorithm, and each its own bias
      const auto bias = numbers(std::size_t(units), layer);
      OnDevice<Backend> on_bias(backend, bias);
      dense_forward(backend, batch, in, units, on_x.data(), on_w.data(), on_bias.data(), activation, found.data());
      CHECK(found.values() == expected(bias));
    }
  }
  OnDevice<Backend> found_dx(backend, std::vector<float>(dx.size(), NAN)),
      found_dw(backend, std::vector<float>(dw.size(), NAN));
  dense_backward_data(backend, batch, in, units, on_dy.data(), on_w.data(), found_dx.data(), nullptr);
  dense_backward_filter(backend, batch, in, units, on_x.data(), on_dy.data(), found_dw.data(), nullptr);
  CHECK(found_dx.values() == dx);
  CHECK(found_dw.values() == dw);
}

}  // namespace

TEMPLATE_TEST_CASE("The products of dense layers are those of plain loops", "", Cuda<Precision::bf16>,
                   Cuda<Precision::tf32>, Cuda<Precision::fp32>) {
  check_products<TestType>(3, 5, 7);
  check_products<TestType>(1, 33, 7);
  check_products<TestType>(37, 16, 24);
  check_products<TestType>(5, 40, 1);
  check_products<TestType>(6, 1, 3);
}
