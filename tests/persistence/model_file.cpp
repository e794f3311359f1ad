// SPDX-License-Identifier: MIT
// Models in files: what comes back, and that a file that is wrong in any way leaves the model as it was.
#include <ferlab/persistence/model_file.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "formats/failing_files.hpp"
#include "small_training.hpp"
#include "support/catch.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::bits;
using test::rewrite;
using test::TemporaryFolder;

namespace {

using Net = decltype(test::small_net());
template <class T = float>
Model<Net, Cpu, T> make_model(std::uint64_t seed) {
  Model<Net, Cpu, T> model(test::small_net(), Cpu{1}, {.seed = seed});
  const RandomStream stream{.seed = seed, .purpose = Purpose::data};
  for (std::size_t i = 0; i < model.frozen.size(); ++i)  // as if it had been trained
    if (model.frozen.data()[i] != 0) model.frozen.data()[i] = T(0.5f + stream.uniform(i));
  model.weights_changed();
  return model;
}

template <class M>
std::vector<float> outputs(const M& model) {
  const auto data = test::bars(3);
  const auto all = predict(model, data);
  return {all.begin(), all.end()};
}

/// Everything about a model that a file can change.
template <class M>
auto state(const M& model) {
  return std::tuple{bits(model), model.preprocessing, model.class_names, model.notes, outputs(model)};
}

/// load_model throws FormatError with these words and changes nothing.
template <class M>
void require_refused(const std::string& path, M& model, const std::string& words) {
  const auto before = state(model);
  REQUIRE_THROWS_AS(load_model(path, model), FormatError);
  REQUIRE_THROWS_WITH(load_model(path, model), Catch::StartsWith(path) && Catch::Contains(words));
  REQUIRE(state(model) == before);
}

}  // namespace

TEST_CASE("a model comes back bit for bit, with all that travels with it") {
  const TemporaryFolder folder;
  auto saved = make_model(1);
  saved.preprocessing = {"standardize", 0.0123456789f, -1.75f};
  saved.class_names = {"happy",
                       "s\xc3\xa4"
                       "d \"quoted\"",
                       ""};
  saved.notes = {{"source", "line\nline"}, {"", "no key"}};
  const auto before = state(saved);
  save_model(folder / "model", saved);
  REQUIRE(state(saved) == before);
  auto loaded = make_model(2);
  REQUIRE(bits(loaded) != bits(saved));
  loaded.notes = {{"old", "note"}};
  load_model(folder / "model", loaded);
  REQUIRE(state(loaded) == before);
}

TEST_CASE("a model of doubles comes back bit for bit") {
  const TemporaryFolder folder;
  auto saved = make_model<double>(1), loaded = make_model<double>(2);
  for (double& weight : saved.weights(std::size_t(0))) weight += 1e-12;  // more than a float holds
  saved.weights_changed();
  save_model(folder / "model", saved);
  load_model(folder / "model", loaded);
  REQUIRE(bits(loaded) == bits(saved));
  auto as_float = make_model<float>(3);  // the other precision reads it too
  load_model(folder / "model", as_float);
  REQUIRE(as_float.weights("dense/kernel")[5] == float(saved.weights("dense/kernel")[5]));
}

TEST_CASE("a model in half precision has rounded weights, and statistics as they were") {
  const TemporaryFolder folder;
  auto saved = make_model(1), loaded = make_model(2);
  saved.weights("dense/bias")[0] = 1e5f;  // beyond the range: this array stays as it is
  saved.weights("dense/bias")[1] = 0.1f;
  saved.weights_changed();
  const auto before = state(saved);
  save_model(folder / "half", saved, {.half = true});
  save_model(folder / "full", saved);
  REQUIRE(state(saved) == before);
  load_model(folder / "half", loaded);
  for (std::size_t i = 0; i < saved.parameters().size(); ++i) {
    const bool exact = !saved.parameters()[i].shape.trainable || saved.parameters()[i].name == "dense/bias";
    for (std::size_t k = 0; k < saved.weights(i).size(); ++k) {
      const float weight = saved.weights(i)[k];
      REQUIRE(loaded.weights(i)[k] == (exact ? weight : formats::half_to_float(formats::float_to_half(weight))));
    }
  }
  REQUIRE(std::filesystem::file_size(folder / "half") * 4 < std::filesystem::file_size(folder / "full") * 3);
}

TEST_CASE("a model in 8 bits has kernels of 255 steps, each filter its own, and the rest as it was") {
  const TemporaryFolder folder;
  auto saved = make_model(1), loaded = make_model(2);
  const auto columns = [](const ParameterInfo& info) { return std::size_t(info.shape.dims[std::size_t(info.shape.rank - 1)]); };
  for (std::size_t k = 0; k < saved.weights("dense/kernel").size(); k += columns(saved.parameters()[saved.entry("dense/kernel")]))
    saved.weights("dense/kernel")[k] = 0;  // a unit without weights
  saved.weights("conv2d/kernel")[1] = 1e6f;  // its neighbours keep their precision
  saved.weights_changed();
  const auto before = state(saved);
  const bool half = GENERATE(false, true);
  save_model(folder / "int8", saved, {.half = half, .int8 = true});
  save_model(folder / "full", saved);
  REQUIRE(state(saved) == before);
  load_model(folder / "int8", loaded);
  for (std::size_t i = 0; i < saved.parameters().size(); ++i) {
    const ParameterInfo& info = saved.parameters()[i];
    const auto in = saved.weights(i), out = loaded.weights(i);
    for (std::size_t k = 0; k < in.size(); ++k) {
      float largest = 0;
      for (std::size_t other = k % columns(info); other < in.size(); other += columns(info))
        largest = std::max(largest, std::abs(in[other]));
      CAPTURE(info.name.view(), k, in[k], out[k]);
      if (info.shape.rank > 1)
        REQUIRE(std::abs(out[k] - in[k]) <= largest / 127 * 0.5001f);
      else if (half && info.shape.trainable)
        REQUIRE(out[k] == formats::half_to_float(formats::float_to_half(in[k])));
      else
        REQUIRE(out[k] == in[k]);
    }
  }
  REQUIRE(std::filesystem::file_size(folder / "int8") * 2 < std::filesystem::file_size(folder / "full"));
}

TEST_CASE("kernels in 8 bits need their scales") {
  const TemporaryFolder folder;
  auto model = make_model(1);
  save_model(folder / "model", model, {.int8 = true});
  const auto with_scales = [&](auto&& change) {
    rewrite(folder / "model", folder / "changed", [&](auto& tensors, auto&) {
      for (formats::TensorView& tensor : tensors)
        if (tensor.name == "dense/kernel/scale") change(tensor);
    });
    return folder / "changed";
  };
  require_refused(with_scales([](auto& scales) { scales.name = "other"; }), model,
                  "expected a tensor \"dense/kernel/scale\" of shape [");
  require_refused(with_scales([](auto& scales) { scales.shape.push_back(1); }), model, "\"dense/kernel/scale\": expected shape [");
  require_refused(with_scales([](auto& scales) { scales.dtype = formats::DType::I32; }), model,
                  "\"dense/kernel/scale\": expected floating-point elements, got I32");
}

TEST_CASE("a model file in memory is loaded like one on disk") {
  const TemporaryFolder folder;
  auto saved = make_model(1), loaded = make_model(2);
  save_model(folder / "model", saved);
  const MappedFile file(folder / "model");
  load_model(formats::SafetensorsFile(file.text(), "memory"), loaded);
  REQUIRE(state(loaded) == state(saved));
}

TEST_CASE("a model whose training came to grief is saved and loaded like any other") {
  const TemporaryFolder folder;
  auto saved = make_model(1), loaded = make_model(2);
  saved.weights("dense/kernel")[0] = NAN;
  saved.weights("dense/kernel")[1] = INFINITY;
  saved.weights_changed();
  for (const SaveOptions options : {SaveOptions{}, SaveOptions{.half = true}, SaveOptions{.int8 = true}}) {
    save_model(folder / "model", saved, options);
    load_model(folder / "model", loaded);
    REQUIRE(std::isnan(loaded.weights("dense/kernel")[0]));
    REQUIRE(std::isinf(loaded.weights("dense/kernel")[1]));
  }
}

TEST_CASE("a file of another network is refused") {
  const TemporaryFolder folder;
  auto saved = make_model(1);
  save_model(folder / "model", saved);

  const auto refused = [&](auto net, const std::string& words) {
    Model model{net, Cpu{1}};
    const auto before = bits(model);
    REQUIRE_THROWS_AS(load_model(folder / "model", model), FormatError);
    REQUIRE_THROWS_WITH(load_model(folder / "model", model), Catch::Contains(words));
    REQUIRE(bits(model) == before);
  };
  refused(Sequential{Input<12, 12, 1>{}, Conv2D<16, 3>{}, Flatten{}, Dense<3>{}, Softmax{}},
          "\"conv2d/kernel\": expected shape [3, 3, 1, 16], got [3, 3, 1, 8]");
  refused(Sequential{Input<12, 12, 1>{}, Conv2D<8, 3>{}, Conv2D<8, 3>{}, Conv2D<8, 3>{}, Flatten{}, Dense<3>{}},
          "\"conv2d_2/kernel\"");
}

TEST_CASE("a network of the same shapes that computes something else fails the probe") {
  const TemporaryFolder folder;
  Model saved{Sequential{Input<6, 6, 1>{}, Conv2D<4, 3>{}, ReLU{}, Flatten{}, Dense<3>{}}, Cpu{1}, {.seed = 1}};
  Model other{Sequential{Input<6, 6, 1>{}, Conv2D<4, 3>{}, Flatten{}, Dense<3>{}}, Cpu{1}, {.seed = 2}};  // no ReLU
  save_model(folder / "model", saved);
  const auto before = bits(other);
  other.notes["mine"] = "kept";
  REQUIRE_THROWS_AS(load_model(folder / "model", other), FormatError);
  REQUIRE_THROWS_WITH(load_model(folder / "model", other), Catch::Contains("the probe failed: output"));
  REQUIRE(bits(other) == before);
  REQUIRE(other.notes.at("mine") == "kept");
}

TEST_CASE("a file that is not a model, or a damaged one, is refused and changes nothing") {
  const TemporaryFolder folder;
  auto saved = make_model(1), model = make_model(2);
  saved.class_names = {"a", "b", "c"};
  model.class_names = {"x"};
  const std::string good = folder / "good", bad = folder / "bad";
  save_model(good, saved);

  using Tensors = std::vector<formats::TensorView>;
  const auto changed = [&](const std::string& words, auto change) {
    rewrite(good, bad, change);
    require_refused(bad, model, words);
  };
  for (const char* key : {"format", "class_names", "preprocessing"})
    changed(std::string("expected metadata \"") + key, [&](Tensors&, formats::Metadata& m) { m.erase(key); });
  changed("not a ferlab model", [](Tensors&, formats::Metadata& m) { m["format"] = "pt"; });
  for (const char* names : {"", "[", "{}", "\"a\"", "[1]", "[[]]", "null"})
    changed("\"class_names\" is not", [&](Tensors&, formats::Metadata& m) { m["class_names"] = names; });
  changed("at most 3 class names, got 4",
          [](Tensors&, formats::Metadata& m) { m["class_names"] = "[\"\",\"\",\"\",\"\"]"; });
  for (const char* preprocessing :
       {"", "[]", "{}", R"({"name":"raw","scale":1})", R"({"name":1,"scale":1,"offset":0})",
        R"({"name":"raw","scale":null,"offset":0})", R"({"name":"raw","scale":1,"offset":"0"})"})
    changed("\"preprocessing\" is not", [&](Tensors&, formats::Metadata& m) { m["preprocessing"] = preprocessing; });
  changed("probe failed",
          [](Tensors&, formats::Metadata& m) { m["preprocessing"] = R"({"name":"raw","scale":1,"offset":0})"; });
  changed("\"preprocessing\" is not", [](Tensors&, formats::Metadata& m) {
    m["preprocessing"] = R"({"name":"raw","scale":1e300,"offset":-1e300})";
  });
  for (const char* name : {"dense/kernel", "batch_norm/moving_mean", "probe/output"})
    changed(std::string("\"") + name + "\"", [&](Tensors& tensors, formats::Metadata&) {
      std::erase_if(tensors, [&](const formats::TensorView& t) { return t.name == name; });
    });
  std::vector<std::int32_t> integers(saved.weights("dense/kernel").size());
  changed("floating-point", [&](Tensors& tensors, formats::Metadata&) {
    for (formats::TensorView& t : tensors)
      if (t.name == "dense/kernel") t.dtype = formats::DType::I32, t.data = integers.data();
  });
  const float probe[] = {2, 0, 0};
  changed("output 0 should be 2", [&](Tensors& tensors, formats::Metadata&) {
    for (formats::TensorView& t : tensors)
      if (t.name == "probe/output") t.data = probe;
  });

  const std::string whole = test::read_file(good);
  for (const std::size_t size : {std::size_t(0), std::size_t(7), whole.size() / 2, whole.size() - 1}) {
    test::write_file(bad, whole.substr(0, size));
    require_refused(bad, model, "");
  }
  const auto before = state(model);
  REQUIRE_THROWS_AS(load_model(folder / "none", model), IoError);
  REQUIRE(state(model) == before);
  load_model(good, model);
  REQUIRE(state(model) == state(saved));
}

TEST_CASE("saving to a full disk leaves the model and the file before it") {
  const TemporaryFolder folder;
  auto first = make_model(1), second = make_model(2);
  save_model(folder / "model", first);
  {
    test::FailingFiles files;
    files.room = 1000;
    const auto before = state(second);
    REQUIRE_THROWS_AS(save_model(folder / "model", second, {.half = true}), IoError);
    REQUIRE(state(second) == before);
  }
  load_model(folder / "model", second);
  REQUIRE(bits(second) == bits(first));
  REQUIRE(folder.files().size() == 1);
}
