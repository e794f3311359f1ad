// SPDX-License-Identifier: MIT
// The files of a folder of classes: those that cannot be read, other sizes and colours, threads.
#include <sys/stat.h>
#include "support/picture_folder.hpp"

#include <ferlab/data/fingerprint.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;
using namespace ferlab::test;
using Catch::Contains;
using data::Usage, data::fingerprint;

TEST_CASE("every file that cannot be read is named; on request they are skipped") {
  const PictureFolder f;
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
  const PictureFolder f;
  for (int i = 0; i < 23; ++i) f.file("cat/" + std::to_string(i), "no picture");
  FolderReport report;
  CHECK_THROWS_WITH(read_image_folder(f.path, tiny(), &report),
                    Contains("23 of 23 files") && Contains("\n  and 3 more"));
  CHECK(report.bad_files.size() == 23);
}

TEST_CASE("what a decoder throws is the file's own affair") {
  const PictureFolder f;
  f.file("cat/a", "good");
  f.file("cat/b", "bad");
  FolderOptions options = tiny();
  options.decoder = [](std::string_view bytes) -> formats::Picture {
    if (bytes == "bad") throw std::out_of_range("of a library of the user's");
    return {2, 1, 1, {7, 8}};
  };
  CHECK_THROWS_WITH(read_image_folder(f.path, options),
                    Contains("1 of 2 files") && Contains("cat/b: of a library of the user's"));
  options.skip_bad_files = true;
  CHECK(rows_of(read_image_folder(f.path, options)) == "unknown cat 7");
}

TEST_CASE("other sizes are resized and counted, colour becomes what is wanted") {
  const PictureFolder f;
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

TEST_CASE("any number of threads gives the same data set") {
  const PictureFolder f;
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
