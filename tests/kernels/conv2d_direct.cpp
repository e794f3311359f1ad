// SPDX-License-Identifier: MIT
// Whole numbers, so that sums are exact; what is stored as bfloat16 is then rounded once.
#include "kernels/conv2d_direct.cuh"

#include "kernels/kernel_test.hpp"
#include "support/reference_conv2d.hpp"
#include "support/shapes.hpp"

using namespace ferlab;
using namespace kernel_test;

TEMPLATE_TEST_CASE("The direct convolution equals plain loops", "", float, bfloat16) {
  using S = TestType;
  auto shapes = shapes::small_convs();
  shapes.push_back(shapes::conv(2, 12, 11, 1, 64, 3));
  shapes.push_back(shapes::conv(3, 9, 10, 1, 5, 3, 1, shapes::Pad::valid));
  shapes.push_back(shapes::conv(2, 9, 7, 1, 16, 3, 2));
  for (const ops::Conv2DGeometry& g : shapes) {
    INFO(shapes::text(g));
    const reference::ConvSizes sizes(g);
    const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2), dy = integers(sizes.y, 4, 3);
    const auto bias = integers(std::size_t(g.filters), 9, 4);
    Memory<S> image(x), slope(dy), weights(w), b(bias), y(sizes.y), dx(sizes.x), rounded(sizes.w);
    Memory<float> dw(sizes.w), scratch(kernels::conv2d_direct_scratch_size(g.filters));

    auto expected = reference::conv2d(g, x, w);
    kernels::conv2d_direct(
        stream, kernels::Conv2D<S>{.geometry = g, .x = image.data(), .kernel = weights.data(), .y = y.data()});
    REQUIRE(y.values() == stored<S>(expected));
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::max(expected[i] + bias[i % bias.size()], 0.0f);
    kernels::conv2d_direct(stream, kernels::Conv2D<S>{.geometry = g,
                                                      .x = image.data(),
                                                      .kernel = weights.data(),
                                                      .bias = b.data(),
                                                      .activation = ops::Activation::relu,
                                                      .y = y.data()});
    REQUIRE(y.values() == stored<S>(expected));

    if (g.kernel * g.kernel * g.channels <= 60) {  // more take long here: a pass over dy for nine of them
      kernels::conv2d_direct(
          stream,
          kernels::Conv2DBackwardFilter<S, float>{
              .geometry = g, .x = image.data(), .dy = slope.data(), .dkernel = dw.data(), .scratch = scratch.data()});
      const auto expected_dw = reference::conv2d_backward_filter(g, x, dy);
      REQUIRE(dw.values() == expected_dw);
      kernels::conv2d_direct(stream, kernels::Conv2DBackwardFilter<S>{.geometry = g,
                                                                      .x = image.data(),
                                                                      .dy = slope.data(),
                                                                      .dkernel = rounded.data(),
                                                                      .scratch = scratch.data()});
      REQUIRE(rounded.values() == stored<S>(expected_dw));
    }
    kernels::Conv2DBackwardData<S> backward{
        .geometry = g, .dy = slope.data(), .kernel = weights.data(), .dx = dx.data()};
    kernels::conv2d_direct(stream, backward);
    auto expected_dx = reference::conv2d_backward_data(g, dy, w);
    REQUIRE(dx.values() == stored<S>(expected_dx));
    for (std::size_t i = 0; i < x.size(); ++i) expected_dx[i] = x[i] > 0 ? expected_dx[i] : 0;
    backward.relu = image.data();
    kernels::conv2d_direct(stream, backward);
    REQUIRE(dx.values() == stored<S>(expected_dx));
  }
}

namespace {

/// Not the sizes that are the default.
struct OtherPolicy : kernels::Conv2DDirectPolicy {
  static constexpr int threads = 64, rows_per_thread = 1, most_blocks = 3, most_chunks = 5;
  static constexpr int strip_pixels = 3, filter_terms = 11;
};

}  // namespace

TEST_CASE("The direct convolution is right with another policy, and finds the statistics that are wanted") {
  const ops::Conv2DGeometry g = shapes::conv(3, 9, 10, 2, 8, 3);
  const reference::ConvSizes sizes(g);
  const std::size_t c = std::size_t(g.filters);
  const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2), dy = integers(sizes.y, 4, 3);
  Memory<float> image(x), slope(dy), weights(w), y(sizes.y), dx(sizes.x), dw(sizes.w), mean(c), inv_std(c),
      moving_mean(std::vector<float>(c, 0)), moving_variance(std::vector<float>(c, 0)),
      scratch(std::max(kernels::batch_norm_scratch_size(g.filters),
                       kernels::conv2d_direct_scratch_size<OtherPolicy>(g.filters)));
  kernels::conv2d_direct<OtherPolicy>(
      stream, kernels::Conv2D<float>{
                  .geometry = g,
                  .x = image.data(),
                  .kernel = weights.data(),
                  .y = y.data(),
                  .statistics = {1e-3f, 0, mean.data(), inv_std.data(), moving_mean.data(), moving_variance.data()},
                  .scratch = scratch.data()});
  const auto expected = reference::conv2d(g, x, w);
  REQUIRE(y.values() == expected);
  std::vector<double> sums(c);
  for (std::size_t i = 0; i < expected.size(); ++i) sums[i % c] += double(expected[i]);
  for (std::size_t f = 0; f < c; ++f)
    REQUIRE(std::abs(double(mean.values()[f]) - sums[f] * double(c) / double(sizes.y)) < 1e-4);

  kernels::conv2d_direct<OtherPolicy>(
      stream,
      kernels::Conv2DBackwardFilter<float>{
          .geometry = g, .x = image.data(), .dy = slope.data(), .dkernel = dw.data(), .scratch = scratch.data()});
  REQUIRE(dw.values() == reference::conv2d_backward_filter(g, x, dy));
  kernels::conv2d_direct<OtherPolicy>(
      stream,
      kernels::Conv2DBackwardData<float>{.geometry = g, .dy = slope.data(), .kernel = weights.data(), .dx = dx.data()});
  REQUIRE(dx.values() == reference::conv2d_backward_data(g, dy, w));
}
