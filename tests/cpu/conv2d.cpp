// SPDX-License-Identifier: MIT
// Whole numbers small enough that every float sum is exact: the engine must equal plain loops to the bit.
#include "ferlab/cpu/conv2d.hpp"

#include "cpu/op_test.hpp"
#include "support/reference_conv2d.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class T>
std::vector<T> forward(const Cpu& cpu, const Conv2DGeometry& g, const std::vector<T>& x, const std::vector<T>& w,
                       const T* bias, Activation activation) {
  auto packed = poison<T>(conv2d_packed_size(On<Cpu>{}, g)), y = poison<T>(reference::ConvSizes(g).y);
  conv2d_pack(cpu, g, w.data(), packed.data());
  conv2d_forward(cpu, g, x.data(), packed.data(), bias, activation, y.data());
  return y;
}

template <class T>
void check_all(const Conv2DGeometry& g) {
  INFO(shapes::text(g));
  const reference::ConvSizes sizes(g);
  const auto x = integers<T>(sizes.x, 4, 1), w = integers<T>(sizes.w, 4, 2), dy = integers<T>(sizes.y, 4, 3);
  const auto bias = integers<T>(std::size_t(g.filters), 9, 4);
  const auto same = [](const auto& result) {
    const auto one = result(Cpu(1));
    for (int threads : {2, 3}) REQUIRE((result(Cpu(threads)) == one));
    return one;
  };

  auto expected = reference::conv2d(g, x, w);
  REQUIRE(same([&](const Cpu& cpu) { return forward<T>(cpu, g, x, w, nullptr, Activation::none); }) == expected);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += bias[i % bias.size()];
  REQUIRE(forward(Cpu(2), g, x, w, bias.data(), Activation::none) == expected);
  for (T& y : expected) y = std::max(y, T(0));
  REQUIRE(same([&](const Cpu& cpu) { return forward(cpu, g, x, w, bias.data(), Activation::relu); }) == expected);

  REQUIRE(same([&](const Cpu& cpu) {
            auto scratch = poison<T>(conv2d_backward_scratch_size(On<Cpu>{}, g)), dx = poison<T>(sizes.x);
            conv2d_backward_data(cpu, g, dy.data(), w.data(), dx.data(), scratch.data());
            return dx;
          }) == reference::conv2d_backward_data(g, dy, w));
  REQUIRE(same([&](const Cpu& cpu) {
            auto scratch = poison<T>(conv2d_backward_scratch_size(On<Cpu>{}, g)), dw = poison<T>(sizes.w);
            conv2d_backward_filter(cpu, g, x.data(), dy.data(), dw.data(), scratch.data());
            return dw;
          }) == reference::conv2d_backward_filter(g, x, dy));
}

}  // namespace

TEMPLATE_TEST_CASE("convolution equals plain loops, small and odd shapes", "", float, double) {
  for (const Conv2DGeometry& g : shapes::small_convs()) check_all<TestType>(g);
}

TEST_CASE("convolution equals plain loops, the tutorial's layers") {
  for (const auto& [name, g] : shapes::tutorial_convs(1)) check_all<float>(g);
}

TEST_CASE("convolution lets NaN through, also a fused ReLU") {
  const Conv2DGeometry g = shapes::conv(1, 6, 6, 3, 20, 3);
  const reference::ConvSizes sizes(g);
  auto x = integers(sizes.x, 4, 1);
  const auto w = std::vector<float>(sizes.w, 1.0f);
  x[(2 * 6 + 3) * 3] = NAN;
  const auto y = forward<float>(Cpu(1), g, x, w, nullptr, Activation::relu);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j)
      for (int f = 0; f < 20; ++f) {
        const bool reads_it = std::abs(i - 2) <= 1 && std::abs(j - 3) <= 1;
        REQUIRE(std::isnan(y[std::size_t((i * 6 + j) * 20 + f)]) == reads_it);
      }
}
