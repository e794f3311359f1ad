// SPDX-License-Identifier: MIT
// When BackupAndRestore saves, in which thread, and what happens where that fails.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <thread>

#include "formats/failing_files.hpp"
#include "support/catch.hpp"
#include "support/small_run.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::TemporaryFolder;

namespace {

using Place = std::pair<int, int>;  // epoch, batch: where a run that is resumed goes on

Place place_in(const std::string& path) {
  const auto metadata = formats::SafetensorsFile(path).metadata();
  return {std::stoi(metadata.at("state.run/epoch")), std::stoi(metadata.at("state.run/batch"))};
}

/// Takes away each file that BackupAndRestore before it has made, and notes where it was made.
struct Collect {
  std::string path;
  std::vector<Place> places;

  void on_settled(auto& t) {
    t.files.finish();
    if (!std::filesystem::exists(path)) return;
    places.push_back(place_in(path));
    std::filesystem::remove(path);
  }
};

/// The Nth batch of all does something.
template <class F>
struct AtBatch {
  std::uint64_t step;
  F f;
  void on_train_batch_end(auto& t) {
    if (t.step == step) f(t);
  }
};
template <class F>
AtBatch(int, F) -> AtBatch<F>;

/// At the end, looks for a file and begins another.
struct Look {
  std::string first, second;
  bool found = false;
  void on_train_end(auto& t) {
    found = std::filesystem::exists(first);
    t.files.start([to = second] { test::write_file(to, "text"); });
  }
};

const auto nothing = [](TrainingState&) {};

/// Two epochs of three batches.
template <class... Callbacks>
History train(Callbacks&&... callbacks) {
  Model model{test::small_net(), Cpu{2}, {.seed = 3}};
  return fit(model, SGD{.learning_rate = 1e-2f}, CategoricalCrossentropy{}, test::bars(24), test::bars(9, 2),
             {.epochs = 2, .batch_size = 8, .progress = Progress::none}, std::forward<Callbacks>(callbacks)...);
}

std::vector<Place> places_of_saves(double save_freq_seconds, auto at_batch) {
  const TemporaryFolder folder;
  Collect collect{folder / "run", {}};
  train(at_batch, BackupAndRestore{collect.path, {.save_freq_seconds = save_freq_seconds}}, collect);
  return collect.places;
}

}  // namespace

TEST_CASE("a training is saved after each batch, or only when it ends") {
  const AtBatch all{0, nothing};
  CHECK(places_of_saves(0, all) == std::vector<Place>{{0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {2, 0}});
  CHECK(places_of_saves(INFINITY, all) == std::vector<Place>{{2, 0}});
  const auto stop = [](TrainingState& t) { t.stop = true; };
  CHECK(places_of_saves(INFINITY, AtBatch{2, stop}) == std::vector<Place>{{1, 0}});  // that epoch is trained
  CHECK(places_of_saves(0, AtBatch{2, stop}) == std::vector<Place>{{0, 1}, {0, 2}, {1, 0}});
}

TEST_CASE("save_freq_seconds counts from the beginning of the last save") {
  const auto wait = [](TrainingState&) { ::usleep(60'000); };
  const auto places = places_of_saves(0.05, AtBatch{2, wait});  // long enough for one save at least, on any machine
  REQUIRE(places.size() >= 2);
  CHECK(std::find(places.begin(), places.end(), Place{0, 2}) != places.end());
  CHECK(places.back() == Place{2, 0});
}

TEST_CASE("save_freq_seconds below 0 is refused") {
  CHECK_THROWS_WITH(BackupAndRestore("x", {.save_freq_seconds = -1}),
                    "BackupAndRestore: expected save_freq_seconds of at least 0, got -1.000000");
  CHECK_THROWS_AS(BackupAndRestore("x", {.save_freq_seconds = NAN}), ArgumentError);
}

TEST_CASE("files are written by threads, never by the one that trains") {
  static std::atomic<int> elsewhere, here;
  static std::thread::id trains;
  elsewhere = here = 0;
  trains = std::this_thread::get_id();
  formats::detail::file_calls.fsync = [](int) {
    ++(std::this_thread::get_id() == trains ? here : elsewhere);
    return 0;
  };
  const TemporaryFolder folder;
  train(ModelCheckpoint{folder / "{epoch}"}, BackupAndRestore{folder / "run", {.save_freq_seconds = 0}});
  formats::detail::file_calls = {};
  CHECK(here == 0);
  CHECK(elsewhere == 2 * (2 + 6));  // each the file and its folder
}

TEST_CASE("a thread's full disk is an error of fit, and the last whole file stays") {
  for (const double save_freq_seconds : {0.0, double(INFINITY)}) {
    const TemporaryFolder folder;
    const std::string path = folder / "run";
    train(BackupAndRestore{path});
    test::FailingFiles files;
    files.room = 1000;
    const auto saves = [&] { train(BackupAndRestore{path, {.save_freq_seconds = save_freq_seconds}}); };
    CHECK_THROWS_AS(saves(), IoError);
    CHECK_THROWS_WITH(saves(), Catch::Contains("cannot write " + path + ": No space left"));
    CHECK(place_in(path) == Place{2, 0});
    CHECK(folder.files().size() == 1);
  }
}

TEST_CASE("a folder that goes is an error of fit") {
  const TemporaryFolder folder;
  const auto remove = [&](auto& t) {
    t.files.finish();
    std::filesystem::remove_all(folder / "deep");
  };
  for (const double save_freq_seconds : {0.0, double(INFINITY)})
    CHECK_THROWS_WITH(
        train(AtBatch{2, remove}, BackupAndRestore{folder / "deep/run", {.save_freq_seconds = save_freq_seconds}}),
        Catch::Contains("cannot write " + (folder / "deep/run")));
}

TEST_CASE("a backup is not written before the files that it remembers") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "best");  // where ModelCheckpoint's file cannot go
  const auto checkpoint_fails = [&] {
    train(ModelCheckpoint{folder / "best", {.save_best_only = true}},
          BackupAndRestore{folder / "run", {.save_freq_seconds = INFINITY}});
  };
  CHECK_THROWS_WITH(checkpoint_fails(), Catch::Contains("cannot write " + (folder / "best")));
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
}

TEST_CASE("a run that an exception ends has written what it began when fit is left") {
  const TemporaryFolder folder;
  struct Enough {};
  BackupAndRestore backup{folder / "run", {.save_freq_seconds = 0}};  // outlives fit
  const auto leave = [](TrainingState&) { throw Enough{}; };
  CHECK_THROWS_AS(train(AtBatch{5, leave}, backup), Enough);
  CHECK(place_in(folder / "run") == Place{1, 1});
}

TEST_CASE("files are there when on_train_end is called, and those begun in it when fit returns") {
  const TemporaryFolder folder;
  Look look{folder / "run", folder / "more"};
  train(look, BackupAndRestore{look.first});
  CHECK(look.found);
  CHECK(test::read_file(look.second) == "text");
}
