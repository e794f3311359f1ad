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
std::vector<ops::Conv2DGeometry> tensor_shapes() {
  using shapes::conv;
  return {conv(1, 1, 1, 8, 8, 1),     conv(2, 9, 10, 8, 72, 3), conv(3, 5, 5, 16, 136, 3),
          conv(1, 7, 6, 24, 64, 5),   conv(1, 4, 5, 96, 8, 3),  conv(1, 8, 8, 8, 16, 3, 1, shapes::Pad::valid),
          conv(2, 11, 11, 40, 200, 1)};
}

/// A kernel [..][filters], as plain loops have it, as [filters][..].
std::vector<float> transposed(const std::vector<float>& w, const ops::Conv2DGeometry& g) {
  const std::size_t columns = std::size_t(g.filters), rows = w.size() / columns;
  std::vector<float> to(w.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = w[r * columns + c];
  return to;
}

/// All passes with a policy, against plain loops.
template <class Policy>
void check_all(const ops::Conv2DGeometry& g) {
  INFO(shapes::text(g));
  const reference::ConvSizes sizes(g);
  const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2), dy = integers(sizes.y, 4, 3);
  const auto bias = integers(std::size_t(g.filters), 9, 4);
  Memory<bfloat16> image(x), kernel(transposed(w, g)), b(bias), slope(dy), y(sizes.y), dx(sizes.x), rounded(sizes.w);
  Memory<float> dkernel(sizes.w), scratch(kernels::conv2d_tensor_backward_filter_scratch_size<Policy>(g));

  kernels::Conv2D<bfloat16> forward{.geometry = g, .x = image.data(), .kernel = kernel.data(), .y = y.data()};
  auto expected = reference::conv2d(g, x, w);
  kernels::conv2d_tensor<Policy>(stream, forward);
  REQUIRE(y.values() == stored<bfloat16>(expected));
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::max(expected[i] + bias[i % bias.size()], 0.0f);
  forward.bias = b.data(), forward.activation = ops::Activation::relu;
  kernels::conv2d_tensor<Policy>(stream, forward);
  REQUIRE(y.values() == stored<bfloat16>(expected));

  kernels::Conv2DBackwardData<bfloat16> backward{
      .geometry = g, .dy = slope.data(), .kernel = kernel.data(), .dx = dx.data()};
  kernels::conv2d_tensor<Policy>(stream, backward);
  auto expected_dx = reference::conv2d_backward_data(g, dy, w);
  REQUIRE(dx.values() == stored<bfloat16>(expected_dx));
  for (std::size_t i = 0; i < x.size(); ++i) expected_dx[i] = x[i] > 0 ? expected_dx[i] : 0;
  backward.relu = image.data();
  kernels::conv2d_tensor<Policy>(stream, backward);
  REQUIRE(dx.values() == stored<bfloat16>(expected_dx));

  const auto expected_dkernel = transposed(reference::conv2d_backward_filter(g, x, dy), g);
  const auto filter = [&](auto* to) {
    using G = std::remove_pointer_t<decltype(to)>;
    kernels::conv2d_tensor<Policy>(
        stream, kernels::Conv2DBackwardFilter<bfloat16, G>{
                    .geometry = g, .x = image.data(), .dy = slope.data(), .dkernel = to, .scratch = scratch.data()});
  };
  filter(dkernel.data());
  REQUIRE(dkernel.values() == expected_dkernel);
  filter(rounded.data());
  REQUIRE(rounded.values() == stored<bfloat16>(expected_dkernel));
}

struct SmallTiles : kernels::Conv2DTensorPolicy {
  static constexpr int tile_rows = 64, narrow_tile_columns = 32, tile_columns = 64;
  static constexpr int warps_down = 2, warps_across = 2, stages = 2;
};
struct DeepTiles : kernels::Conv2DTensorPolicy {
  static constexpr int tile_depth = 64, stages = 4, warps_down = 2, warps_across = 4;
};

}  // namespace

TEST_CASE("The tensor-core convolution equals plain loops") {
  for (const ops::Conv2DGeometry& g : tensor_shapes()) check_all<kernels::Conv2DTensorPolicy>(g);
}

TEST_CASE("The tensor-core convolution equals plain loops with other tiles, stages and warps") {
  for (const ops::Conv2DGeometry& g : {shapes::conv(2, 9, 10, 8, 72, 3), shapes::conv(3, 5, 5, 16, 136, 3)}) {
    check_all<SmallTiles>(g);
    check_all<DeepTiles>(g);
  }
}

TEST_CASE("The tensor-core convolution takes strides forward, and refuses what it cannot do") {
  const ops::Conv2DGeometry g = shapes::conv(2, 9, 8, 16, 24, 3, 2);
  const reference::ConvSizes sizes(g);
  const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2);
  Memory<bfloat16> image(x), kernel(transposed(w, g)), y(sizes.y);
  Memory<float> dkernel(sizes.w);
  kernels::Conv2D<bfloat16> op{.geometry = g, .x = image.data(), .kernel = kernel.data(), .y = y.data()};
  REQUIRE(on_any_schedule([&] {
            kernels::conv2d_tensor(stream, op);
            return y.values();
          }) == stored<bfloat16>(reference::conv2d(g, x, w)));
  const kernels::Conv2DBackwardData<bfloat16> data{
      .geometry = g, .dy = y.data(), .kernel = kernel.data(), .dx = image.data()};
  REQUIRE_THROWS_AS(kernels::conv2d_tensor(stream, data), ArgumentError);
  const kernels::Conv2DBackwardFilter<bfloat16, float> filter{
      .geometry = g, .x = image.data(), .dy = y.data(), .dkernel = dkernel.data(), .scratch = dkernel.data()};
  REQUIRE_THROWS_AS(kernels::conv2d_tensor(stream, filter), ArgumentError);
  op.geometry = shapes::conv(1, 4, 4, 9, 16, 3);
  REQUIRE_THROWS_AS(kernels::conv2d_tensor(stream, op), ArgumentError);
}

TEST_CASE("The gradient of the kernel is the same sum however the pixels are shared") {
  const ops::Conv2DGeometry g = shapes::conv(8, 9, 9, 8, 8, 3);
  REQUIRE(kernels::conv2d_tensor_shares(g) > 1);
  const reference::ConvSizes sizes(g);
  const auto x = integers(sizes.x, 4, 1), dy = integers(sizes.y, 4, 3);
  Memory<bfloat16> image(x), slope(dy);
  Memory<bfloat16> rounded(sizes.w);
  Memory<float> dkernel(sizes.w), scratch(kernels::conv2d_tensor_backward_filter_scratch_size(g));
  const auto expected = transposed(reference::conv2d_backward_filter(g, x, dy), g);
  REQUIRE(on_any_schedule([&] {
            kernels::conv2d_tensor(stream, kernels::Conv2DBackwardFilter<bfloat16, float>{.geometry = g,
                                                                                          .x = image.data(),
                                                                                          .dy = slope.data(),
                                                                                          .dkernel = dkernel.data(),
                                                                                          .scratch = scratch.data()});
            return dkernel.values();
          }) == expected);
  kernels::conv2d_tensor(
      stream,
      kernels::Conv2DBackwardFilter<bfloat16>{
          .geometry = g, .x = image.data(), .dy = slope.data(), .dkernel = rounded.data(), .scratch = scratch.data()});
  REQUIRE(rounded.values() == stored<bfloat16>(expected));
}

TEMPLATE_TEST_CASE("The convolution's epilogue gathers BatchNorm's statistics of what it stores", "",
                   kernels::Conv2DTensorPolicy, SmallTiles, DeepTiles) {
  using Policy = TestType;
  const ops::Conv2DGeometry g = shapes::conv(3, 9, 9, 8, 72, 3);
  const reference::ConvSizes sizes(g);
  const std::size_t c = std::size_t(g.filters), rows = sizes.y / c;
  const auto x = normals(sizes.x, 1), w = normals(sizes.w, 2, 0, 0.2), bias = normals(c, 3);
  Memory<bfloat16> image(x), kernel(w), b(bias), y(sizes.y), plain(sizes.y);
  const auto fresh = [&](float value) { return std::vector<float>(c, value); };
  Memory<float> mean(c), inv_std(c), moving_mean(fresh(0.3f)), moving_variance(fresh(2)),
      scratch(kernels::conv2d_tensor_statistics_scratch_size<Policy>(g));
  kernels::Conv2D<bfloat16> op{
      .geometry = g,
      .x = image.data(),
      .kernel = kernel.data(),
      .bias = b.data(),
      .activation = ops::Activation::relu,
      .y = y.data(),
      .statistics = {1e-3f, 0.9f, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()},
      .scratch = scratch.data()};
  kernels::conv2d_tensor<Policy>(stream, op);
  Memory<float> mean_of_y(c), inv_std_of_y(c), moving_mean_of_y(fresh(0.3f)), moving_variance_of_y(fresh(2)),
      more(kernels::batch_norm_scratch_size(g.filters));
  kernels::run(stream,
               kernels::BatchStatistics<bfloat16>{.rows = std::ptrdiff_t(rows),
                                                  .channels = g.filters,
                                                  .x = y.data(),
                                                  .found = {1e-3f, 0.9f, mean_of_y.data(), inv_std_of_y.data(),
                                                            moving_mean_of_y.data(), moving_variance_of_y.data()},
                                                  .scratch = more.data()});
  REQUIRE(distance(mean.values(), mean_of_y.values()) < 1e-5);
  REQUIRE(distance(inv_std.values(), inv_std_of_y.values(), largest(inv_std.values())) < 1e-5);
  REQUIRE(distance(moving_mean.values(), moving_mean_of_y.values()) < 1e-5);
  REQUIRE(distance(moving_variance.values(), moving_variance_of_y.values()) < 1e-5);

  op.statistics = {}, op.y = plain.data();
  kernels::conv2d_tensor<Policy>(stream, op);
  REQUIRE(plain.values() == y.values());
}
