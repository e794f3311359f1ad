// SPDX-License-Identifier: MIT
// A model through an ONNX file into another one of its network.
#include <ferlab/exchange/into_model.hpp>
#include <ferlab/exchange/read_onnx.hpp>
#include <ferlab/exchange/write_onnx.hpp>

#include "nets.hpp"
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
