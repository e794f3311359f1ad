// SPDX-License-Identifier: MIT
// Trainings in files: what comes back, and that a file that is refused leaves everything as it was.
#include "small_training.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::rewrite;
using test::SmallTraining;
using test::TemporaryFolder;

namespace {

std::string refusal(const std::string& path, SmallTraining& into, const auto& hooks) {
  const auto before = into.everything();
  std::string message;
  try {
    load_training(path, into.t, hooks);
  } catch (const FormatError& error) {
    message = error.what();
  }
  REQUIRE(message != "");
  REQUIRE(before == into.everything());
  return message;
}
std::string refusal(const std::string& path, SmallTraining& into) { return refusal(path, into, into.hooks()); }

}  // namespace

TEST_CASE("a training comes back bit for bit") {
  const TemporaryFolder folder;
  SmallTraining saved(1), loaded(2);
  saved.run();
  save_training(folder / "run", saved.t, saved.hooks());
  REQUIRE(saved.everything() != loaded.everything());
  load_training(folder / "run", loaded.t, loaded.hooks());
  REQUIRE(saved.everything() == loaded.everything());
  saved.t.begin_epoch();
  loaded.t.begin_epoch();
  for (SmallTraining* one : {&saved, &loaded}) one->t.train_batch();
  CHECK(saved.everything() == loaded.everything());
}

TEST_CASE("whatever is damaged in a training's file, it is refused and nothing has changed") {
  const TemporaryFolder folder;
  SmallTraining saved(1), into(2);
  saved.run();
  const std::string good = folder / "good", bad = folder / "bad";
  save_training(good, saved.t, saved.hooks());
  const formats::SafetensorsFile file(good);
  REQUIRE(file.metadata().size() > 50);
  for (const auto& [key, value] : file.metadata()) {
    INFO(key);
    rewrite(good, bad, [&](auto&, auto& metadata) { metadata.erase(key); });
    if (key.ends_with("/text")) continue;  // any text is one
    CHECK(refusal(bad, into).find(bad) == 0);
    rewrite(good, bad, [&](auto&, auto& metadata) { metadata[key] = "x"; });
    CHECK(refusal(bad, into).find(bad) == 0);
  }
  for (const formats::TensorView& tensor : file.tensors()) {
    INFO(tensor.name);
    const auto change = [&](auto f) {
      rewrite(good, bad, [&](auto& tensors, auto&) {
        std::erase_if(tensors, [&](auto& t) { return t.name == tensor.name && !f(t); });
      });
      CHECK(refusal(bad, into).find(bad) == 0);
    };
    change([](auto&) { return false; });
    change([](auto& t) { return --t.shape[0], true; });
    if (tensor.name.starts_with("state.") && !tensor.name.ends_with("/days"))  // a whole number less
      change([](auto& t) { return t.shape[0] -= 8, true; });
  }
  const std::string whole = test::read_file(good);
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    test::write_file(bad, whole.substr(0, size));
    refusal(bad, into);
  }
  for (const char* wrong : {"-1", "1", "4", "7", "nan", "1e99"}) {
    rewrite(good, bad, [&](auto&, auto& metadata) { metadata["state.run/batch"] = wrong; });
    const std::string words = refusal(bad, into);
    CHECK((words.find("run/batch") != std::string::npos || words.find("run/step") != std::string::npos));
  }
  rewrite(good, bad, [&](auto&, auto& metadata) { metadata["training_file"] = "3"; });
  CHECK(refusal(bad, into).find("expected a training file of version 2, got version 3") != std::string::npos);
  const std::vector<float> probe(3, 2.0f);
  rewrite(good, bad, [&](auto& tensors, auto&) {
    for (auto& tensor : tensors)
      if (tensor.name == "probe/output") tensor.data = probe.data();
  });
  CHECK(refusal(bad, into).find("probe") != std::string::npos);
  load_training(good, into.t, into.hooks());
  CHECK(saved.everything() == into.everything());
}

TEST_CASE("callbacks find what they remembered, in any order") {
  const TemporaryFolder folder;
  SmallTraining saved(1), into(2);
  saved.run();
  save_training(folder / "run", saved.t, saved.hooks());
  LambdaCallback lambda{.on_epoch_end = [](auto&) {}};
  TensorBoard board{folder / "logs"};
  load_training(folder / "run", into.t,
                detail::CallbackList(into.diary, lambda, into.second, board, into.first, into.stopping));
  CHECK(saved.everything() == into.everything());

  ModelCheckpoint one{"same"}, two{"same"}, three{"same"}, four{"same"};  // these cannot be told apart
  one.best.best = 1, two.best.best = 2;
  save_training(folder / "twins", saved.t, detail::CallbackList(one, two));
  load_training(folder / "twins", into.t, detail::CallbackList(three, four));
  CHECK(three.best.best == 1);
  CHECK(four.best.best == 2);
}

TEST_CASE("a callback that a run had, or has not, is named") {
  const TemporaryFolder folder;
  SmallTraining saved(1), into(2);
  saved.run();
  save_training(folder / "run", saved.t, saved.hooks());
  CHECK(refusal(folder / "run", into, detail::CallbackList(into.stopping, into.second, into.diary))
            .ends_with("cannot resume: the run in the file had the callback ModelCheckpoint (first, val_loss), this "
                       "one has not"));
  ReduceLROnPlateau extra{};
  CHECK(refusal(folder / "run", into, detail::CallbackList(into.stopping, into.first, into.second, into.diary, extra))
            .ends_with("cannot resume: this run has the callback ReduceLROnPlateau (val_loss), the run in the file did "
                       "not"));
  into.stopping.monitor = val_loss;
  CHECK(refusal(folder / "run", into).find("this run has the callback EarlyStopping (val_loss)") != std::string::npos);
}
