// SPDX-License-Identifier: MIT
#include <ferlab/exchange/into_model.hpp>
#include <ferlab/exchange/pytorch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "nets.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

namespace {

/// A state_dict with tensors of these names and shapes, all of zeros.
std::string state_dict(const std::string& path,
                       const std::vector<std::pair<std::string, std::vector<std::size_t>>>& of) {
  static const std::vector<float> zeros(10000);
  std::vector<formats::TensorView> tensors;
  for (const auto& [name, shape] : of) tensors.push_back({name, formats::DType::F32, shape, zeros.data()});
  formats::write_safetensors(path, tensors, {{"format", "pt"}});
  return path;
}

}  // namespace

TEST_CASE("a model goes to a state_dict and back") {
  const test::TemporaryFolder folder;
  const auto check = [&](const auto& net) {
    auto from = test::filled(net, 1), into = test::filled(net, 2);
    exchange::write_pytorch(folder / "m.safetensors", exchange::to_network(from));
    const formats::SafetensorsFile file(folder / "m.safetensors");
    exchange::into_model(exchange::read_pytorch(file), "m", into);
    const auto a = from.get_weights(), b = into.get_weights();
    CHECK(a == b);
    CHECK(into.preprocessing == from.preprocessing);
  };
  check(test::flat_net());
  check(test::pooled_net());
}

TEST_CASE("the names, shapes and layouts of a state_dict are those of an nn.Sequential") {
  const test::TemporaryFolder folder;
  const auto model = test::filled(test::flat_net());
  exchange::write_pytorch(folder / "m.safetensors", exchange::to_network(model));
  const formats::SafetensorsFile file(folder / "m.safetensors");
  CHECK(file.metadata().at("format") == "pt");
  const auto at = [&](const char* name, std::vector<std::size_t> shape) {
    const auto& tensor = file.require(name, shape);
    std::vector<float> values(tensor.elements());
    if (tensor.dtype == formats::DType::F32) formats::convert(file, tensor, std::span<float>(values));
    return values;
  };
  const auto kernel = model.get_weights("conv2d_1/kernel");  // [3, 3, 3, 4]
  CHECK(at("4.weight", {4, 3, 3, 3})[((3 * 3 + 2) * 3 + 1) * 3 + 0] == kernel[((1 * 3 + 0) * 3 + 2) * 4 + 3]);
  CHECK(at("0.bias", {3}) == model.get_weights("conv2d/bias"));
  CHECK(at("2.weight", {3}) == model.get_weights("batch_norm/gamma"));
  CHECK(at("2.running_mean", {3}) == model.get_weights("batch_norm/moving_mean"));
  CHECK(at("2.running_var", {3}) == model.get_weights("batch_norm/moving_variance"));
  at("2.num_batches_tracked", {});
  CHECK(file.find("2.num_batches_tracked")->dtype == formats::DType::I64);
  // Feature c * 6 + y * 2 + x of the image 3 x 2 x 4 is (y * 2 + x) * 4 + c of ours.
  CHECK(at("10.weight", {6, 24})[5 * 24 + 3 * 6 + 1 * 2 + 1] ==
        model.get_weights("dense/kernel")[((1 * 2 + 1) * 4 + 3) * 6 + 5]);
  CHECK(at("9.weight", {24})[3 * 6 + 1 * 2 + 1] == model.get_weights("batch_norm_2/gamma")[(1 * 2 + 1) * 4 + 3]);
  CHECK(file.find("13.weight"));
  CHECK_FALSE(file.find("13.bias"));
}

TEST_CASE("where PyTorch's epsilon is said, the variances make up for the difference") {
  const test::TemporaryFolder folder;
  auto from = test::filled(test::flat_net(), 1), into = test::filled(test::flat_net(), 2);
  exchange::write_pytorch(folder / "m", exchange::to_network(from), {.epsilon = 1e-5f});
  const formats::SafetensorsFile file(folder / "m");
  std::vector<float> theirs(3);
  formats::convert(file, *file.find("2.running_var"), std::span<float>(theirs));
  CHECK(theirs[1] + 1e-5f == Approx(from.get_weights("batch_norm/moving_variance")[1] + 1e-3f).epsilon(1e-7));
  exchange::into_model(exchange::read_pytorch(file, {.epsilon = 1e-5f}), "m", into);
  CHECK(into.get_weights("batch_norm_1/moving_variance")[2] ==
        Approx(from.get_weights("batch_norm_1/moving_variance")[2]).epsilon(1e-6));
}

TEST_CASE("a network with branches has no nn.Sequential") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(
      exchange::write_pytorch(folder / "m.safetensors", exchange::to_network(test::filled(test::residual_net()))),
      folder / "m.safetensors" + ": layer \"add\" (Add): a state_dict of an nn.Sequential has no branches");
  CHECK(folder.files().empty());
}

TEST_CASE("modules of any name are taken in the order of their numbers") {
  const test::TemporaryFolder folder;
  const auto read = [&](const std::string& path) { return exchange::read_pytorch(formats::SafetensorsFile(path)); };
  const auto names = [](const exchange::Network& network) {
    std::string text;
    for (const exchange::Node& node : network.nodes) text += (text.empty() ? "" : " ") + node.name;
    return text;
  };
  CHECK(names(read(state_dict(folder / "a", {{"features.10.weight", {3, 3, 1, 1}},
                                             {"features.2.weight", {3, 3, 1, 1}},
                                             {"head.fc2.weight", {2, 2}},
                                             {"head.fc1.weight", {2, 3}}}))) ==
        "features.2 features.10 head.fc1 head.fc2");
  CHECK_FALSE(read(folder / "a").in_order);

  const auto refuse = [&](const std::vector<std::pair<std::string, std::vector<std::size_t>>>& tensors,
                          const std::string& why) {
    const std::string path = state_dict(folder / "b", tensors);
    CHECK_THROWS_WITH(read(path), path + ": " + why);
  };
  refuse({{"neck.weight", {2, 2}}, {"body.weight", {2, 2}}},
         "the order of \"body\" and \"neck\", two layers of the same shapes, cannot be told from their names; expected "
         "names that differ in numbers, as those of an nn.Sequential");
  refuse({{"weight", {2, 2}}}, "expected names such as \"0.weight\", as in a state_dict of PyTorch, got \"weight\"");
  refuse({{"0.weight", {2, 2, 3}}}, "\"0.weight\": expected [out, in, k, k] or [out, in], got [2, 2, 3]");
  refuse({{"0.weight", {2, 2, 3, 5}}}, "\"0.weight\": expected [out, in, k, k] or [out, in], got [2, 2, 3, 5]");
  refuse({{"0.weight", {2, 2}}, {"0.alpha", {1}}},
         "\"0\": expected the tensors of a Conv2D, Dense or BatchNorm, got \"alpha\" and 1 more");
  refuse({{"0.running_mean", {2}}, {"0.running_var", {2}}}, "BatchNorm \"0\": expected weight, got none");
}
