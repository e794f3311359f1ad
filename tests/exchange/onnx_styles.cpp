// SPDX-License-Identifier: MIT
// How other programs write the same layers as ONNX.
#include <ferlab/exchange/read_onnx.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "exchange/check_networks.hpp"
#include "exchange/onnx_bytes.hpp"

using namespace ferlab;
using namespace ferlab::test;

namespace {

Network read(const OnnxFile& file) { return read_onnx(file.bytes(), "file.onnx"); }

/// "Conv2D ReLU": what stands behind the input.
std::string types(const Network& network) {
  std::string text;
  for (std::size_t i = 1; i < network.nodes.size(); ++i)
    text += (i > 1 ? " " : "") + std::string(type_name(network.nodes[i].layer));
  return text;
}

/// The last layer, which must be a L.
template <class L>
L last(const Network& network) {
  REQUIRE(std::holds_alternative<L>(network.nodes.back().layer));
  return std::get<L>(network.nodes.back().layer);
}

using Attributes = std::vector<OnnxAttribute>;

/// A pool, or a Conv of one channel, alone on an image.
Network window(const std::string& op, int height, int width, const Attributes& attributes, int size = 3) {
  OnnxFile file({-1, 1, height, width});
  file.constant("w", {1, 1, size, size}, numbers(std::size_t(size * size)));
  std::vector<std::string> inputs{"x"};
  if (op == "Conv") inputs.push_back("w");
  return read(file.node(op, inputs, "y", attributes));
}

}  // namespace

TEST_CASE("windows are valid or same by what they cover, however a file says it") {
  const OnnxAttribute three("kernel_shape", {3, 3}), two("strides", {2, 2});
  const auto conv = [&](int h, int w, const Attributes& more) {
    Attributes all{three, two};
    all.insert(all.end(), more.begin(), more.end());
    return last<Conv2DLayer>(window("Conv", h, w, all)).padding;
  };
  CHECK(conv(13, 11, {}) == Padding::valid);
  CHECK(conv(13, 11, {{"pads", {0, 0, 0, 0}}}) == Padding::valid);
  CHECK(conv(13, 11, {{"auto_pad", "VALID"}}) == Padding::valid);
  CHECK(conv(13, 11, {{"auto_pad", "SAME_UPPER"}}) == Padding::same);
  CHECK(conv(13, 11, {{"auto_pad", "SAME_LOWER"}}) == Padding::same);  // both sides alike
  CHECK(conv(13, 11, {{"pads", {1, 1, 1, 1}}}) == Padding::same);
  CHECK(conv(12, 12, {{"pads", {0, 0, 1, 1}}}) == Padding::same);
  CHECK(conv(12, 11, {{"pads", {0, 1, 1, 1}}}) == Padding::same);
  CHECK(conv(11, 11, {{"pads", {0, 0, 1, 1}}}) == Padding::valid);  // what is padded, no window reaches

  const auto pool = [&](int n, const Attributes& attributes) {
    return last<MaxPoolLayer>(window("MaxPool", n, n, attributes));
  };
  const MaxPoolLayer up = pool(11, {{"kernel_shape", {2, 2}}, two, {"ceil_mode", 1}});
  CHECK((up.window == 2 && up.stride == 2 && up.padding == Padding::same));
  CHECK(pool(10, {{"kernel_shape", {2, 2}}, two, {"ceil_mode", 1}}).padding == Padding::valid);
  CHECK(pool(11, {three}).stride == 1);  // not the window's, as in PyTorch's and Keras's words
  const auto average = window("AveragePool", 11, 11, {three, two, {"pads", {1, 1, 1, 1}}, {"count_include_pad", 0}});
  CHECK(last<AveragePoolLayer>(average).padding == Padding::same);
  CHECK(types(window("AveragePool", 11, 11, {three, {"count_include_pad", 1}})) == "AveragePool");  // pads nothing
}

TEST_CASE("zeros around an image are the convolution's padding") {
  OnnxFile file({-1, 1, 12, 12});
  file.integers("pads", {0, 0, 0, 0, 0, 0, 1, 1}).constant("zero", {}, {0}).constant("w", {2, 1, 3, 3}, numbers(18));
  file.node("Pad", {"x", "pads", "zero"}, "padded").node("Conv", {"padded", "w"}, "y", {{"strides", {2, 2}}});
  const Network network = read(file);
  CHECK(types(network) == "Conv2D");
  CHECK(last<Conv2DLayer>(network).padding == Padding::same);
  CHECK(network.nodes.back().output == Shape{6, 6, 2});

  OnnxFile old({-1, 1, 12, 12});  // opset 10 and older: an attribute
  old.opset = 10;
  old.constant("w", {2, 1, 3, 3}, numbers(18));
  old.node("Pad", {"x"}, "padded", {{"pads", {0, 0, 1, 1, 0, 0, 1, 1}}}).node("Conv", {"padded", "w"}, "y");
  CHECK(last<Conv2DLayer>(read(old)).padding == Padding::same);

  OnnxFile nothing({-1, 1, 12, 12});
  nothing.integers("pads", std::vector<std::int64_t>(8, 0));
  nothing.node("Pad", {"x", "pads"}, "p").node("MaxPool", {"p"}, "y", {{"kernel_shape", {2, 2}}});
  CHECK(types(read(nothing)) == "MaxPool");
}

TEST_CASE("numbers right behind the input are the preprocessing") {
  for (const bool channels_last : {false, true}) {
    OnnxFile file(channels_last ? std::vector<std::int64_t>{-1, 4, 4, 1} : std::vector<std::int64_t>{-1, 1, 4, 4},
                  Type::UINT8);
    file.constant("255", {}, {255}).constant("half", {1}, {0.5f}).constant("two", {1, 1, 1, 1}, {2});
    file.node("Cast", {"x"}, "f", {{"to", 1}}).node("Div", {"f", "255"}, "a").node("Sub", {"a", "half"}, "b");
    file.node("Mul", {"b", "two"}, "c");
    if (channels_last)
      file.node("Transpose", {"c"}, "d", {{"perm", {0, 3, 1, 2}}});
    else
      file.node("Identity", {"c"}, "d");
    const Network network = read(file.node("MaxPool", {"d"}, "y", {{"kernel_shape", {2, 2}}}));
    CHECK(types(network) == "Rescaling MaxPool");
    const auto& rescaling = std::get<RescalingLayer>(network.nodes[1].layer);
    CHECK(rescaling.scale == 2 / 255.0f);
    CHECK(rescaling.offset == -1);
  }
  OnnxFile mirrored({-1, 3});  // 1 - x
  mirrored.constant("one", {}, {1}).node("Sub", {"one", "x"}, "y");
  const auto rescaling = last<RescalingLayer>(read(mirrored));
  CHECK((rescaling.scale == -1 && rescaling.offset == 1));
}

TEST_CASE("two numbers a channel are a folded BatchNorm") {
  OnnxFile file({-1, 3, 2, 2});
  file.constant("scale", {1, 3, 1, 1}, {2, -3, 0.5f}).constant("offset", {3, 1, 1}, {1, 0, -1});
  file.node("Relu", {"x"}, "r").node("Mul", {"r", "scale"}, "m").node("Add", {"offset", "m"}, "y");
  const Network network = read(file);
  REQUIRE(types(network) == "ReLU BatchNorm");
  CHECK(array(network.nodes[2], "gamma").values == std::vector<float>{2, -3, 0.5f});
  CHECK(array(network.nodes[2], "beta").values == std::vector<float>{1, 0, -1});
  CHECK(array(network.nodes[2], "moving_mean").values == std::vector<float>{0, 0, 0});
  CHECK(last<BatchNormLayer>(network).epsilon == 1e-3f);
  const auto out = run_network(network, std::vector<float>{1, 2, 4, 0, 0, 0, 0, 0, 0, 1, 1, 1});
  CHECK(out[0] == Approx(3));
  CHECK(out[1] == Approx(-6));
  CHECK(out[2] == Approx(1));
  CHECK(out[5] == Approx(-1));
}

TEST_CASE("what a MatMul or a Conv without a bias is added to is its bias, if nobody else reads it") {
  OnnxFile dense({-1, 3});
  dense.constant("w", {3, 2}, numbers(6)).constant("b", {2}, {5, 6});
  const Network network = read(dense.node("MatMul", {"x", "w"}, "m").node("Add", {"m", "b"}, "y"));
  REQUIRE(types(network) == "Dense");
  CHECK(last<DenseLayer>(network).bias);
  CHECK(array(network.nodes[1], "kernel").values == numbers(6));
  CHECK(array(network.nodes[1], "bias").values == std::vector<float>{5, 6});

  OnnxFile conv({-1, 1, 3, 3});
  conv.constant("w", {2, 1, 3, 3}, numbers(18)).constant("b", {1, 2, 1, 1}, {5, 6});
  CHECK(types(read(conv.node("Conv", {"x", "w"}, "m").node("Add", {"m", "b"}, "y"))) == "Conv2D");

  OnnxFile twice({-1, 2});  // once with, once without, behind another name
  twice.constant("w", {2, 2}, numbers(4)).constant("b", {2}, {5, 6});
  twice.node("MatMul", {"x", "w"}, "m").node("Identity", {"m"}, "i").node("Identity", {"m"}, "j");
  const Network both = read(twice.node("Add", {"i", "b"}, "a").node("Add", {"a", "j"}, "y"));
  CHECK(types(both) == "Dense BatchNorm Add");
  CHECK_FALSE(std::get<DenseLayer>(both.nodes[1].layer).bias);
}

TEST_CASE("Gemm's kernel in both orders") {
  for (const int transposed : {0, 1}) {
    OnnxFile file({-1, 3});
    file.constant("w", transposed ? std::vector<std::int64_t>{2, 3} : std::vector<std::int64_t>{3, 2},
                  {1, 2, 3, 4, 5, 6});
    const Network network = read(file.node("Gemm", {"x", "w"}, "y", {{"transB", transposed}}));
    CHECK(array(network.nodes[1], "kernel").shape == std::vector<std::size_t>{3, 2});
    const auto expected = transposed ? std::vector<float>{1, 4, 2, 5, 3, 6} : std::vector<float>{1, 2, 3, 4, 5, 6};
    CHECK(array(network.nodes[1], "kernel").values == expected);
  }
}

TEST_CASE("Conv's kernel is [out, in, h, w]") {
  OnnxFile file({-1, 2, 2, 2});
  std::vector<float> values(24);
  for (std::size_t i = 0; i < 24; ++i) values[i] = float(i);
  const Network network = read(file.constant("w", {3, 2, 2, 2}, values).node("Conv", {"x", "w"}, "y"));
  const Array& kernel = array(network.nodes[1], "kernel");
  CHECK(kernel.shape == std::vector<std::size_t>{2, 2, 2, 3});
  for (std::size_t h = 0; h < 2; ++h)
    for (std::size_t w = 0; w < 2; ++w)
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t o = 0; o < 3; ++o)
          CHECK(kernel.values[((h * 2 + w) * 2 + i) * 3 + o] == values[((o * 2 + i) * 2 + h) * 2 + w]);
}

TEST_CASE("a flattened image's order is what the axes are where it is flattened") {
  const auto flattened = [](bool channels_last, const auto& flatten) {
    OnnxFile file({-1, 2, 3, 4});
    file.node("Relu", {"x"}, "r");
    if (channels_last) file.node("Transpose", {"r"}, "t", {{"perm", {0, 2, 3, 1}}});
    flatten(file, channels_last ? "t" : "r");
    const Network network = read(file);
    CHECK(types(network) == "ReLU Flatten");
    CHECK(network.nodes[0].output == Shape{3, 4, 2});
    CHECK(network.nodes.back().output == Shape{1, 1, 24});
    return network.flattens_channels_first;
  };
  const auto by_flatten = [](OnnxFile& file, const std::string& x) { file.node("Flatten", {x}, "y"); };
  const auto by_reshape = [](OnnxFile& file, const std::string& x) {
    file.integers("shape", {-1, 24}).node("Reshape", {x, "shape"}, "y");
  };
  const auto by_zero = [](OnnxFile& file, const std::string& x) {  // 0: as it was
    file.integers("shape", {0, -1}).node("Reshape", {x, "shape"}, "y");
  };
  const auto by_shape = [](OnnxFile& file, const std::string& x) {  // tf2onnx: [shape[0], 24]
    file.integers("0", {0}).integers("1", {1}).integers("24", {24}, Type::INT32).integers("perm", {0, 2, 3, 1});
    file.node("Shape", {"r"}, "s").node("Gather", {"s", "perm"}, "g").node("Cast", {"g"}, "c", {{"to", 6}});
    file.node("Slice", {"c", "0", "1", "0"}, "n").node("Concat", {"n", "24"}, "both", {{"axis", 0}});
    file.node("Cast", {"both"}, "shape", {{"to", 7}}).node("Reshape", {x, "shape"}, "y");
  };
  const auto by_size = [](OnnxFile& file, const std::string& x) {  // PyTorch: x.view(x.size(0), -1)
    file.integers("axes", {0}).integers("rest", {-1});
    file.node("Constant", {}, "zero", {{"value", tensor_message("", {}, std::vector<std::int64_t>{0})}});
    file.node("Shape", {x}, "s")
        .node("Gather", {"s", "zero"}, "g", {{"axis", 0}})
        .node("Unsqueeze", {"g", "axes"}, "n");
    file.node("Concat", {"n", "rest"}, "shape", {{"axis", 0}}).node("Reshape", {x, "shape"}, "y");
  };
  for (const bool last : {false, true}) {
    CHECK(flattened(last, by_flatten) == !last);
    CHECK(flattened(last, by_reshape) == !last);
    CHECK(flattened(last, by_zero) == !last);
    CHECK(flattened(last, by_shape) == !last);
    CHECK(flattened(last, by_size) == !last);
  }
}

TEST_CASE("means over height and width, and axes that are gone") {
  for (const bool channels_last : {false, true})
    for (const bool keep : {false, true}) {
      OnnxFile file({-1, 3, 4, 5});
      file.node("Relu", {"x"}, "r");
      file.node(
          "Transpose", {"r"}, "t",
          {{"perm", channels_last ? std::vector<std::int64_t>{0, 2, 3, 1} : std::vector<std::int64_t>{0, 1, 2, 3}}});
      file.integers("axes", channels_last ? std::vector<std::int64_t>{1, 2} : std::vector<std::int64_t>{-1, -2});
      file.node("ReduceMean", {"t", "axes"}, "m", {{"keepdims", keep ? 1 : 0}});
      file.integers("shape", {-1, 3}).node("Reshape", {"m", "shape"}, "y");
      const Network network = read(file);
      CHECK(types(network) == "ReLU GlobalAveragePool");
      CHECK(network.nodes.back().output == Shape{1, 1, 3});
    }
  OnnxFile squeezed({-1, 3, 4, 5});
  squeezed.node("GlobalAveragePool", {"x"}, "g").node("Squeeze", {"g"}, "s", {{"axes", std::vector<std::int64_t>{3}}});
  squeezed.integers("two", {2}).node("Squeeze", {"s", "two"}, "y");
  CHECK(types(read(squeezed)) == "GlobalAveragePool");
  OnnxFile there_and_back({-1, 3});
  there_and_back.integers("axes", {2, 3}).constant("w", {2, 3, 1, 1}, numbers(6));
  there_and_back.node("Unsqueeze", {"x", "axes"}, "u").node("Conv", {"u", "w"}, "c").node("Flatten", {"c"}, "y");
  CHECK(types(read(there_and_back)) == "Conv2D Flatten");
}

TEST_CASE("one channel is moved by a Reshape as by a Transpose") {
  OnnxFile file({-1, 8, 9, 1});
  file.integers("shape", {-1, 1, 8, 9}).node("Reshape", {"x", "shape"}, "r");
  const Network network = read(file.node("MaxPool", {"r"}, "y", {{"kernel_shape", {2, 2}}}));
  CHECK(network.nodes[0].output == Shape{8, 9, 1});
  CHECK(types(network) == "MaxPool");
  OnnxFile dense_only({-1, 28, 20, 1});
  CHECK(read(dense_only.node("Flatten", {"x"}, "y")).nodes[0].output == Shape{28, 20, 1});
  OnnxFile first({-1, 1, 28, 20});
  CHECK(read(first.node("Flatten", {"x"}, "y")).nodes[0].output == Shape{28, 20, 1});
}

TEST_CASE("Clip from 0, Dropout, Identity and Cast") {
  OnnxFile file({4, 3});  // a fixed batch
  file.constant("zero", {}, {0})
      .constant("rate", {}, {0.25f})
      .constant("most", {}, {std::numeric_limits<float>::max()});
  file.node("Clip", {"x", "zero"}, "a").node("Clip", {"a", "zero", "most"}, "b").node("Dropout", {"b", "rate"}, "c");
  const Network network = read(file.node("Identity", {"c"}, "d").node("Cast", {"d"}, "y", {{"to", 1}}));
  CHECK(types(network) == "ReLU ReLU Dropout");
  CHECK(last<DropoutLayer>(network).rate == 0.25f);
  OnnxFile old({-1, 3});
  old.opset = 9;
  CHECK(types(read(old.node("Clip", {"x"}, "y", {{"min", 0.0f}}))) == "ReLU");
}

TEST_CASE("weights of every type, in every field, from every place") {
  const auto kernel = [](const ProtoMessage& tensor) {
    OnnxFile file({-1, 1});
    file.graph.message(5, tensor);
    return array(read(file.node("MatMul", {"x", "w"}, "y")).nodes[1], "kernel").values;
  };
  const std::vector<float> expected{1, -2};
  ProtoMessage dims;
  dims.integer(1, 1).integer(1, 2).text(8, "w");
  const auto with = [&](Type type) { return ProtoMessage(dims).integer(2, std::int64_t(type)); };
  std::string floats, doubles;
  for (const float value : expected) {
    formats::append_little_endian(floats, value);
    formats::append_little_endian(doubles, double(value));
  }
  CHECK(kernel(with(Type::FLOAT).text(9, floats)) == expected);
  CHECK(kernel(with(Type::FLOAT).text(4, floats)) == expected);                   // packed
  CHECK(kernel(with(Type::FLOAT).number(4, 1.0f).number(4, -2.0f)) == expected);  // one by one
  CHECK(kernel(with(Type::DOUBLE).text(9, doubles)) == expected);
  CHECK(kernel(with(Type::DOUBLE).text(10, doubles)) == expected);
  CHECK(kernel(with(Type::FLOAT16).text(9, std::string("\0\x3c\0\xc0", 4))) == expected);
  CHECK(kernel(with(Type::FLOAT16).integer(5, 0x3c00).integer(5, 0xc000)) == expected);
  CHECK(kernel(with(Type::BFLOAT16).text(9, std::string("\x80\x3f\0\xc0", 4))) == expected);
  CHECK(kernel(with(Type::INT64).integer(7, 1).integer(7, -2)) == expected);
  CHECK(kernel(with(Type::INT32).integer(5, 1).integer(5, -2)) == expected);
  CHECK(kernel(with(Type::INT8).text(9, "\x01\xfe")) == expected);
  ProtoMessage packed_dims;  // as proto3 writes them
  CHECK(kernel(packed_dims.text(1, "\x01\x02").text(8, "w").integer(2, 1).text(9, floats)) == expected);

  OnnxFile computed({-1, 2});  // a weight that is handed on and turned
  computed.constant("w", {3, 2}, {1, 2, 3, 4, 5, 6}).node("Identity", {"w"}, "i").node("Transpose", {"i"}, "t");
  const Network network = read(computed.node("MatMul", {"x", "t"}, "y"));
  CHECK(array(network.nodes[1], "kernel").values == std::vector<float>{1, 3, 5, 2, 4, 6});
  OnnxFile constants({-1, 2});
  constants.node("Constant", {}, "w", {{"value", tensor_message("", {2, 1}, std::vector<float>{1, -2})}});
  CHECK(array(read(constants.node("MatMul", {"x", "w"}, "y")).nodes[1], "kernel").values == expected);
}

TEST_CASE("initializers that are listed as inputs, as up to IR 3") {
  OnnxFile file({-1, 2});
  file.constant("w", {2, 1}, {1, 2}).value(11, "w", {2, 1});
  CHECK(types(read(file.node("MatMul", {"x", "w"}, "y"))) == "Dense");
}

TEST_CASE("layers have the names of their nodes") {
  OnnxFile file({-1, 2});
  file.node("Relu", {"x"}, "/1/Relu").node("Softmax", {"/1/Relu"}, "y", {{"axis", -1}});
  const Network network = read(file);
  CHECK(network.nodes[0].name == "x");
  CHECK(network.nodes[1].name == "/1/Relu");
  CHECK(network.nodes[2].name == "y");
}
