// SPDX-License-Identifier: MIT
// A model through an ONNX file into another one of its network.
#include <ferlab/exchange/into_model.hpp>
#include <ferlab/exchange/read_onnx.hpp>
#include <ferlab/exchange/write_onnx.hpp>

#include "nets.hpp"
#include "run_network.hpp"
#include "support/catch.hpp"

using namespace ferlab;

TEST_CASE("a model takes all that another one of its network wrote as ONNX") {
  const auto check = [](const auto& net, exchange::ToNetworkOptions options, exchange::OnnxOptions onnx) {
    const auto from = test::filled(net, 1);
    auto into = test::filled(net, 2);
    into.class_names = {};
    into.preprocessing = data::Preprocessing::raw();
    const std::string bytes = exchange::write_onnx(exchange::to_network(from, options), onnx);
    exchange::into_model(exchange::read_onnx(bytes, "f.onnx"), "f.onnx", into);
    CHECK(into.get_weights() == from.get_weights());
    CHECK(into.class_names == from.class_names);
    CHECK(into.preprocessing == from.preprocessing);
  };
  for (const bool preprocessing : {false, true}) {
    check(test::flat_net(), {preprocessing}, {});
    check(test::pooled_net(), {preprocessing}, {});
    check(test::residual_net(), {preprocessing}, {.uint8_input = true});
  }
}

TEST_CASE("a bias of zeros may be left out of an ONNX file, or be written where there is none") {
  const auto with = [](const auto& net) {
    auto model = test::filled(net, 1);
    for (std::size_t i = 0; i < model.parameters().size(); ++i)
      if (model.parameters()[i].name.view().ends_with("bias"))
        model.set_weights(i, std::vector<float>(model.parameters()[i].size(), 0.0f));
    return model;
  };
  const auto written = [](const auto& model) {
    return exchange::read_onnx(exchange::write_onnx(exchange::to_network(model)), "f.onnx");
  };
  const auto outputs = [](const auto& model) {
    return test::run_network(exchange::to_network(model),
                             std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1});
  };
  const Sequential biased{Input<4, 4, 1>{}, Conv2D<2, 3>{}, Flatten{}, Dense<2>{}};
  const Sequential bare{Input<4, 4, 1>{}, Conv2D<2, 3, Padding::same, 1, Bias::no>{}, Flatten{}, Dense<2, Bias::no>{}};
  auto into_biased = test::filled(biased, 2);
  exchange::into_model(written(with(bare)), "f.onnx", into_biased);
  CHECK(outputs(into_biased) == outputs(with(bare)));
  auto into_bare = test::filled(bare, 2);
  exchange::into_model(written(with(biased)), "f.onnx", into_bare);
  CHECK(outputs(into_bare) == outputs(with(biased)));

  const auto before = into_bare.get_weights();
  CHECK_THROWS_WITH(exchange::into_model(written(test::filled(biased, 3)), "f.onnx", into_bare),
                    Catch::Contains("expected no bias, got one"));
  CHECK(into_bare.get_weights() == before);
}
