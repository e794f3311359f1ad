// SPDX-License-Identifier: MIT
// Files that version 0.1 wrote: see files/README.md.
#include <filesystem>

#include "old_run.hpp"
#include "small_training.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::TemporaryFolder;

namespace {

std::string file(const std::string& name) { return FERLAB_OLD_FILES "/0.1_" + name + ".safetensors"; }
auto new_model() { return Model{test::old_net(), Cpu{1}, {.seed = 3}}; }

/// Every float of weights and moments at the end of a run.
std::vector<float> floats(const std::string& path) {
  const formats::SafetensorsFile in(path);
  std::vector<float> all;
  for (const formats::TensorView& tensor : in.tensors()) {
    if (tensor.name.starts_with("state.")) continue;
    all.resize(all.size() + tensor.elements());
    formats::convert(in, tensor, std::span<float>(all).last(tensor.elements()));
  }
  return all;
}

/// 0.1's numbers, those that tell of time left out: epoch after epoch loss, accuracy, val_loss, val_accuracy, rate.
std::vector<double> measured(const std::string& path) {
  const formats::SafetensorsFile in(path);
  std::vector<double> all;
  for (int epoch = 0; const auto* tensor = in.find("state.run/history_" + std::to_string(epoch)); ++epoch) {
    double values[7];
    std::memcpy(values, tensor->data, sizeof values);
    all.insert(all.end(), values, values + 5);
  }
  return all;
}
std::vector<double> measured(const History& history) {
  std::vector<double> all;
  for (const EpochResult& r : history.epochs)
    for (const double value : {r.loss, history.value(r, train_accuracy), r.val_loss, history.value(r, val_accuracy),
                               double(r.learning_rate)})
      all.push_back(value);
  return all;
}

}  // namespace

TEST_CASE("a model file of version 0.1 loads") {
  auto model = new_model();
  load_model(file("model"), model);
  CHECK(model.class_names == std::vector<std::string>{"top", "middle", "bottom"});
  CHECK(evaluate(model, test::old_bars(9, 2), CategoricalCrossentropy{.label_smoothing = 0.1f}).loss ==
        Approx(measured(file("whole"))[2 * 5 + 2]));
}

TEST_CASE("a training of version 0.1 goes on as it would have there") {
  const TemporaryFolder folder;
  const auto expected = floats(file("whole"));
  const auto expected_measures = measured(file("whole"));
  REQUIRE(expected_measures.size() == 7 * 5);
  const auto run = [&](const std::string& backup, bool resume) {
    auto model = new_model();
    const History history = test::old_run(model, 8, backup, resume, folder / "best");
    return std::pair{floats(backup), measured(history)};
  };
  // The bits are those of g++'s optimised code with FMA. Whether this program's are the same, a whole run tells.
  const auto fresh = run(folder / "fresh", false);
  const bool same_bits = fresh.first == expected && fresh.second == expected_measures;
#if defined(__x86_64__) && defined(NDEBUG) && !defined(__clang__)
  if (best_isa() != Isa::portable) REQUIRE(same_bits);
#endif
  for (const char* name : {"after_epoch", "inside_epoch", "whole"}) {
    INFO(name);
    const std::string backup = folder / name;
    std::filesystem::copy_file(file(name), backup);
    const auto [weights, measures] = run(backup, true);
    REQUIRE(weights.size() == expected.size());
    REQUIRE(measures.size() == expected_measures.size());
    if (same_bits) {
      CHECK(weights == expected);
      CHECK(measures == expected_measures);
    }
    for (std::size_t i = 0; i < weights.size(); ++i)
      CHECK(weights[i] == Approx(expected[i]).epsilon(1e-2).margin(1e-4));
    for (std::size_t i = 0; i < measures.size(); ++i) CHECK(measures[i] == Approx(expected_measures[i]).epsilon(1e-3));
  }
}

TEST_CASE("what a file of version 0.1 says of its run is checked, callbacks by their place") {
  const TemporaryFolder folder;
  test::SmallTraining into(2);
  ReduceLROnPlateau plateau{};
  const auto refusal = [&](const std::string& path, const auto&... callbacks) {
    const auto before = into.everything();
    std::string message = "not refused";
    try {
      load_training(path, into.t,
                    detail::CallbackList(
                        const_cast<std::remove_const_t<std::remove_reference_t<decltype(callbacks)>>&>(callbacks)...));
    } catch (const FormatError& error) {
      message = error.what();
    }
    CHECK(before == into.everything());
    return message;
  };
  const std::string path = file("inside_epoch");
  CHECK(refusal(path, plateau, into.stopping).find("remembers \"callback_2/best\"") != std::string::npos);
  CHECK(refusal(path, into.stopping, plateau, into.first).find("callback_0/best_epoch") != std::string::npos);
  CHECK(refusal(path, plateau, into.stopping, into.first, into.second).find("callback 4 is ModelCheckpoint (second") !=
        std::string::npos);
  const formats::SafetensorsFile old(path);
  for (const auto& [key, value] : old.metadata()) {
    INFO(key);
    test::rewrite(path, folder / "bad", [&](auto&, auto& metadata) { metadata[key] = "x"; });
    CHECK(refusal(folder / "bad", plateau, into.stopping, into.first) != "not refused");
    test::rewrite(path, folder / "bad", [&](auto&, auto& metadata) { metadata.erase(key); });
    CHECK(refusal(folder / "bad", plateau, into.stopping, into.first) != "not refused");
  }
  load_training(path, into.t, detail::CallbackList(plateau, into.stopping, into.first));
  CHECK(into.t.step == 10);
  CHECK(into.t.metric_sums[0] == 15);
  CHECK(plateau.best.best == 0.9494190610557892);
  CHECK(into.stopping.weights.size() > 0);
}
