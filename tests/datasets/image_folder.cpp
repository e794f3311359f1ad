// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <ferlab/data/fingerprint.hpp>
#include <ferlab/datasets/image_folder.hpp>

#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using namespace ferlab::datasets;
using Catch::Contains;
using data::Usage, data::fingerprint;
using Strings = std::vector<std::string>;

namespace {

/// A folder to fill with pictures, and files of other kinds.
struct Pictures : test::TemporaryFolder {
  void file(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(std::filesystem::path(path + "/" + name).parent_path());
    test::write_file(path + "/" + name, bytes);
  }
  void folder(const std::string& name) const { std::filesystem::create_directories(path + "/" + name); }
  /// A 2 x 1 picture of one grey.
  void grey(const std::string& name, int value) const {
    file(name, "P5\n2 1\n255\n" + std::string(2, static_cast<char>(value)));
  }
};

FolderOptions tiny(Strings class_names = {}) { return {.shape = {1, 2, 1}, .class_names = std::move(class_names)}; }
const Strings animals{"dog", "cat", "bird"};

/// Usage, class and first pixel of each row: "Training cat 7, ...".
std::string rows_of(const Dataset& data) {
  std::string all;
  for (std::size_t i = 0; i < data.size(); ++i)
    all += (i ? ", " : "") + std::string(to_string(data.usage(i))) + " " + data.class_names()[data.label(i)] + " " +
           std::to_string(data.image(i)[0]);
  return all;
}

/// What is said of a folder that is refused.
std::string refusal(const std::string& path, const FolderOptions& options) {
  try {
    read_image_folder(path, options);
    return "not refused";
  } catch (const DataError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a folder of classes is read, in the order of the names that are given") {
  const Pictures f;
  f.grey("cat/b.pgm", 2);
  f.grey("cat/a.pgm", 1);
  f.grey("dog/x.pgm", 3);
  FolderReport report;
  const Dataset data = read_image_folder(f.path, tiny(animals), &report);
  CHECK(rows_of(data) == "unknown dog 3, unknown cat 1, unknown cat 2");
  CHECK(data.class_names() == animals);
  CHECK(data.shape() == Shape{1, 2, 1});
  CHECK(data.file(1) == f / "cat/a.pgm");
  CHECK(data.line(1) == 0);
  CHECK((report.files == 3 && report.bad_files.empty() && report.resized == 0 && report.strays.empty()));
  CHECK(rows_of(read_image_folder(f.path + "/", tiny())) == "unknown cat 1, unknown cat 2, unknown dog 3");
}

TEST_CASE("splits are known by their usual names") {
  const auto [train, val, test] =
      GENERATE(std::tuple{"train", "val", "test"}, std::tuple{"Training", "PublicTest", "PrivateTest"},
               std::tuple{"TRAIN", "Valid", "tEst"}, std::tuple{"training", "validation", "privatetest"});
  const Pictures f;
  f.grey(std::string(test) + "/cat/1.pgm", 1);
  f.grey(std::string(train) + "/cat/2.pgm", 2);
  f.grey(std::string(train) + "/Dog/3.pgm", 3);
  f.grey(std::string(val) + "/dog/4.pgm", 4);
  CHECK(rows_of(read_image_folder(f.path, tiny())) ==
        "Training Dog 3, Training cat 2, PublicTest Dog 4, PrivateTest cat 1");
  CHECK(rows_of(read_image_folder(f.path, tiny(animals))) ==
        "Training dog 3, Training cat 2, PublicTest dog 4, PrivateTest cat 1");
}

TEST_CASE("classes go by name in any letter case, by other words, and by numbers") {
  const Pictures f;
  f.grey("happiness/1.pgm", 1);
  f.grey("SAD/2.pgm", 2);
  f.grey("0/3.pgm", 3);
  FolderOptions faces = tiny(fer2013_class_names());
  CHECK_THROWS_WITH(read_image_folder(f.path, faces), Contains("there is no class happiness; the classes are Angry, "));
  faces.synonyms = fer2013_synonyms();
  CHECK(rows_of(read_image_folder(f.path, faces)) == "unknown Angry 3, unknown Happy 1, unknown Sad 2");
  faces.labels = {"-"};
  FolderReport report;
  CHECK(rows_of(read_image_folder(f.path, faces, &report)) == "unknown Happy 1, unknown Sad 2");
  CHECK(report.left_out == 1);
  faces.labels = {"Joy"};
  CHECK_THROWS_AS(read_image_folder(f.path, faces), ArgumentError);
}

TEST_CASE("without names the folders are the classes, numbers and letters included") {
  const Pictures f;
  for (const char* name : {"train/10", "train/9", "train/a", "train/A", "test/9", "test/a"})
    f.grey(std::string(name) + "/1.pgm", 1);
  const Dataset data = read_image_folder(f.path, tiny());
  CHECK(data.class_names() == Strings{"10", "9", "A", "a"});
  CHECK(rows_of(data.with_usage(Usage::private_test)) == "PrivateTest 9 1, PrivateTest a 1");
  f.grey("test/1/1.pgm", 1);  // not the second class
  CHECK_THROWS_WITH(read_image_folder(f.path, tiny()),
                    Contains("test/1: there is no class 1; the classes are 10, 9, A, a"));
}

TEST_CASE("a class may be called as a split where the names say so") {
  const Pictures f;
  f.grey("train/1.pgm", 1);
  f.grey("car/2.pgm", 2);
  CHECK(rows_of(read_image_folder(f.path, tiny({"car", "train"}))) == "unknown car 2, unknown train 1");
  CHECK_THROWS_AS(read_image_folder(f.path, tiny()), DataError);
}

TEST_CASE("folders that are not as expected are named") {
  const Pictures f;
  SECTION("splits and classes side by side") {
    f.grey("train/cat/1.pgm", 1);
    f.grey("dog/1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny(animals)),
               Contains(f.path) && Contains("splits (train)") && Contains("other folders (dog)"));
  }
  SECTION("no class") {
    f.grey("cat/1.pgm", 1);
    f.grey("fish/1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny(animals)),
               Contains(f.path) && Contains("no class fish") && Contains("dog, cat, bird"));
  }
  SECTION("a split twice") {
    f.grey("train/cat/1.pgm", 1);
    f.grey("Training/cat/1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny()),
               Contains(f.path) && Contains("Training and train") && Contains("the same split"));
  }
  SECTION("a class twice") {
    f.grey("cat/1.pgm", 1);
    f.grey("CAT/1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny(animals)), Contains(f.path) && Contains("/cat") && Contains("the same class, cat"));
  }
  SECTION("no folders") {
    CHECK_THAT(refusal(f.path, tiny(animals)),
               Contains(f.path) && Contains("dog, cat, bird") && Contains("found none"));
    f.grey("1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny()), Contains(f.path) && Contains("folders of classes") && Contains("found none"));
  }
  SECTION("a split without folders") {
    f.grey("train/cat/1.pgm", 1);
    f.grey("test/1.pgm", 1);
    CHECK_THAT(refusal(f.path, tiny()),
               Contains(f.path) && Contains("test: expected folders") && Contains("found none"));
  }
  SECTION("no pictures") {
    f.folder("train/cat");
    f.folder("train/dog");
    CHECK_THAT(refusal(f.path, tiny()), Contains(f.path) && Contains("hold no pictures") && Contains(""));
  }
}

TEST_CASE("what is no folder is an IoError") {
  const Pictures f;
  f.grey("1.pgm", 1);
  CHECK_THROWS_AS(read_image_folder(f / "1.pgm", tiny()), IoError);
  CHECK_THROWS_WITH(read_image_folder(f / "none", tiny()), Contains("none: No such file"));
}

TEST_CASE("shapes that are none are refused") {
  const Pictures f;
  for (const Shape shape : {Shape{0, 0, 0}, Shape{0, 2, 1}, Shape{1, -2, 1}, Shape{1, 2, 2}, Shape{1, 2, 4}})
    CHECK_THROWS_AS(read_image_folder(f.path, {.shape = shape}), ArgumentError);
}

TEST_CASE("what systems hide is passed over, other files beside the folders are named") {
  const Pictures f;
  for (const char* hidden : {".DS_Store", "train/.DS_Store", "train/cat/.DS_Store", "train/cat/Thumbs.db",
                             "train/dog/desktop.ini", "__MACOSX/train/cat/._1.pgm", ".git/x"})
    f.file(hidden, "nothing of the kind");
  f.folder("train/bird");
  f.grey("train/cat/1.pgm", 1);
  f.file("README.md", "about");
  f.grey("train/loose.pgm", 1);
  FolderReport report;
  const Dataset data = read_image_folder(f.path, tiny(), &report);
  CHECK(rows_of(data) == "Training cat 1");
  CHECK(data.class_names() == Strings{"bird", "cat", "dog"});  // empty folders are classes, too
  CHECK(report.strays == Strings{f / "README.md", f / "train/loose.pgm"});
}

TEST_CASE("every file that cannot be read is named; on request they are skipped") {
  const Pictures f;
  f.grey("cat/1.pgm", 1);
  f.grey("cat/9.pgm", 9);
  f.file("cat/empty.pgm", "");
  f.file("cat/huge.pgm", "P5\n20000 20000\n255\n");
  f.file("cat/notes.txt", "about");
  f.folder("cat/more");
  REQUIRE(::mkfifo((f / "cat/pipe").c_str(), 0600) == 0);
  std::filesystem::create_symlink("nowhere", f / "cat/link");
  f.file("dog/cut.pgm", "P5\n2 1\n255\n");
  FolderReport report;
  CHECK_THROWS_WITH(read_image_folder(f.path, tiny(animals), &report),
                    Contains("7 of 9 files cannot be read\n  " + f / "dog/cut.pgm: the picture is cut short\n") &&
                        Contains("empty.pgm: the file is empty") && Contains("huge.pgm: a picture of 20000x20000") &&
                        Contains("notes.txt: not a PGM or PPM picture") && Contains("cat/more: Is a directory") &&
                        Contains("pipe: a pipe or a device") && Contains("link: No such file"));
  CHECK((report.files == 2 && report.bad_files.size() == 7));
  CHECK(report.bad_files[0].path == f / "dog/cut.pgm");

  FolderOptions skip = tiny(animals);
  skip.skip_bad_files = true;
  const Dataset data = read_image_folder(f.path, skip, &report);
  CHECK(rows_of(data) == "unknown cat 1, unknown cat 9");
  CHECK(data.file(1) == f / "cat/9.pgm");
  CHECK((report.files == 2 && report.bad_files.size() == 7));
  for (const char* name : {"1.pgm", "9.pgm"}) std::filesystem::remove(f / "cat/" + name);
  CHECK_THROWS_WITH(read_image_folder(f.path, skip), Contains("7 of 7 files cannot be read"));
}

TEST_CASE("at most twenty of them are listed, and the rest counted") {
  const Pictures f;
  for (int i = 0; i < 23; ++i) f.file("cat/" + std::to_string(i), "no picture");
  FolderReport report;
  CHECK_THROWS_WITH(read_image_folder(f.path, tiny(), &report),
                    Contains("23 of 23 files") && Contains("\n  and 3 more"));
  CHECK(report.bad_files.size() == 23);
}

TEST_CASE("what a decoder throws is the file's own affair") {
  const Pictures f;
  f.file("cat/a", "good");
  f.file("cat/b", "bad");
  FolderOptions options = tiny();
  options.decoder = [](std::string_view bytes) -> formats::Picture {
    if (bytes == "bad") throw std::out_of_range("of a library of the user's");
    return {2, 1, 1, {7, 8}};
  };
  CHECK_THROWS_WITH(read_image_folder(f.path, options), Contains("1 of 2 files") && Contains("of the user's"));
  options.skip_bad_files = true;
  CHECK(rows_of(read_image_folder(f.path, options)) == "unknown cat 7");
}

TEST_CASE("other sizes are resized and counted, colour becomes what is wanted") {
  const Pictures f;
  f.file("cat/1.pgm", "P2 4 2 255  10 20 30 40  10 20 30 40");
  f.file("cat/2.pgm", "P2 4 2 255  50 50 50 50  50 50 50 50");
  f.file("cat/3.pgm", "P2 2 1 255  1 2");
  f.file("cat/4.ppm", "P3 2 1 255  255 0 0  0 0 255");
  f.file("cat/5.pgm", "P2 1 1 255  9");
  FolderReport report;
  const Dataset grey = read_image_folder(f.path, tiny(), &report);
  const auto image = [](const Dataset& data, std::size_t i) {
    return std::vector<int>(data.image(i).begin(), data.image(i).end());
  };
  CHECK(image(grey, 0) == std::vector{15, 35});
  CHECK(image(grey, 2) == std::vector{1, 2});
  CHECK(image(grey, 3) == std::vector{76, 29});
  CHECK(image(grey, 4) == std::vector{9, 9});
  CHECK((report.resized == 3 && report.usual_height == 2 && report.usual_width == 4));
  const Dataset colour = read_image_folder(f.path, {.shape = {1, 2, 3}});
  CHECK(image(colour, 0) == std::vector{15, 15, 15, 35, 35, 35});
  CHECK(image(colour, 3) == std::vector{255, 0, 0, 0, 0, 255});
}

TEST_CASE("names of other alphabets, with spaces, and links") {
  const Pictures f;
  f.grey("train/кот/ä ö.pgm", 1);
  f.grey("train/犬/1.pgm", 2);
  f.file("train/кот/Ошибка.pgm", "P5");
  FolderOptions options = tiny({"犬", "кот"});
  CHECK_THROWS_WITH(read_image_folder(f.path, options), Contains("train/кот/Ошибка.pgm: "));
  std::filesystem::remove(f / "train/кот/Ошибка.pgm");
  CHECK(rows_of(read_image_folder(f.path, options)) == "Training 犬 2, Training кот 1");
  CHECK(read_image_folder(f.path, options).file(1) == f / "train/кот/ä ö.pgm");

  const Pictures links;
  links.folder("val");
  std::filesystem::create_symlink(f / "train/кот", links / "val/кот");
  links.folder("val/犬");
  std::filesystem::create_symlink(f / "train/犬/1.pgm", links / "val/犬/2.pgm");
  std::filesystem::create_symlink(links.path, f / "all");
  CHECK(rows_of(read_image_folder(f / "all", options)) == "PublicTest 犬 2, PublicTest кот 1");
}

TEST_CASE("any number of threads gives the same data set") {
  const Pictures f;
  for (int i = 0; i < 100; ++i) {
    const std::string name = (i % 3 ? "train/cat/" : "train/dog/") + std::to_string(i);
    if (i % 7 == 0)
      f.file(name, "no picture");
    else
      f.file(name, "P2 3 1 255 " + std::to_string(i) + " 0 " + std::to_string(2 * i));
  }
  FolderOptions options = tiny();
  options.skip_bad_files = true;
  options.threads = 1;
  FolderReport report, other;
  const Dataset one = read_image_folder(f.path, options, &report);
  CHECK((one.size() == 85 && report.resized == 85));
  for (const int threads : {2, 5, 500, 0}) {
    options.threads = threads;
    const Dataset many = read_image_folder(f.path, options, &other);
    CHECK(fingerprint(many) == fingerprint(one));
    REQUIRE(other.bad_files.size() == 15);
    for (std::size_t i = 0; i < 15; ++i) REQUIRE(other.bad_files[i].reason == report.bad_files[i].reason);
    for (std::size_t i = 0; i < one.size(); ++i) REQUIRE(many.file(i) == one.file(i));
  }
}
