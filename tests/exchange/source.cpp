// SPDX-License-Identifier: MIT
#include <ferlab/exchange/source.hpp>

#include "nets.hpp"
#include "support/catch.hpp"

using namespace ferlab;

TEST_CASE("a network becomes a program that has it") {
  const auto model = test::filled(test::flat_net());
  CHECK(exchange::source(exchange::to_network(model, {.preprocessing = true}), "my \"net\".h5", "load_keras") ==
        R"(// The network of my "net".h5: 13x11x2 -> 5
#include <ferlab/exchange.hpp>
#include <ferlab/ferlab.hpp>
#include <iostream>
using namespace ferlab;

inline auto net() {
  return Sequential{
      Input<13, 11, 2>{},
      Conv2D<3, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}}, ReLU{}, BatchNorm{},
      MaxPool<2>{},
      Conv2D<4, 3, Padding::same, 2, Bias::no>{}, BatchNorm{.momentum = 0.9f, .epsilon = 1e-04f},
      ReLU{}, Dropout{0.25f}, Flatten{}, BatchNorm{},
      Dense<6>{}, ReLU{}, Dropout{0.5f},
      Dense<5, Bias::no>{}, Softmax{}
  };
}

int main() {
  Model model{net(), Cpu{}};
  model.preprocessing = {"rescaling", 0.02f, -1.5f};
  load_keras("my \"net\".h5", model);
  std::cout << summary(model);
}
)");
}

TEST_CASE("branches become Residuals, whichever comes first") {
  auto network = exchange::to_network(test::filled(test::residual_net()));
  const std::string expected = R"(      Conv2D<4, 3>{}, ReLU{},
      Residual{
          Conv2D<4, 3>{}, BatchNorm{}, ReLU{},
          Residual{
              Conv2D<4, 3>{}, ReLU{}
          }
      },
      Residual{
          Conv2D<6, 3, Padding::same, 2>{}, ReLU{},
          Conv2D<6, 3>{},
          Projection{
              Conv2D<6, 1, Padding::same, 2>{}, BatchNorm{}
          }
      },
      ReLU{}, GlobalAveragePool{},
      Dense<3>{}, Softmax{}
)";
  CHECK(exchange::source(network, "f", "load_keras").find(expected) != std::string::npos);
  for (exchange::Node& node : network.nodes)
    if (node.inputs.size() == 2) std::swap(node.inputs[0], node.inputs[1]);
  CHECK(exchange::source(network, "f", "load_keras").find(expected) != std::string::npos);
}

TEST_CASE("layers are written with those arguments that are not the default") {
  using exchange::detail::LayerSource;
  CHECK(LayerSource::of(exchange::MaxPoolLayer{3, 3, Padding::valid}) == "MaxPool<3>{}");
  CHECK(LayerSource::of(exchange::MaxPoolLayer{3, 2, Padding::valid}) == "MaxPool<3, 2>{}");
  CHECK(LayerSource::of(exchange::AveragePoolLayer{2, 2, Padding::same}) == "AveragePool<2, 2, Padding::same>{}");
  CHECK(LayerSource::of(exchange::Conv2DLayer{8, 5, 1, Padding::same, false}) ==
        "Conv2D<8, 5, Padding::same, 1, Bias::no>{}");
  CHECK(LayerSource::of(exchange::DropoutLayer{0}) == "Dropout{0.0f}");
}

TEST_CASE("of a file of weights only its layers are listed") {
  exchange::Network network = exchange::to_network(test::filled(test::pooled_net()));
  std::erase_if(network.nodes, [](const exchange::Node& node) { return node.weights.empty(); });
  network.has_graph = false;
  CHECK(exchange::source(network, "w.h5", "load_keras") ==
        "// w.h5 holds weights only; the layers that have them, by their weights:\n"
        "//   conv2d: Conv2D, kernel [3, 3, 2, 4], bias [4]\n"
        "//   batch_norm: BatchNorm, gamma [4], beta [4], moving_mean [4], moving_variance [4]\n"
        "//   conv2d_1: Conv2D, kernel [1, 1, 4, 5], bias [5]\n"
        "//   dense: Dense, kernel [5, 7], bias [7]\n");
}
