// SPDX-License-Identifier: MIT
// Configs as the versions of Keras write them, and what is refused in them.
#include <ferlab/exchange/match.hpp>
#include <ferlab/exchange/read_keras_config.hpp>
#include <ferlab/exchange/write_keras_config.hpp>

#include <string>
#include <vector>

#include "nets.hpp"
#include "support/catch.hpp"

namespace ferlab::exchange {

using detail::KerasDialect;

namespace {

detail::KerasConfig read(const std::string& json) { return detail::KerasConfigReader().read(json); }

/// "Input Conv2D ReLU": the types of the layers, in order.
std::string types(const Network& network) {
  std::string text;
  for (const Node& node : network.nodes) text += (text.empty() ? "" : " ") + std::string(type_name(node.layer));
  return text;
}

std::string layer(const std::string& class_name, const std::string& config) {
  return R"({"class_name":")" + class_name + R"(","config":{"name":"l")" + (config.empty() ? "" : ",") + config + "}}";
}
/// The same with a name that no other layer has.
std::string other(const std::string& class_name, const std::string& config) {
  static int count = 0;
  std::string text = layer(class_name, config);
  return text.replace(text.find("\"l\""), 3, "\"l" + std::to_string(++count) + "\"");
}
/// A Sequential of Keras 2.0: a list, whose first layer has the input's shape.
std::string keras_2(const std::string& layers) { return R"({"class_name":"Sequential","config":[)" + layers + "]}"; }
const std::string first = R"({"class_name":"Conv2D","config":{"name":"a","filters":4,"kernel_size":[3,3],)"
                          R"("batch_input_shape":[null,8,6,2]}},)";

void refused(const std::string& json, const std::string& why) {
  try {
    read(json);
    FAIL("accepted: " << json);
  } catch (const FormatError& error) {
    CHECK(error.what() == why);
  }
}

}  // namespace

TEST_CASE("a config that was written is read back as the same network") {
  const auto check = [](const auto& net) {
    const Network network = to_network(test::filled(net), {.preprocessing = true});
    for (KerasDialect dialect : {KerasDialect::h5, KerasDialect::archive}) {
      const detail::KerasConfig found = read(detail::keras_config(network, dialect));
      REQUIRE(found.network.nodes.size() == network.nodes.size());
      CHECK(found.data_format == detail::DataFormat::channels_last);
      for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const Node &a = network.nodes[i], &b = found.network.nodes[i];
        CHECK(a.name == b.name);
        CHECK(a.inputs == b.inputs);
        CHECK(a.output == b.output);
        REQUIRE(type_name(a.layer) == type_name(b.layer));
        CHECK(detail::Difference(a.layer, b.layer, a.output).text == "");
        if (const auto* norm = std::get_if<BatchNormLayer>(&a.layer)) {
          CHECK(norm->epsilon == std::get<BatchNormLayer>(b.layer).epsilon);
          CHECK(norm->momentum == std::get<BatchNormLayer>(b.layer).momentum);
        }
        if (const auto* conv = std::get_if<Conv2DLayer>(&a.layer)) {
          CHECK(conv->l2 == std::get<Conv2DLayer>(b.layer).l2);
          CHECK(conv->bias == std::get<Conv2DLayer>(b.layer).bias);
        }
        if (const auto* dropout = std::get_if<DropoutLayer>(&a.layer))
          CHECK(dropout->rate == std::get<DropoutLayer>(b.layer).rate);
        if (const auto* scaling = std::get_if<RescalingLayer>(&a.layer)) {
          CHECK(scaling->scale == std::get<RescalingLayer>(b.layer).scale);
          CHECK(scaling->offset == std::get<RescalingLayer>(b.layer).offset);
        }
      }
    }
  };
  check(test::flat_net());
  check(test::pooled_net());
  check(test::residual_net());
}

TEST_CASE("a Sequential of Keras 2.0 is a list; activations are layers of their own; what is missing is the default") {
  const auto found = read(keras_2(
      R"({"class_name":"Conv2D","config":{"name":"c","filters":4,"kernel_size":[3,3],"activation":"relu",)"
      R"("batch_input_shape":[null,8,6,2],"kernel_regularizer":{"class_name":"L1L2","config":{"l1":0.0,"l2":0.01}}}},)" +
      other("BatchNormalization", R"("axis":[3])") + "," + other("MaxPooling2D", "") + "," +
      other("Activation", R"("activation":"linear")") + "," + other("Flatten", "") + "," +
      other("BatchNormalization", R"("axis":1)") + "," +
      other("Dense", R"("units":3,"activation":{"class_name":"function","config":"softmax"})")));
  CHECK(types(found.network) == "Input Conv2D ReLU BatchNorm MaxPool Flatten BatchNorm Dense Softmax");
  CHECK(found.network.nodes[0].output == Shape{8, 6, 2});
  const auto conv = std::get<Conv2DLayer>(found.network.nodes[1].layer);
  CHECK((conv.stride == 1 && conv.padding == Padding::valid && conv.bias && conv.l2 == 0.01f));
  CHECK(std::get<BatchNormLayer>(found.network.nodes[3].layer).epsilon == 1e-3f);
  CHECK(std::get<MaxPoolLayer>(found.network.nodes[4].layer).stride == 2);
  CHECK(found.network.nodes.back().output == Shape{1, 1, 3});
  REQUIRE(found.weights.size() == 4);
  CHECK((found.weights[3].class_name == "Dense" && found.weights[3].node == 7));
  CHECK((found.weights[2].number == 1 && found.weights[2].node == 6));
}

TEST_CASE("a Sequential of Keras 3 has an InputLayer, or the model says the shape") {
  const std::string dense = R"({"module":"keras.layers","class_name":"Dense","config":{"name":"d","units":2,"dtype":)"
                            R"({"module":"keras","class_name":"DTypePolicy","config":{"name":"float32"}}}})";
  CHECK(read(R"({"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"InputLayer","config":)"
             R"({"name":"i","batch_shape":[null,5]}},)" +
             dense + "]}}")
            .network.nodes[1]
            .output == Shape{1, 1, 2});
  CHECK(read(R"({"class_name":"Sequential","config":{"layers":[)" + dense +
             R"(]},"build_config":{"input_shape":[null,7]}})")
            .network.nodes[0]
            .output == Shape{1, 1, 7});
}

TEST_CASE("channels_first is one order of the same network") {
  const std::string conv = R"({"class_name":"Conv2D","config":{"name":"c","filters":4,"kernel_size":3,)"
                           R"("data_format":"channels_first","batch_input_shape":[null,2,8,6]}},)";
  const std::string norm = other("BatchNormalization", R"("axis":1)") + ",", dense = other("Dense", R"("units":3)");
  const auto found = read(keras_2(conv + norm + other("Flatten", "") + "," + dense));
  CHECK(found.network.nodes[0].output == Shape{8, 6, 2});
  CHECK(found.network.nodes[1].output == Shape{6, 4, 4});
  CHECK(found.network.flattens_channels_first);
  CHECK(read(keras_2(conv + norm + other("Flatten", R"("data_format":"channels_last")") + "," + dense))
            .network.flattens_channels_first);
  CHECK_FALSE(read(keras_2(conv + norm + other("Flatten", R"("data_format":"channels_first")") + "," + dense))
                  .network.flattens_channels_first);
  CHECK_FALSE(read(keras_2(conv + other("GlobalAveragePooling2D", R"("data_format":"channels_first")") + "," + dense))
                  .network.flattens_channels_first);
  refused(keras_2(conv + layer("MaxPooling2D", R"("data_format":"channels_last")")),
          "layer \"l\" (MaxPooling2D): data_format: expected channels_first as layer \"c\" has, got channels_last");
  refused(keras_2(conv + layer("BatchNormalization", R"("axis":-1)")),
          "layer \"l\" (BatchNormalization): axis: expected the channels', got -1 where the other layers have "
          "channels_first");
  refused(keras_2(first + layer("BatchNormalization", R"("axis":1)")),
          "layer \"l\" (BatchNormalization): axis: expected the channels', got 1 where the other layers have "
          "channels_last");
}

TEST_CASE("what ferlab does not have is refused by its name") {
  const auto refuse = [](const std::string& class_name, const std::string& config, const std::string& why) {
    refused(keras_2(first + layer(class_name, config)), "layer \"l\" (" + class_name + "): " + why);
  };
  refuse("SeparableConv2D", "", "ferlab has no such layer");
  refuse("Lambda", "", "ferlab has no such layer");
  refuse("Sequential", "", "ferlab has no such layer");
  const std::string conv = R"("filters":4,"kernel_size":[3,3],)";
  refuse("Conv2D", R"("filters":4,"kernel_size":[3,5])", "kernel_size: expected two equal numbers, got an array of 2");
  refuse("Conv2D", R"("filters":4)", "expected a positive window of at most 1048576, got 0");
  refuse("Conv2D", R"("kernel_size":[3,3])", "filters: expected a number, got nothing");
  refuse("Conv2D", R"("filters":1e9,"kernel_size":[3,3])", "filters: expected a whole number, got 1e9");
  refuse("Conv2D", conv + R"("groups":2)", "groups: expected 1, all that ferlab has, got 2");
  refuse("Conv2D", conv + R"("dilation_rate":[2,2])",
         "dilation_rate: expected 1, all that ferlab has, got an array of 2");
  refuse("Conv2D", conv + R"("padding":"causal")", "padding: expected \"valid\" or \"same\", got \"causal\"");
  refuse("Conv2D", conv + R"("activation":"elu")", "activation: expected linear, relu or softmax, got \"elu\"");
  refuse("Conv2D", conv + R"("dtype":"mixed_float16")", "dtype: expected float32, got \"mixed_float16\"");
  refuse("Conv2D", R"("filters":4,"kernel_size":[9,9])", "its window of 9 is larger than its input, 6x4x4");
  refuse("MaxPooling2D", R"("pool_size":[2,3])", "pool_size: expected two equal numbers, got an array of 2");
  refuse("BatchNormalization", R"("axis":2)", "axis: expected -1, 3 or 1, got 2");
  refuse("BatchNormalization", R"("renorm":true)", "renorm: expected false, got true");
  refuse("ReLU", R"("max_value":6.0)", "max_value: expected null: ferlab has no such thing, got 6.0");
  refuse("ReLU", R"("negative_slope":0.1)", "negative_slope: expected 0, got 0.1");
  refuse("Softmax", R"("axis":2)", "axis: expected -1, got 2");
  refuse("Dropout", R"("rate":0.5,"noise_shape":[1])",
         "noise_shape: expected null: ferlab has no such thing, got an array of 1");
  refuse("GlobalAveragePooling2D", R"("keepdims":true)", "keepdims: expected false, got true");
  refuse("Activation", R"("activation":"tanh")", "activation: expected linear, relu or softmax, got \"tanh\"");
  refused(keras_2(first + layer("Dense", R"("units":3)")),
          "layer \"l\" (Dense): expected a flat input (a Flatten before it), got 6x4x4");
  refused(
      keras_2(first + layer("Rescaling", R"("scale":2.0)")),
      "layer \"l\" (Rescaling): expected right after the input, as preprocessing; elsewhere ferlab has no such layer");
}

TEST_CASE("a model that is no tree of ours is refused") {
  const auto functional = [](const std::string& layers, const std::string& output = R"([["b",0,0]])") {
    return R"({"class_name":"Model","config":{"layers":[{"class_name":"InputLayer","name":"i","config":{"name":"i",)"
           R"("batch_input_shape":[null,4]},"inbound_nodes":[]},)" +
           layers + R"(],"input_layers":[["i",0,0]],"output_layers":)" + output + "}}";
  };
  const auto dense = [](const std::string& name, const std::string& inbound) {
    return R"({"class_name":"Dense","name":")" + name + R"(","config":{"units":4,"name":")" + name +
           R"("},"inbound_nodes":)" + inbound + "}";
  };
  const std::string a = dense("a", R"([[["i",0,0,{}]]])"), b = dense("b", R"([[["a",0,0,{}]]])");
  CHECK(types(read(functional(a + "," + b)).network) == "Input Dense Dense");
  refused(functional(a + "," + dense("b", R"([[["a",0,0,{}]],[["i",0,0,{}]]])")),
          "layer \"b\" (Dense): expected to be used once, is used 2 times");
  refused(functional(a + "," + dense("b", R"([[["a",1,0,{}]]])")),
          "layer \"b\" (Dense): it reads a layer that is used twice, \"a\"");
  refused(functional(a + "," + dense("b", R"([[["a",0,0,{}],["i",0,0,{}]]])")),
          "layer \"b\" (Dense): expected 1 inputs, got 2");
  refused(functional(a + "," + dense("a", R"([[["i",0,0,{}]]])")), "layer \"a\" (Dense): two layers have this name");
  const std::string none =
      R"({"class_name":"Activation","name":"a","config":{"name":"a","activation":"linear"},"inbound_nodes":[[]]})";
  refused(functional(none + "," + b), "layer \"a\" (Activation): expected 1 inputs, got 0");
  refused(functional(b + "," + a), "layer \"b\" (Dense): it reads \"a\", which is not before it");
  refused(functional(a + "," + b, R"([["a",0,0],["b",0,0]])"), "expected one output, got 2");
  refused(functional(a + "," + b, R"([["a",0,0]])"),
          "expected the output, layer \"a\", as its last layer, got \"b\" behind it");
  refused(functional(a + "," + b, R"([["c",0,0]])"), "its output is the layer \"c\", which it does not have");
}

TEST_CASE("what is no config is refused") {
  refused("", "the model's config is not JSON");
  refused("{", "the model's config is not JSON");
  refused("[1]", "expected a model's config, got none");
  refused(R"({"class_name":"Sequential","config":[]})", "expected layers, got none");
  refused(R"({"class_name":"Sequential","config":[1]})", "expected a layer with class_name and config, got 1");
  refused(R"({"class_name":"TFOpLambda","config":{}})",
          "expected a Sequential or Functional model, got \"TFOpLambda\"");
  refused(keras_2(layer("Dense", R"("units":3)")),
          "layer \"input\" (InputLayer): expected a shape [null, h, w, c] or [null, c], got nothing");
  refused(keras_2(layer("Dense", R"("units":3,"batch_input_shape":[null,null])")),
          "layer \"input\" (InputLayer): expected a fixed size, got null");
  refused(keras_2(layer("Dense", R"("units":3,"batch_input_shape":[null,-2])")),
          "layer \"input\" (Input): expected a positive number of channels of at most 1048576, got -2");
  refused(std::string(100, '[') + std::string(100, ']'), "the model's config is not JSON");
}

}  // namespace ferlab::exchange
