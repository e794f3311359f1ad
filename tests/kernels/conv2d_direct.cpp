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
  for (const Conv2DGeometry& g : shapes) {
    INFO(shapes::text(g));
    const reference::ConvSizes sizes(g);
    const auto x = integers(sizes.x, 4, 1), w = integers(sizes.w, 4, 2), dy = integers(sizes.y, 4, 3);
    const auto bias = integers(std::size_t(g.filters), 9, 4);
    Memory<S> image(x), slope(dy), y(sizes.y), dx(sizes.x);
    Memory<float> weights(w), b(bias), dw(sizes.w), scratch(kernels::conv2d_direct_scratch_size(g.filters));

    auto expected = reference::conv2d(g, x, w);
    kernels::conv2d_direct_forward(stream, g, image.data(), weights.data(), static_cast<const float*>(nullptr),
                                   Activation::none, y.data());
    REQUIRE(y.values() == stored<S>(expected));
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::max(expected[i] + bias[i % bias.size()], 0.0f);
    kernels::conv2d_direct_forward(stream, g, image.data(), weights.data(), b.data(), Activation::relu, y.data());
    REQUIRE(y.values() == stored<S>(expected));

    if (g.kernel * g.kernel * g.channels <= 60) {  // more take long here: a pass over dy for nine of them
      kernels::conv2d_direct_backward_filter(stream, g, image.data(), slope.data(), dw.data(), scratch.data());
      REQUIRE(dw.values() == reference::conv2d_backward_filter(g, x, dy));
    }
    kernels::conv2d_direct_backward_data(stream, g, slope.data(), weights.data(), dx.data());
    REQUIRE(dx.values() == stored<S>(reference::conv2d_backward_data(g, dy, w)));
  }
}
