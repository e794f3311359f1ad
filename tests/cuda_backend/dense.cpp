// SPDX-License-Identifier: MIT
// The three products of a dense layer against plain loops. With whole numbers all sums are exact, in whatever order.
#include <ferlab/cuda.hpp>

#include <cmath>

#include "support/catch.hpp"
#ifndef FERLAB_TEST_ON_DEVICE
#include "cuda_backend/stand_in.hpp"
#endif

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
  using V = typename Backend::template Element<float>;

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
  OnDevice<Backend> on_x(backend, x), on_dy(backend, dy), found(backend, nothing),
      found_dx(backend, std::vector<float>(dx.size(), NAN)), found_dw(backend, std::vector<float>(dw.size(), NAN));
  const Shape shape_in{1, 1, in}, shape_out{1, 1, units};
  const ops::Value at_x{0, shape_in}, at_y{1, shape_out}, at_dy{2, shape_out}, at_dx{3, shape_in};
  const ops::Gradient at_dw{4};
  const ops::Weight at_kernel{5}, at_bias{6};
  const auto with_weights = [&](const std::vector<float>& bias, const auto& work) {
    std::vector<float> all = w;
    all.resize(detail::weight_extent(w.size()));  // as in a model: every array is aligned
    const std::size_t bias_at = all.size();
    all.insert(all.end(), bias.begin(), bias.end());
    OnDevice<Backend> rounded(backend, all);
    typename Backend::template Buffer<float> weights(all.size());
    copy_from_host(backend, std::ptrdiff_t(all.size()), all.data(), weights.data());
    void* const tensors[]{on_x.data(),
                          found.data(),
                          on_dy.data(),
                          found_dx.data(),
                          found_dw.data(),
                          weights.data(),
                          weights.data() + bias_at};
    ops::Memory<float, typename Backend::template Element<float>> memory(batch, tensors, {});
    memory.flat.size = all.size(), memory.flat.weights = weights.data(), memory.flat.rounded = rounded.data();
    work(memory);
  };
  for (const ops::Activation activation : {ops::Activation::none, ops::Activation::relu}) {
    const auto expected = [&](const std::vector<float>& bias) {
      std::vector<float> all = y;
      for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] += bias.empty() ? 0 : bias[i % std::size_t(units)];
        if (activation == ops::Activation::relu) all[i] = std::max(all[i], 0.0f);
      }
      return all;
    };
    with_weights({}, [&](const auto& memory) {
      run(backend, ops::Dense{.x = at_x, .kernel = at_kernel, .y = at_y, .activation = activation}, memory);
    });
    CHECK(found.values() == expected({}));
    for (const std::uint64_t layer : {4, 5}) {  // two of one shape have one algorithm, and each its own bias
      const auto bias = numbers(std::size_t(units), layer);
      with_weights(bias, [&](const auto& memory) {
        run(backend, ops::Dense{.x = at_x, .kernel = at_kernel, .bias = at_bias, .y = at_y, .activation = activation},
            memory);
      });
      CHECK(found.values() == expected(bias));
    }
  }
  with_weights({}, [&](const auto& memory) {
    run(backend, ops::DenseBackwardData{.dy = at_dy, .kernel = at_kernel, .dx = at_dx}, memory);
    run(backend, ops::DenseBackwardFilter{.x = at_x, .dy = at_dy, .dkernel = at_dw}, memory);
  });
  CHECK(found_dx.values() == dx);
  CHECK(found_dw.values() == dw);
}

}  // namespace

/// Also the last layer of a classifier of 7: columns of 14 bytes, which tensor cores do not like.
template <class Backend>
void check_all_products() {
  check_products<Backend>(3, 5, 7);
  check_products<Backend>(1, 33, 7);
  check_products<Backend>(64, 128, 7);
  check_products<Backend>(37, 16, 24);
  check_products<Backend>(5, 40, 1);
  check_products<Backend>(6, 1, 3);
}

TEMPLATE_TEST_CASE("The products of dense layers are those of plain loops", "", Cuda<Precision::bf16>,
                   Cuda<Precision::tf32>, Cuda<Precision::fp32>) {
  check_all_products<TestType>();
}

#ifndef FERLAB_TEST_ON_DEVICE
TEMPLATE_TEST_CASE("So they are where cuBLASLt has no product with bias and ReLU, or none at all", "",
                   Cuda<Precision::bf16>, Cuda<Precision::fp32>) {
  struct Restore {
    ~Restore() { stand_in::runtime().fused_products = stand_in::runtime().products = true; }
  } restore;
  stand_in::runtime().fused_products = false;
  check_all_products<TestType>();
  stand_in::runtime().products = false;
  check_all_products<TestType>();
}
#endif
