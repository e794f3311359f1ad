// SPDX-License-Identifier: MIT
// Whole numbers, so that sums are exact; what is stored as bfloat16 is then rounded once.
#include "kernels/conv2d_tensor.cuh"

#include "kernels/kernel_test.hpp"
#include "support/reference_conv2d.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace kernel_test;

namespace {

/// More than one tile each way, tiles that are cut, taps outside of the image, and the least there is.
std::vector<Conv2DGeometry> tensor_shapes() {
  using shapes::conv;
  return {conv(1, 1, 1, 8, 8, 1),
          conv(2, 9, 10, 8, 72, 3),
          conv(3, 5, 5, 16, 136, 3),
          conv(1, 7, 6, 24, 64, 5),
          conv(1, 8, 8, 8, 16, 3, 1, shapes::Pad::valid),
          conv(2, 11, 11, 40, 200, 1)};
}

/// A kernel [..][filters], as plain loops have it, as [filters][..]; and back.
std::vector<float> turned(const std::vector<float>& w, const Conv2DGeometry& g) {
  const std::size_t columns = std::size_t(g.filters), rows = w.size() / columns;
  std::vector<float> to(w.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = w[r * columns + c];
  return to;
}

}  // namespace

TEST_CASE("The tensor-core convolution equals plain loops") {
  for (const Conv2DGeometry& g : tensor_shapes()) {
    INFO(shapes::text(g));
    const reference::ConvSizes sizes(g);
    const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2), dy = integers(sizes.y, 4, 3);
    const auto bias = integers(std::size_t(g.filters), 9, 4);
    Memory<bfloat16> image(x), weights(turned(w, g)), slope(dy), y(sizes.y), dx(sizes.x), rounded_dw(sizes.w);
    Memory<float> b(bias), dw(sizes.w), scratch(kernels::conv2d_tensor_backward_filter_scratch_size(g));

    auto expected = reference::conv2d(g, x, w);
    kernels::conv2d_tensor_forward<float>(stream, g, image.data(), weights.data(), nullptr, Activation::none, y.data());
    REQUIRE(y.values() == stored<bfloat16>(expected));
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::max(expected[i] + bias[i % bias.size()], 0.0f);
    kernels::conv2d_tensor_forward(stream, g, image.data(), weights.data(), b.data(), Activation::relu, y.data());
    REQUIRE(y.values() == stored<bfloat16>(expected));

    kernels::conv2d_tensor_backward_data(stream, g, slope.data(), weights.data(), nullptr, dx.data());
    auto expected_dx = reference::conv2d_backward_data(g, dy, w);
    REQUIRE(dx.values() == stored<bfloat16>(expected_dx));
    for (std::size_t i = 0; i < x.size(); ++i) expected_dx[i] = x[i] > 0 ? expected_dx[i] : 0;
    kernels::conv2d_tensor_backward_data(stream, g, slope.data(), weights.data(), image.data(), dx.data());
    REQUIRE(dx.values() == stored<bfloat16>(expected_dx));
    kernels::conv2d_tensor_backward_filter(stream, g, image.data(), slope.data(), dw.data(), scratch.data());
    const auto expected_dw = turned(reference::conv2d_backward_filter(g, x, dy), g);
    REQUIRE(dw.values() == expected_dw);
    kernels::conv2d_tensor_backward_filter(stream, g, image.data(), slope.data(), rounded_dw.data(), scratch.data());
    REQUIRE(rounded_dw.values() == stored<bfloat16>(expected_dw));
  }
}

TEST_CASE("The tensor-core convolution takes strides forward, and refuses what it cannot do") {
  const Conv2DGeometry g = shapes::conv(2, 9, 8, 16, 24, 3, 2);
  const reference::ConvSizes sizes(g);
  const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2);
  Memory<bfloat16> image(x), weights(turned(w, g)), y(sizes.y);
  Memory<float> dw(sizes.w);
  REQUIRE(on_any_schedule([&] {
            kernels::conv2d_tensor_forward<float>(stream, g, image.data(), weights.data(), nullptr, Activation::none,
                                                  y.data());
            return y.values();
          }) == stored<bfloat16>(reference::conv2d(g, x, w)));
  REQUIRE_THROWS_AS(kernels::conv2d_tensor_backward_data(stream, g, y.data(), weights.data(), nullptr, image.data()),
                    ArgumentError);
  REQUIRE_THROWS_AS(kernels::conv2d_tensor_backward_filter(stream, g, image.data(), y.data(), dw.data(), dw.data()),
                    ArgumentError);
  const Conv2DGeometry odd = shapes::conv(1, 4, 4, 9, 16, 3);
  REQUIRE_THROWS_AS(kernels::conv2d_tensor_forward<float>(stream, odd, image.data(), weights.data(), nullptr,
                                                          Activation::none, y.data()),
                    ArgumentError);
}

TEST_CASE("The gradient of the kernel is the same sum however the pixels are shared") {
  const Conv2DGeometry g = shapes::conv(8, 9, 9, 8, 8, 3);
  REQUIRE(kernels::conv2d_tensor_shares(g) > 1);
  const reference::ConvSizes sizes(g);
  const auto x = integers(sizes.x, 4, 1), dy = integers(sizes.y, 4, 3);
  Memory<bfloat16> image(x), slope(dy);
  Memory<float> dw(sizes.w), scratch(kernels::conv2d_tensor_backward_filter_scratch_size(g));
  REQUIRE(on_any_schedule([&] {
            kernels::conv2d_tensor_backward_filter(stream, g, image.data(), slope.data(), dw.data(), scratch.data());
            return dw.values();
          }) == turned(reference::conv2d_backward_filter(g, x, dy), g));
}

TEST_CASE("The convolution's epilogue gathers BatchNorm's statistics of what it stores") {
  const Conv2DGeometry g = shapes::conv(3, 9, 9, 8, 72, 3);
  const reference::ConvSizes sizes(g);
  const std::size_t c = std::size_t(g.filters), rows = sizes.y / c;
  const auto x = normals(sizes.x, 1), w = normals(sizes.w, 2, 0, 0.2), bias = normals(c, 3);
  Memory<bfloat16> image(x), weights(w), y(sizes.y);
  const auto fresh = [&](float value) { return std::vector<float>(c, value); };
  Memory<float> b(bias), mean(c), inv_std(c), moving_mean(fresh(0.3f)), moving_variance(fresh(2)),
      scratch(kernels::conv2d_tensor_statistics_scratch_size(g));
  kernels::conv2d_tensor_forward_statistics(
      stream, g, image.data(), weights.data(), b.data(), Activation::relu, y.data(),
      {1e-3f, 0.9f, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()}, scratch.data());
  Memory<float> mean_of_y(c), inv_std_of_y(c), moving_mean_of_y(fresh(0.3f)), moving_variance_of_y(fresh(2)),
      more(kernels::batch_norm_scratch_size(g.filters));
  kernels::batch_statistics(
      stream, std::ptrdiff_t(rows), g.filters, y.data(),
      {1e-3f, 0.9f, mean_of_y.data(), inv_std_of_y.data(), moving_mean_of_y.data(), moving_variance_of_y.data()},
      more.data());
  REQUIRE(distance(mean.values(), mean_of_y.values()) < 1e-5);
  REQUIRE(distance(inv_std.values(), inv_std_of_y.values(), largest(inv_std.values())) < 1e-5);
  REQUIRE(distance(moving_mean.values(), moving_mean_of_y.values()) < 1e-5);
  REQUIRE(distance(moving_variance.values(), moving_variance_of_y.values()) < 1e-5);

  Memory<bfloat16> plain(sizes.y);
  kernels::conv2d_tensor_forward(stream, g, image.data(), weights.data(), b.data(), Activation::relu, plain.data());
  REQUIRE(plain.values() == y.values());
}
