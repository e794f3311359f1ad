// SPDX-License-Identifier: MIT
// Two networks as data, compared.
#pragma once

#include <type_traits>
#include <variant>

#include "exchange/run_network.hpp"
#include "exchange/some_networks.hpp"
#include "support/catch.hpp"

namespace ferlab::test {

/// Layer by layer, weights included, but not by name.
inline void check_equal(const Network& found, const Network& expected) {
  REQUIRE(found.nodes.size() == expected.nodes.size());
  CHECK(found.has_graph == expected.has_graph);
  CHECK(found.metadata == expected.metadata);
  for (std::size_t i = 0; i < found.nodes.size(); ++i) {
    const Node &a = found.nodes[i], &b = expected.nodes[i];
    INFO("layer " << i << ", " << type_name(a.layer) << ", expected " << type_name(b.layer));
    REQUIRE(a.layer.index() == b.layer.index());
    CHECK(a.inputs == b.inputs);
    CHECK(a.output == b.output);
    std::visit(
        [&](const auto& layer) {
          const auto& other = std::get<std::decay_t<decltype(layer)>>(b.layer);
          using L = std::decay_t<decltype(layer)>;
          if constexpr (std::is_same_v<L, RescalingLayer>)
            CHECK((layer.scale == other.scale && layer.offset == other.offset));
          if constexpr (std::is_same_v<L, Conv2DLayer>)
            CHECK((layer.filters == other.filters && layer.kernel == other.kernel && layer.stride == other.stride &&
                   layer.padding == other.padding && layer.bias == other.bias));
          if constexpr (std::is_same_v<L, DenseLayer>) CHECK((layer.units == other.units && layer.bias == other.bias));
          if constexpr (std::is_same_v<L, BatchNormLayer>)
            CHECK((layer.epsilon == other.epsilon && layer.momentum == other.momentum));
          if constexpr (std::is_same_v<L, MaxPoolLayer> || std::is_same_v<L, AveragePoolLayer>)
            CHECK((layer.window == other.window && layer.stride == other.stride && layer.padding == other.padding));
        },
        a.layer);
    REQUIRE(a.weights.size() == b.weights.size());
    for (std::size_t k = 0; k < a.weights.size(); ++k) {
      CHECK(a.weights[k].name == b.weights[k].name);
      CHECK(a.weights[k].shape == b.weights[k].shape);
      CHECK(a.weights[k].values == b.weights[k].values);
    }
  }
}

/// The two give the same for a sample.
inline void check_same_output(const Network& found, const Network& expected, double tolerance = 1e-12) {
  const auto sample = sample_for(expected);
  const auto a = run_network(found, sample), b = run_network(expected, sample);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).margin(tolerance));
}

}  // namespace ferlab::test
