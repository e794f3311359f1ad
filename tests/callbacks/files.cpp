// SPDX-License-Identifier: MIT
// ModelCheckpoint, CSVLogger, TensorBoard, LambdaCallback.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fake_training.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using test::FakeTraining;
namespace fs = std::filesystem;

namespace {
struct Folder {
  fs::path path = fs::temp_directory_path() / ("ferlab-callbacks-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};
struct Hits : Accuracy {
  static constexpr const char* name = "hits";
};
std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}
}  // namespace

TEST_CASE("ModelCheckpoint names files as Keras does") {
  History history;
  history.metrics = {detail::metric_info<Accuracy>(), detail::metric_info<Hits>()};
  const EpochResult r{.epoch = 6, .loss = 1.5, .val_loss = 1.23456, .metrics = {0.25, 3}, .val_metrics = {0.5, 4}};
  const auto named = [&](const char* pattern) { return detail::checkpoint_path(pattern, history, r); };
  CHECK(named("a/{epoch:02d}-{val_loss:.4f}.safetensors") == "a/07-1.2346.safetensors");
  CHECK(named("{epoch}-{loss:.1f}-{accuracy:.2f}-{val_accuracy}") == "7-1.5-0.25-0.500000");
  CHECK(named("{val_hits:.1f}-{hits}") == "4.0-3.000000");
  CHECK(named("plain") == "plain");
  for (const char* bad : {"{epch}", "{epoch:02x}", "{val_loss:4d}", "{val_loss", "{}"})
    CHECK_THROWS_AS(named(bad), ArgumentError);
  FakeTraining t;
  CHECK_THROWS_WITH((ModelCheckpoint{"{val_hits}"}.on_train_begin(t)),
                    "ModelCheckpoint: the file name has {val_hits}, but this fit has {epoch}, {loss}, {val_loss}, "
                    "{accuracy}, {val_accuracy}");
}

TEST_CASE("ModelCheckpoint saves every epoch, or the strictly best") {
  const Folder folder;
  FakeTraining t;
  ModelCheckpoint all{folder.path / "deep/er/{epoch}.safetensors"},
      best{folder.path / "best.safetensors", {.monitor = val_loss, .save_best_only = true}};
  all.on_train_begin(t);
  best.on_train_begin(t);
  for (double value : {1.0, 0.5, 0.5, 0.7}) t.epoch_with(value, all, best);
  t.files.finish();
  for (int epoch = 1; epoch <= 4; ++epoch)
    CHECK(fs::exists(folder.path / "deep/er" / (std::to_string(epoch) + ".safetensors")));
  FakeTraining loaded;
  load_model(folder.path / "best.safetensors", loaded.model);
  CHECK(loaded.model.weights("dense/kernel")[0] == 1);
}

TEST_CASE("CSVLogger writes a row an epoch, and none twice after a resume") {
  const Folder folder;
  FakeTraining t;
  CSVLogger logger{folder.path / "log.csv"};
  t.epoch_with(0.75, logger);
  t.epoch_with(0.5, logger);
  CSVLogger resumed{folder.path / "log.csv"};
  t.epoch_with(0.25, resumed);
  CHECK(text_of(folder.path / "log.csv") ==
        "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n0,0.5,1,0.5,0.5,0.75\n1,0.5,1,0.5,0.5,0.5\n2,0.5,1,0."
        "5,0.5,0.25\n");
}

TEST_CASE("CSVLogger has a column for each metric, in the order of their names") {
  const Folder folder;
  FakeTraining t;
  t.history.metrics.push_back(detail::metric_info<Hits>());
  CSVLogger logger{folder.path / "log.csv"};
  t.epoch_with(0.75, logger);
  CHECK(text_of(folder.path / "log.csv") ==
        "epoch,accuracy,hits,learning_rate,loss,val_accuracy,val_hits,val_loss\n0,0.5,0,1,0.5,0.5,,0.75\n");
}

TEST_CASE("TensorBoard writes an event file for training and one for validation") {
  const Folder folder;
  FakeTraining t;
  t.history.metrics.push_back(detail::metric_info<Hits>());
  TensorBoard board{folder.path / "logs", {.histogram_freq = 1}};
  board.on_train_begin(t);
  t.epoch_with(0.75, board);
  for (const char* part : {"train", "validation"}) {
    std::string all;
    for (const auto& file : fs::directory_iterator(folder.path / "logs" / part)) all += text_of(file.path());
    CHECK(all.find("epoch_loss") != std::string::npos);
    CHECK(all.find("epoch_accuracy") != std::string::npos);
    CHECK(all.find("epoch_hits") != std::string::npos);
    CHECK((all.find("dense/kernel") != std::string::npos) == (part == std::string("train")));
  }
}

TEST_CASE("LambdaCallback: any hook may be left out") {
  FakeTraining t;
  int seen = 0;
  LambdaCallback callback{.on_epoch_end = [&](auto& training) { seen += training.result.val_loss == 0.25; }};
  t.epoch_with(0.25, callback);
  CHECK(seen == 1);
}

TEST_CASE("saved state comes back bit for bit, and errors name the key") {
  SavedState saved;
  const StateWriter writer(saved);
  const double values[] = {0.1, -0.0, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::denorm_min()};
  for (int i = 0; i < 4; ++i) writer.part("numbers").put(std::to_string(i), values[i]);
  writer.put("array", std::span<const double>(values));
  writer.put("text", "a/b=c");
  writer.put("yes", true);
  const StateReader reader(saved);
  for (int i = 0; i < 4; ++i) {
    const double back = reader.part("numbers").get<double>(std::to_string(i));
    CHECK(std::memcmp(&back, &values[i], sizeof back) == 0);
  }
  CHECK(reader.get_array<double>("array") == std::vector<double>(values, values + 4));
  CHECK(reader.get<std::string>("text") == "a/b=c");
  CHECK(reader.get<bool>("yes"));
  CHECK_THROWS_WITH(reader.part("numbers").get<int>("7"), Catch::Contains("numbers/7"));
  CHECK_THROWS_AS(reader.get<int>("text"), FormatError);
  CHECK_THROWS_AS(reader.get_array<int>("nothing"), FormatError);
}
