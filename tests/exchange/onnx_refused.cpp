// SPDX-License-Identifier: MIT
// ONNX files that ferlab has no layers for, that mean something else than it would compute, or that lie.
#include <ferlab/exchange/read_onnx.hpp>

#include <limits>
#include <string>
#include <vector>

#include "exchange/onnx_bytes.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::test;

namespace {

std::string error_of(const std::string& bytes) {
  try {
    exchange::read_onnx(bytes, "bad.onnx");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "read";
}

/// The whole message, without the file's name, which must be there.
std::string error(const OnnxFile& file) {
  const std::string text = error_of(file.bytes()), name = "bad.onnx: ";
  if (text == "read") return text;
  return text.substr(0, name.size()) == name ? text.substr(name.size()) : "not named: " + text;
}

using Attributes = std::vector<OnnxAttribute>;

/// Of a node of that type, "y", on images [n, 2, 12, 12] with the kernel "w" [3, 2, 3, 3].
std::string window_error(const std::string& op, const Attributes& attributes) {
  OnnxFile file({-1, 2, 12, 12});
  file.constant("w", {3, 2, 3, 3}, numbers(54));
  std::vector<std::string> inputs{"x"};
  if (op == "Conv") inputs.push_back("w");
  return error(file.node(op, inputs, "y", attributes));
}

/// Of a node of that type on [n, 4] with the constant `c`.
std::string flat_error(const std::string& op, const std::vector<std::int64_t>& dims,
                       const Attributes& attributes = {}) {
  OnnxFile file({-1, 4});
  std::size_t n = 1;
  for (const std::int64_t d : dims) n *= std::size_t(d);
  return error(file.constant("c", dims, numbers(n)).node(op, {"x", "c"}, "y", attributes));
}

}  // namespace

TEST_CASE("windows that lie other than valid or same") {
  CHECK(window_error("Conv", {{"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}) ==
        "node \"y\" (Conv): expected pads as of Keras's valid, [0, 0, 0, 0], or same, [0, 0, 1, 1], for windows of 3 "
        "with "
        "stride 2 on 12x12x2; got [1, 1, 1, 1]");
  CHECK_THAT(window_error("Conv", {{"pads", {2, 2, 2, 2}}}), Catch::EndsWith("got [2, 2, 2, 2]"));
  CHECK_THAT(window_error("Conv", {{"pads", {1, 1, 0, 0}}}), Catch::EndsWith("got [1, 1, 0, 0]"));
  CHECK_THAT(window_error("Conv", {{"pads", {1, 0, 1, 0}}}), Catch::EndsWith("got [1, 0, 1, 0]"));
  CHECK_THAT(window_error("Conv", {{"strides", {2, 2}}, {"auto_pad", "SAME_LOWER"}}),
             Catch::EndsWith("got SAME_LOWER"));
  CHECK_THAT(window_error("MaxPool", {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}}),
             Catch::Contains("expected pads"));
  CHECK_THAT(window_error("MaxPool",
                          {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}, {"pads", {1, 1, 1, 1}}, {"ceil_mode", 1}}),
             Catch::EndsWith("got [1, 1, 1, 1] and ceil_mode"));
  CHECK(window_error("Conv", {{"auto_pad", "MIRROR"}}) == "node \"y\" (Conv): auto_pad is the unknown \"MIRROR\"");
  CHECK_THAT(window_error("Conv", {{"pads", {0, 0}}}), Catch::Contains("expected 4 pads"));
  CHECK_THAT(window_error("Conv", {{"pads", {0, 0, -1, 0}}}), Catch::Contains("expected 4 pads, 0 and more"));
  CHECK_THAT(window_error("Conv", {{"pads", {0, 0, INT64_MAX, INT64_MAX}}}), Catch::Contains("expected 4 pads"));
}

TEST_CASE("windows of kinds that ferlab has not") {
  CHECK(window_error("Conv", {{"group", 2}}) == "node \"y\" (Conv): expected group 1, got 2");
  CHECK(window_error("Conv", {{"dilations", {2, 2}}}) == "node \"y\" (Conv): expected dilations [1, 1], got [2, 2]");
  CHECK(window_error("Conv", {{"strides", {1, 2}}}) ==
        "node \"y\" (Conv): expected strides of two equal numbers, got [1, 2]");
  CHECK_THAT(window_error("Conv", {{"strides", {0, 0}}}), Catch::Contains("expected strides"));
  CHECK_THAT(window_error("Conv", {{"kernel_shape", {2, 2}}}), Catch::Contains("as its weights'"));
  CHECK_THAT(window_error("MaxPool", {{"kernel_shape", {2, 3}}}), Catch::Contains("expected kernel_shape"));
  CHECK_THAT(window_error("MaxPool", {}), Catch::Contains("expected kernel_shape of two equal numbers, got []"));
  CHECK_THAT(window_error("MaxPool", {{"kernel_shape", {13, 13}}}), Catch::Contains("do not fit into 12x12x2"));
  CHECK(window_error("AveragePool", {{"kernel_shape", {3, 3}}, {"pads", {1, 1, 1, 1}}, {"count_include_pad", 1}}) ==
        "node \"y\" (AveragePool): expected count_include_pad 0, got 1");
  OnnxFile channels({-1, 3, 12, 12});
  channels.constant("w", {3, 2, 3, 3}, numbers(54)).node("Conv", {"x", "w"}, "y");
  CHECK(error(channels) == "node \"y\" (Conv): expected a kernel [out, in, h, w] for 3 channels, got [3, 2, 3, 3]");
  OnnxFile bias({-1, 2, 12, 12});
  bias.constant("w", {3, 2, 3, 3}, numbers(54)).constant("b", {2}, numbers(2)).node("Conv", {"x", "w", "b"}, "y");
  CHECK(error(bias) == "node \"y\" (Conv): expected a bias of 3, got [2]");
  OnnxFile last({-1, 12, 12, 2});
  last.node("Identity", {"x"}, "i").node("Transpose", {"i"}, "t", {{"perm", {0, 3, 1, 2}}});
  last.node("Transpose", {"t"}, "u", {{"perm", {0, 2, 3, 1}}}).node("MaxPool", {"u"}, "y", {{"kernel_shape", {2, 2}}});
  CHECK(error(last) == "node \"y\" (MaxPool): expected its input to be [n, c, h, w], got axes NHWC");
}

TEST_CASE("a Pad that is no convolution's") {
  const auto pad_error = [](const std::vector<std::int64_t>& pads, float value, const char* mode, const char* then) {
    OnnxFile file({-1, 2, 12, 12});
    file.integers("pads", pads).constant("value", {}, {value}).constant("w", {3, 2, 3, 3}, numbers(54));
    file.node("Pad", {"x", "pads", "value"}, "p", {{"mode", mode}});
    if (then == std::string("Conv"))
      file.node("Conv", {"p", "w"}, "y");
    else
      file.node(then, {"p"}, "y", {{"kernel_shape", {2, 2}}});
    return error(file);
  };
  const std::vector<std::int64_t> same{0, 0, 1, 1, 0, 0, 1, 1};
  CHECK(pad_error(same, 0, "constant", "Conv") == "read");
  CHECK(pad_error(same, 0, "constant", "MaxPool") ==
        "node \"y\" (MaxPool): expected no Pad before it: zeros around an image can be a Conv's only");
  CHECK_THAT(pad_error(same, 0, "constant", "Relu"), Catch::Contains("expected no Pad before it"));
  CHECK(pad_error(same, 1, "constant", "Conv") == "node \"p\" (Pad): expected to pad with 0, got 1.000000");
  CHECK(pad_error(same, 0, "reflect", "Conv") == "node \"p\" (Pad): expected mode constant, got reflect");
  CHECK_THAT(pad_error({0, 1, 0, 0, 0, 0, 0, 0}, 0, "constant", "Conv"), Catch::Contains("pads of height and width"));
  CHECK_THAT(pad_error({0, 0, -1, 0, 0, 0, 0, 0}, 0, "constant", "Conv"), Catch::Contains("pads of height and width"));
  CHECK_THAT(pad_error({0, 0}, 0, "constant", "Conv"), Catch::Contains("expected 8 pads"));
  OnnxFile last({-1, 2, 12, 12});
  CHECK_THAT(error(last.integers("pads", same).node("Pad", {"x", "pads"}, "y")), Catch::Contains("output \"y\""));
}

TEST_CASE("arithmetic that is no layer") {
  CHECK(flat_error("Mul", {1, 4, 1}) == "node \"y\" (Mul): expected numbers for each channel, got an array [1, 4, 1]");
  CHECK(flat_error("Add", {3}) == "node \"y\" (Add): expected 1 or 4 numbers, got an array [3]");
  CHECK_THAT(flat_error("Add", {4, 1}), Catch::Contains("got an array [4, 1] for axes NC"));
  CHECK(flat_error("Gemm", {3, 2}) == "node \"y\" (Gemm): expected a kernel for 4 inputs, got [3, 2]");
  CHECK(flat_error("Gemm", {4, 2}, {{"transB", 1}}) == "node \"y\" (Gemm): expected a kernel for 4 inputs, got [4, 2]");
  CHECK(flat_error("Gemm", {4, 2}, {{"alpha", 2.0f}}) == "node \"y\" (Gemm): expected alpha 1, got 2.000000");
  CHECK_THAT(flat_error("Gemm", {4, 2}, {{"beta", 0.0f}}), Catch::Contains("expected beta 1"));
  CHECK(flat_error("Gemm", {4, 2}, {{"transA", 1}}) == "node \"y\" (Gemm): expected transA 0, got 1");
  CHECK(flat_error("MatMul", {4}) == "node \"y\" (MatMul): expected a kernel for 4 inputs, got [4]");
  CHECK_THAT(flat_error("BatchNormalization", {4}), Catch::Contains("expected input 2, there is none"));
  CHECK_THAT(flat_error("BatchNormalization", {3}), Catch::Contains("expected a gamma of 4, got [3]"));
  CHECK_THAT(flat_error("BatchNormalization", {4}, {{"training_mode", 1}}),
             Catch::Contains("expected training_mode 0"));
  CHECK(flat_error("Sigmoid", {4}) == "node \"y\" (Sigmoid): ferlab has no such layer");
  OnnxFile divided({-1, 4});
  CHECK_THAT(error(divided.constant("c", {}, {1}).node("Div", {"c", "x"}, "y")), Catch::Contains("the divisor"));
  OnnxFile clip({-1, 4});
  clip.constant("low", {}, {0}).constant("high", {}, {6}).node("Clip", {"x", "low", "high"}, "y");
  CHECK(error(clip) ==
        "node \"y\" (Clip): expected a Clip from 0 without an upper bound, as ReLU, got 0.000000 to 6.000000");
  OnnxFile not_a_number({-1, 4});
  not_a_number.constant("low", {}, {0}).constant("high", {}, {std::numeric_limits<float>::quiet_NaN()});
  CHECK_THAT(error(not_a_number.node("Clip", {"x", "low", "high"}, "y")), Catch::Contains("expected a Clip from 0"));
  OnnxFile product({-1, 4});
  CHECK(error(product.node("Relu", {"x"}, "r").node("Mul", {"r", "x"}, "y")) ==
        "node \"y\" (Mul): expected a constant as one of its inputs");
  OnnxFile shapes({-1, 4});
  shapes.constant("w", {4, 3}, numbers(12)).node("MatMul", {"x", "w"}, "d").node("Add", {"d", "x"}, "y");
  CHECK_THAT(error(shapes), Catch::Contains("expected two inputs of one shape, got 3 with axes NC and 4 with axes NC"));
  OnnxFile axes({-1, 4, 4, 4});
  axes.node("Relu", {"x"}, "r").node("Transpose", {"r"}, "t", {{"perm", {0, 2, 3, 1}}}).node("Add", {"r", "t"}, "y");
  CHECK_THAT(error(axes), Catch::Contains("with axes NCHW and 4x4x4 with axes NHWC"));
  OnnxFile softmax({-1, 4, 2, 2});
  CHECK_THAT(error(softmax.node("Softmax", {"x"}, "y")), Catch::Contains("expected a flat input"));
  OnnxFile dropout({-1, 4});
  dropout.constant("rate", {}, {0.5f}).integers("on", {1}).node("Dropout", {"x", "rate", "on"}, "y");
  CHECK(error(dropout) == "node \"y\" (Dropout): expected training_mode false, got true");
  OnnxFile cast({-1, 4});
  CHECK(error(cast.node("Cast", {"x"}, "y", {{"to", 7}})) ==
        "node \"y\" (Cast): expected a Cast to float, got one to type 7");
  OnnxFile bytes({-1, 4}, Type::UINT8);
  CHECK_THAT(error(bytes.node("Relu", {"x"}, "y")), Catch::Contains("expected a Cast to float first"));
}

TEST_CASE("axes that lead nowhere") {
  const auto reshape_error = [](const std::vector<std::int64_t>& shape) {
    OnnxFile file({2, 3, 4, 5});
    return error(file.integers("shape", shape).node("Reshape", {"x", "shape"}, "y"));
  };
  CHECK_THAT(reshape_error({-1, 15}), Catch::Contains("got [2, 3, 4, 5] to [8, 15]"));
  CHECK_THAT(reshape_error({120}), Catch::Contains("to [120]"));
  CHECK_THAT(reshape_error({2, 4, 3, 5}), Catch::Contains("to [2, 4, 3, 5]"));
  CHECK_THAT(reshape_error({2, 12, 5}), Catch::Contains("to [2, 12, 5]"));
  CHECK_THAT(reshape_error({2, 3, 4, 5, 1}), Catch::Contains("to [2, 3, 4, 5, 1]"));
  CHECK_THAT(reshape_error({-1, -1}), Catch::Contains("expected a shape for [2, 3, 4, 5], got [-1, -1]"));
  CHECK_THAT(reshape_error({2, 61}), Catch::Contains("got [2, 61]"));
  CHECK_THAT(reshape_error({INT64_MAX, INT64_MAX}), Catch::Contains("expected a shape"));
  OnnxFile turned({-1, 3, 4, 5});
  turned.node("Relu", {"x"}, "r").node("Transpose", {"r"}, "t", {{"perm", {0, 3, 2, 1}}}).node("Flatten", {"t"}, "y");
  CHECK(error(turned) == "node \"y\" (Flatten): expected axes NCHW or NHWC where a value is made flat, got NWHC");
  OnnxFile both({-1, 3, 4, 5});
  both.node("Relu", {"x"}, "r").node("Transpose", {"r"}, "t", {{"perm", {0, 2, 3, 1}}});
  both.node("Flatten", {"r"}, "a").node("Flatten", {"t"}, "b").node("Add", {"a", "b"}, "y");
  CHECK(error(both) == "node \"b\" (Flatten): expected the order of axes of the Flatten before it, got axes NHWC");
  OnnxFile perm({-1, 3, 4, 5});
  CHECK_THAT(error(perm.node("Transpose", {"x"}, "y", {{"perm", {0, 1, 1, 2}}})), Catch::Contains("expected an order"));
  OnnxFile mean({-1, 3, 4, 5});
  mean.integers("axes", {1, 2}).node("ReduceMean", {"x", "axes"}, "y");
  CHECK(error(mean) == "node \"y\" (ReduceMean): expected a mean over height and width, got one over axes \"CH\"");
  OnnxFile squeeze({-1, 3, 4, 5});
  CHECK_THAT(error(squeeze.integers("axes", {2}).node("Squeeze", {"x", "axes"}, "y")), Catch::Contains("axes of 1"));
  OnnxFile axis({-1, 3});
  CHECK_THAT(error(axis.integers("axes", {9}).node("Squeeze", {"x", "axes"}, "y")),
             Catch::Contains("expected axes of 2"));
}

TEST_CASE("graphs that are no network of ferlab's") {
  const auto input_error = [](const std::vector<std::int64_t>& dims, Type type = Type::FLOAT) {
    return error(OnnxFile(dims, type).node("Relu", {"x"}, "y"));
  };
  CHECK(input_error({-1, 3, 4}) == "input \"x\": expected [n, c, h, w], [n, h, w, c] or [n, c], got [-1, 3, 4]");
  CHECK_THAT(input_error({-1, 1, -1, -1}),
             Catch::Contains("expected fixed numbers") && Catch::Contains("[-1, 1, -1, -1]"));
  CHECK_THAT(input_error({1, 0}), Catch::Contains("expected fixed numbers"));
  CHECK_THAT(input_error({1, INT64_MAX}), Catch::Contains("expected fixed numbers"));
  CHECK(input_error({-1, 2}, Type::INT64) == "input \"x\": expected floats or uint8, got elements of type 7");
  CHECK_THAT(input_error({-1, 2}, Type(257)), Catch::Contains("elements of type 257"));

  CHECK(error(OnnxFile({-1, 2}).value(11, "z", {-1, 2}).node("Add", {"x", "z"}, "y")) ==
        "expected one input, got \"x\" and \"z\"");
  CHECK(error(OnnxFile({-1, 2}).value(12, "z", {}).node("Relu", {"x"}, "y")) == "expected one output, got 2");
  CHECK(error(OnnxFile({-1, 2}).node("Relu", {"x"}, "z")) == "output \"y\" is not what a layer gives");
  CHECK(error(OnnxFile({-1, 2}).constant("y", {1}, {1})) == "output \"y\" is not what a layer gives");
  CHECK(error(OnnxFile({-1, 2}).node("Relu", {"x"}, "side").node("Relu", {"x"}, "y")) ==
        "layer \"side\" does not lead to the output \"y\"");
  CHECK(error(OnnxFile({-1, 2}).node("Relu", {"z"}, "y")) ==
        "node \"y\" (Relu): its input \"z\" is given by no node before it");
  CHECK(error(OnnxFile({-1, 2}).node("Relu", {"x"}, "y", {}, "com.microsoft")) ==
        "node \"y\" (Relu): expected operations of ONNX itself, got one of \"com.microsoft\"");
  CHECK(error(OnnxFile({-1, 2}).node("Concat", {"x", "x"}, "y")) ==
        "node \"y\" (Concat): expected constant inputs: ferlab has no such layer");
  OnnxFile old({-1, 2});
  old.opset = 6;
  CHECK(error(old.node("Relu", {"x"}, "y")) == "expected operations of ONNX's version 7 or newer, got 6");
}

TEST_CASE("arrays that lie in another file, with the cure") {
  ProtoMessage entry, tensor;
  entry.text(1, "location").text(2, "model.onnx.data");
  tensor.integer(1, 2).integer(2, 1).text(8, "w").message(13, entry).integer(14, 1);
  OnnxFile file({-1, 2});
  file.graph.message(5, tensor);
  CHECK(error(file.node("Relu", {"x"}, "y")) ==
        "array \"w\": its numbers lie in another file, \"model.onnx.data\": write them into this one, by "
        "torch.onnx.export(..., external_data=False), or with onnx.save(onnx.load(path), path)");
}

TEST_CASE("arrays that are not as large as they say") {
  const auto tensor_error = [](const ProtoMessage& tensor) {
    OnnxFile file({-1, 2});
    file.graph.message(5, tensor);
    return error(file.node("Relu", {"x"}, "y"));
  };
  const auto array = [](const std::vector<std::int64_t>& dims, std::int64_t type) {
    ProtoMessage tensor;
    for (const std::int64_t d : dims) tensor.integer(1, d);
    return tensor.integer(2, type).text(8, "w");
  };
  const std::string eight(8, '\0');
  CHECK(tensor_error(array({2}, 1).text(9, eight)) == "read");
  CHECK(tensor_error(array({3}, 1).text(9, eight)) == "array \"w\": expected 12 bytes of 3 elements, got 8");
  CHECK_THAT(tensor_error(array({1}, 1).text(9, eight)), Catch::Contains("expected 4 bytes"));
  CHECK_THAT(tensor_error(array({2}, 1)), Catch::Contains("got 0"));
  CHECK_THAT(tensor_error(array({2}, 1).text(9, eight).number(4, 1.0f)), Catch::Contains("array \"w\""));
  CHECK_THAT(tensor_error(array({-1}, 1).text(9, eight)), Catch::Contains("a dimension is -1"));
  CHECK_THAT(tensor_error(array({INT64_MAX, 4}, 1)), Catch::Contains("its size overflows"));
  CHECK_THAT(tensor_error(array({0, INT64_MAX, 4}, 1)), Catch::Contains("its size overflows"));
  CHECK(tensor_error(array({0, 1000}, 1)) == "read");
  CHECK(tensor_error(array({2}, 8)) == "array \"w\": elements of the unknown type 8");
  CHECK_THAT(tensor_error(array({2}, 0)), Catch::Contains("elements of the unknown type 0"));
}

TEST_CASE("constants that grow beyond all bounds") {
  OnnxFile file({-1, 2});
  file.integers("large", {1 << 20, 1 << 20}).node("ConstantOfShape", {"large"}, "c").node("Relu", {"x"}, "y");
  CHECK(error(file) == "its constants grow beyond all bounds when they are computed");
  OnnxFile expanded({-1, 2});
  expanded.constant("one", {1}, {1}).integers("large", {INT64_MAX, INT64_MAX, INT64_MAX});
  expanded.node("Expand", {"one", "large"}, "e").node("Relu", {"x"}, "y");
  CHECK_THAT(error(expanded), Catch::Contains("grow beyond all bounds"));
  OnnxFile doubled({-1, 2});  // twice as long each time
  doubled.integers("c0", {1, 2});
  for (int i = 0; i < 60; ++i) {
    const std::string before = "c" + std::to_string(i), after = "c" + std::to_string(i + 1);
    doubled.node("Concat", {before, before}, after, {{"axis", 0}});
  }
  CHECK_THAT(error(doubled.node("Relu", {"x"}, "y")), Catch::Contains("grow beyond all bounds"));
  OnnxFile handed_on({-1, 1000});  // a thousand numbers under two thousand names
  handed_on.constant("c", {1000}, numbers(1000)).node("Mul", {"x", "c"}, "v0");
  for (int i = 0; i < 2000; ++i) handed_on.node("Identity", {"v" + std::to_string(i)}, "v" + std::to_string(i + 1));
  CHECK_THAT(error(handed_on.node("Relu", {"v2000"}, "y")), Catch::Contains("grow beyond all bounds"));
}

TEST_CASE("arithmetic of shapes that does not work out") {
  const auto constant_error = [](const std::string& op, const std::vector<std::string>& inputs,
                                 const Attributes& a = {}) {
    OnnxFile file({-1, 2});
    file.integers("list", {1, 2, 3}).integers("two", {1, 2}).integers("zero", {0}).integers("nine", {9});
    file.constant("table", {2, 2}, numbers(4));
    return error(file.node(op, inputs, "c", a).node("Relu", {"x"}, "y"));
  };
  CHECK(constant_error("Gather", {"list", "nine"}) == "node \"c\" (Gather): index 9 of 3");
  CHECK_THAT(constant_error("Gather", {"table", "zero"}), Catch::Contains("expected to gather from a list"));
  CHECK_THAT(constant_error("Slice", {"list", "zero", "two"}), Catch::Contains("as many starts as ends"));
  CHECK_THAT(constant_error("Slice", {"list", "zero", "nine", "nine"}), Catch::Contains("expected an axis"));
  CHECK_THAT(constant_error("Slice", {"list", "zero", "nine", "zero", "zero"}), Catch::Contains("and a step"));
  CHECK_THAT(constant_error("Concat", {"list", "table"}), Catch::Contains("expected lists"));
  CHECK_THAT(constant_error("Add", {"list", "two"}), Catch::Contains("arrays [3] and [2] do not fit"));
  CHECK_THAT(constant_error("Reshape", {"list", "two"}), Catch::Contains("expected a shape for [3], got [1, 2]"));
  CHECK_THAT(constant_error("Expand", {"list", "two"}), Catch::Contains("cannot stretch [3] to [1, 2]"));
  CHECK_THAT(constant_error("Constant", {}), Catch::Contains("expected numbers as its value"));
  CHECK_THAT(constant_error("Gather", {"list"}), Catch::Contains("expected input 1, there is none"));
  CHECK_THAT(constant_error("Unsqueeze", {"list", "nine"}), Catch::Contains("expected axes of 2"));
}

TEST_CASE("files that are no ONNX at all, or cut short") {
  CHECK(error_of("") == "bad.onnx: not an ONNX model: it has no graph");
  CHECK_THAT(error_of("<!DOCTYPE html>"), Catch::StartsWith("bad.onnx: "));
  CHECK_THAT(error_of("version https://git-lfs.github.com/spec/v1\n"), Catch::StartsWith("bad.onnx: "));
  OnnxFile file({-1, 2});
  file.constant("w", {2, 2}, numbers(4)).node("MatMul", {"x", "w"}, "m").node("Softmax", {"m"}, "y");
  const std::string whole = file.bytes();
  REQUIRE(error_of(whole) == "read");
  std::size_t read = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string text = error_of(whole.substr(0, size));
    if (text == "read")
      ++read;  // all but what the file ends with, or a key that stands alone
    else
      CHECK_THAT(text, Catch::StartsWith("bad.onnx: "));
  }
  CHECK(read <= 1);
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char flip : {'\x01', '\x80'}) {
      std::string damaged = whole;
      damaged[i] = char(damaged[i] ^ flip);
      const std::string text = error_of(damaged);
      if (text != "read") CHECK_THAT(text, Catch::StartsWith("bad.onnx: "));
    }
}
