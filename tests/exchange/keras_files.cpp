// SPDX-License-Identifier: MIT
// Keras files written and read again, and files that are not what they should be.
#include <ferlab/exchange/into_model.hpp>
#include <ferlab/exchange/read_keras.hpp>
#include <ferlab/exchange/write_keras.hpp>

#include <limits>
#include <string>
#include <vector>

#include "nets.hpp"
#include "run_network.hpp"
#include "support/catch.hpp"

namespace ferlab::exchange {

namespace {

Network read_h5(const std::string& bytes) { return read_keras_h5(formats::Hdf5File(bytes, "f.h5")); }
Network read_archive(const std::string& bytes) { return read_keras_archive(formats::ZipFile(bytes, "f.keras")); }

void refused_h5(const formats::Hdf5Writer& file, const std::string& why) {
  try {
    read_h5(file.bytes());
    FAIL("accepted; expected: " << why);
  } catch (const FormatError& error) {
    CHECK(error.what() == "f.h5: " + why);
  }
}

const std::string config =
    R"({"class_name":"Sequential","config":[{"class_name":"Conv2D","config":{"name":"c","filters":2,"kernel_size":[3,3],)"
    R"("batch_input_shape":[null,4,5,1]}},{"class_name":"BatchNormalization","config":{"name":"n","scale":false}}]})";

/// A full model of Keras 2 with the layers of `config`.
struct SmallFile {
  formats::Hdf5Writer file;
  std::vector<float> kernel = std::vector<float>(18), bias{1, 2}, three[3]{{3, 4}, {5, 6}, {7, 8}};
  std::string backend = "tensorflow";

  SmallFile() {
    for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = float(i);
  }
  formats::Hdf5Writer& write(const std::string& text = config) {
    file.attribute("/", "model_config", text);
    file.attribute("/", "keras_version", "2.2.4");
    file.attribute("/model_weights", "layer_names", std::vector<std::string>{"c", "n"});
    file.attribute("/model_weights", "backend", backend);
    file.attribute("/model_weights/c", "weight_names", std::vector<std::string>{"c_1/kernel:0", "c_1/bias:0"});
    file.dataset("/model_weights/c/c_1/kernel:0", {3, 3, 1, 2}, kernel);
    file.dataset("/model_weights/c/c_1/bias:0", {2}, bias);
    const std::vector<std::string> names{"n/beta:0", "n/moving_mean:0", "n/moving_variance:0"};
    file.attribute("/model_weights/n", "weight_names", names);
    for (std::size_t i = 0; i < 3; ++i) file.dataset("/model_weights/n/" + names[i], {2}, three[i]);
    return file;
  }
};

}  // namespace

TEST_CASE("a model goes through each kind of Keras file unchanged") {
  const auto check = [](const auto& net) {
    const auto from = test::filled(net, 1);
    const Network network = to_network(from);
    const auto same = [&](const Network& file, bool metadata) {
      auto into = test::filled(net, 2);
      into.class_names = {};
      into_model(file, "f", into);
      CHECK(into.get_weights() == from.get_weights());
      CHECK((into.class_names == from.class_names) == metadata);
    };
    same(read_h5(write_keras_h5(network)), true);
    same(read_archive(write_keras_archive(network)), true);
    same(read_h5(write_keras_weights(network)), false);
  };
  check(test::flat_net());
  check(test::pooled_net());
  check(test::residual_net());
}

TEST_CASE("a weights file of more than ten layers of a class is read by number, not by name") {
  const Sequential net{Input<1, 1, 2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{},
                       Dense<2>{},       Dense<2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{}, Dense<2>{}};
  const auto from = test::filled(net, 1);
  auto into = test::filled(net, 2);
  into_model(read_h5(write_keras_weights(to_network(from))), "f", into);
  CHECK(into.get_weights() == from.get_weights());
}

TEST_CASE("arrays are found by the names that the file gives them, gamma where it is missing is 1") {
  const Network network = read_h5(SmallFile().write().bytes());
  CHECK(network.nodes[1].weights[0].values[5] == 5);
  CHECK(network.nodes[1].weights[1].values == std::vector<float>{1, 2});
  REQUIRE(network.nodes[2].weights.size() == 4);
  CHECK(network.nodes[2].weights[0].values == std::vector<float>{1, 1});
  CHECK(network.nodes[2].weights[1].values == std::vector<float>{3, 4});
  CHECK(network.nodes[2].weights[3].values == std::vector<float>{7, 8});
}

TEST_CASE("kernels that Theano wrote are turned around") {
  SmallFile small;
  small.backend = "theano";
  const auto turned = read_h5(small.write().bytes()).nodes[1].weights[0].values;
  for (std::size_t pixel = 0; pixel < 9; ++pixel)
    for (std::size_t f = 0; f < 2; ++f) CHECK(turned[pixel * 2 + f] == small.kernel[(8 - pixel) * 2 + f]);
}

TEST_CASE("a file of weights only tells its layers by their arrays") {
  SmallFile small;
  formats::Hdf5Writer file;
  file.attribute("/", "layer_names", std::vector<std::string>{"b", "nothing", "a"});
  file.attribute("/b", "weight_names", std::vector<std::string>{"b/kernel:0"});
  file.attribute("/nothing", "weight_names", std::vector<std::string>{});
  file.attribute("/a", "weight_names", std::vector<std::string>{"kernel", "bias"});
  file.dataset("/b/b/kernel:0", {3, 3, 1, 2}, small.kernel);
  file.dataset("/a/kernel", {9, 2}, small.kernel);
  file.dataset("/a/bias", {2}, small.bias);
  const Network network = read_h5(file.bytes());
  CHECK_FALSE(network.has_graph);
  CHECK(network.in_order);
  REQUIRE(network.nodes.size() == 2);
  CHECK((network.nodes[0].name == "b" && type_name(network.nodes[0].layer) == "Conv2D"));
  CHECK((network.nodes[1].name == "a" && type_name(network.nodes[1].layer) == "Dense"));
}

TEST_CASE("a file of weights only tells a BatchNorm without gamma where it names its arrays") {
  formats::Hdf5Writer file;
  file.attribute("/", "layer_names", std::vector<std::string>{"n"});
  const std::vector<std::string> names{"n/beta:0", "n/moving_mean:0", "n/moving_variance:0"};
  file.attribute("/n", "weight_names", names);
  formats::Hdf5Writer numbered;
  for (std::size_t i = 0; i < 3; ++i) {
    file.dataset("/n/" + names[i], {2}, SmallFile().three[i]);
    numbered.dataset("/layers/batch_normalization/vars/" + std::to_string(i), {2}, SmallFile().three[i]);
  }
  const Node node = read_h5(file.bytes()).nodes.at(0);
  CHECK(node.weights.at(0).values == std::vector<float>{1, 1});
  CHECK(node.weights.at(1).values == std::vector<float>{3, 4});
  refused_h5(numbered,
             "layer \"batch_normalization\": expected the weights of a Conv2D, Dense or BatchNorm, got 3 arrays, "
             "the first [2]");
}

TEST_CASE("lists of names that Keras cut into several attributes are put together") {
  SmallFile small;
  formats::Hdf5Writer file;
  file.attribute("/", "layer_names0", std::vector<std::string>{"a"});
  file.attribute("/", "layer_names1", std::vector<std::string>{"b"});
  for (const char* name : {"/a", "/b"}) {
    file.attribute(name, "weight_names", std::vector<std::string>{"kernel"});
    file.dataset(std::string(name) + "/kernel", {9, 2}, small.kernel);
  }
  CHECK(read_h5(file.bytes()).nodes.size() == 2);
}

TEST_CASE("a Keras file that is not right is refused, and the layer named") {
  formats::Hdf5Writer empty;
  empty.group("/some");
  refused_h5(empty,
             "expected a Keras model (groups layers or model_weights, or an attribute layer_names), got groups some");

  SmallFile keras_1;
  keras_1.file.attribute("/model_weights", "keras_version", "1.1.2");
  refused_h5(keras_1.write(), "written by Keras 1.1.2; expected 2.0 or newer: load and save it with Keras 2");

  refused_h5(SmallFile().write("{"), "the model's config is not JSON");
  std::string more = config;
  more.replace(more.find("\"filters\":2"), 11, "\"filters\":3");
  refused_h5(SmallFile().write(more),
             "layer \"c\" (Conv2D): kernel (/model_weights/c/c_1/kernel:0): expected [3, 3, 1, 3], got [3, 3, 1, 2]");
  more = config;
  more.replace(more.find("\"name\":\"n\""), 10, "\"name\":\"m\"");
  refused_h5(SmallFile().write(more), "layer \"m\" (BatchNormalization): its weights are not in the file");
  more = config;
  more.replace(more.find(",\"scale\":false"), 14, "");
  refused_h5(SmallFile().write(more), "layer \"n\" (BatchNorm): expected 4 weight arrays, got 3");

  formats::Hdf5Writer file;
  file.attribute("/", "layer_names", std::vector<std::string>{"a"});
  refused_h5(file, "layer \"a\" is in layer_names, and has no group");
  file.attribute("/a", "weight_names", std::vector<std::string>{"kernel:0"});
  refused_h5(file, "layer \"a\": its array \"kernel:0\" is not in the file");
  file.dataset("/a/kernel:0", {3, 2, 3, 1}, SmallFile().kernel);
  refused_h5(file,
             "layer \"a\": expected the weights of a Conv2D, Dense or BatchNorm, got 1 arrays, the first [3, 2, 3, 1]");
  formats::Hdf5Writer none;
  none.attribute("/", "layer_names", std::vector<std::string>{});
  refused_h5(none, "expected layers with weights, got none");
}

TEST_CASE("a zip file that is no .keras is refused") {
  formats::ZipWriter zip;
  zip.add("word/document.xml", "<xml>");
  CHECK_THROWS_WITH(read_archive(zip.bytes()),
                    "f.keras: expected config.json and model.weights.h5 inside, as in a .keras file");
  zip.add("model.weights.json", "{}");
  CHECK_THROWS_WITH(read_archive(zip.bytes()),
                    "f.keras: its weights are cut into several files; save it again without max_shard_size");
  formats::ZipWriter cut;
  const Network network = to_network(test::filled(test::flat_net()));
  cut.add("config.json", detail::keras_config(network, detail::KerasDialect::archive));
  cut.add("model.weights.h5", write_keras_weights(network).substr(0, 3000));
  CHECK_THROWS_AS(read_archive(cut.bytes()), FormatError);
}

TEST_CASE("every cut of a Keras file is refused, and no byte of it that is changed crashes the reader") {
  const std::string bytes = SmallFile().write().bytes();
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    CHECK_THROWS_AS(read_h5(bytes.substr(0, size)), FormatError);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = char(changed[i] ^ (1 << i % 8));
    try {
      read_h5(changed);
      ++accepted;  // a weight, a letter of a name that nobody reads
    } catch (const FormatError&) {
    }
  }
  CHECK(accepted < bytes.size());
}

}  // namespace ferlab::exchange
