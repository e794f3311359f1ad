// SPDX-License-Identifier: MIT
#include "support/picture_folder.hpp"

#include <ferlab/data/fingerprint.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;
using namespace ferlab::test;
using Catch::Contains;
using data::Usage, data::fingerprint;

TEST_CASE("a folder of classes is read, in the order of the names that are given") {
  const PictureFolder f;
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
  const PictureFolder f;
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
  const PictureFolder f;
  f.grey("happiness/1.pgm", 1);
  f.grey("SAD/2.pgm", 2);
  f.grey("0/3.pgm", 3);
  FolderOptions faces = tiny(fer2013_class_names());
  CHECK_THROWS_WITH(
      read_image_folder(f.path, faces),
      Contains("there is no class happiness (move the folder away to leave it out); the classes are Angry, "));
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
  const PictureFolder f;
  for (const char* name : {"train/10", "train/9", "train/a", "train/A", "test/9", "test/a"})
    f.grey(std::string(name) + "/1.pgm", 1);
  const Dataset data = read_image_folder(f.path, tiny());
  CHECK(data.class_names() == Strings{"10", "9", "A", "a"});
  CHECK(rows_of(data.with_usage(Usage::private_test)) == "PrivateTest 9 1, PrivateTest a 1");
  f.grey("test/1/1.pgm", 1);  // not the second class
  CHECK_THROWS_WITH(read_image_folder(f.path, tiny()),
                    Contains("test/1: there is no class 1 ") && Contains("the classes are 10, 9, A, a"));
}

TEST_CASE("a class may be called as a split where the names say so") {
  const PictureFolder f;
  f.grey("train/1.pgm", 1);
  f.grey("car/2.pgm", 2);
  CHECK(rows_of(read_image_folder(f.path, tiny({"car", "train"}))) == "unknown car 2, unknown train 1");
  CHECK_THROWS_AS(read_image_folder(f.path, tiny()), DataError);
}

TEST_CASE("folders that are not as expected are named") {
  const PictureFolder f;
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
    CHECK_THAT(refusal(f.path, tiny()), Contains(f.path) && Contains("hold no pictures"));
  }
}

TEST_CASE("what is no folder is an IoError") {
  const PictureFolder f;
  f.grey("1.pgm", 1);
  CHECK_THROWS_AS(read_image_folder(f / "1.pgm", tiny()), IoError);
  CHECK_THROWS_WITH(read_image_folder(f / "none", tiny()), Contains("none: No such file"));
}

TEST_CASE("shapes that are none are refused") {
  const PictureFolder f;
  for (const Shape shape : {Shape{0, 0, 0}, Shape{0, 2, 1}, Shape{1, -2, 1}, Shape{1, 2, 2}, Shape{1, 2, 4}})
    CHECK_THROWS_AS(read_image_folder(f.path, {.shape = shape}), ArgumentError);
}

TEST_CASE("labels leave classes out, and name classes that there are") {
  const PictureFolder f;
  f.grey("0/1.pgm", 1);
  FolderOptions options = tiny(animals);
  options.labels = {"-"};
  CHECK_THAT(refusal(f.path, options), Contains("hold no pictures but 1 that are left out"));
  options.labels = {"cow"};
  CHECK_THROWS_WITH(read_image_folder(f.path, options), Contains("there is no class 'cow'"));
  options = tiny();
  options.labels = {"cat"};
  CHECK_THROWS_WITH(read_image_folder(f.path, options), Contains("class_names, which are missing"));
}

TEST_CASE("what systems hide is passed over, other files beside the folders are named") {
  const PictureFolder f;
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

TEST_CASE("names of other alphabets, with spaces, and links") {
  const PictureFolder f;
  f.grey("train/кот/ä ö.pgm", 1);
  f.grey("train/犬/1.pgm", 2);
  f.file("train/кот/Ошибка.pgm", "P5");
  FolderOptions options = tiny({"犬", "кот"});
  CHECK_THROWS_WITH(read_image_folder(f.path, options), Contains("train/кот/Ошибка.pgm: "));
  std::filesystem::remove(f / "train/кот/Ошибка.pgm");
  CHECK(rows_of(read_image_folder(f.path, options)) == "Training 犬 2, Training кот 1");
  CHECK(read_image_folder(f.path, options).file(1) == f / "train/кот/ä ö.pgm");

  const PictureFolder links;
  links.folder("val");
  std::filesystem::create_symlink(f / "train/кот", links / "val/кот");
  links.folder("val/犬");
  std::filesystem::create_symlink(f / "train/犬/1.pgm", links / "val/犬/2.pgm");
  std::filesystem::create_symlink(links.path, f / "all");
  CHECK(rows_of(read_image_folder(f / "all", options)) == "PublicTest 犬 2, PublicTest кот 1");
}
