// SPDX-License-Identifier: MIT
#include <unistd.h>
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>

#include <cstdlib>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;

namespace {

struct TemporaryPath {
  std::string path;
  explicit TemporaryPath(const std::string& name) {
    const char* folder = std::getenv("TMPDIR");
    path = std::string(folder ? folder : "/tmp") + "/ferlab_test_writer_" + std::to_string(::getpid()) + "_" + name;
  }
  ~TemporaryPath() { ::unlink(path.c_str()); }
};

std::string written(const Dataset& data) {
  const TemporaryPath file("text.csv");
  write_fer2013(file.path, data);
  return std::string(MappedFile(file.path).text());
}

}  // namespace

TEST_CASE("what is written is read back") {
  const TemporaryPath file("faces.csv");
  const Dataset faces = make_faces({.count = 200, .seed = 3});  // more than one buffer of text
  write_fer2013(file.path, faces);
  const Dataset read = read_fer2013(file.path);
  REQUIRE(read.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    REQUIRE(std::equal(faces.image(i).begin(), faces.image(i).end(), read.image(i).begin(), read.image(i).end()));
    REQUIRE(read.label(i) == faces.label(i));
    REQUIRE(read.usage(i) == faces.usage(i));
  }
}

TEST_CASE("the format is fer2013's, to the byte") {
  CHECK(written(Dataset::from_memory({1, 3, 1}, {0, 10, 255, 1, 2, 3}, {0, 1}, {"a", "b"}, Usage::public_test)) ==
        "emotion,pixels,Usage\n0,0 10 255,PublicTest\n1,1 2 3,PublicTest\n");
}

TEST_CASE("columns that no image needs are left out") {
  CHECK(written(Dataset::from_memory({1, 2, 1}, {7, 8}, {0}, {"a"})) == "emotion,pixels\n0,7 8\n");
  CHECK(written(Dataset::from_memory({1, 2, 1}, {7, 8}, {no_label}, {"a"})) == "pixels\n7 8\n");
  CHECK(written(Dataset::from_memory({1, 2, 1}, {7, 8}, {no_label}, {"a"}, Usage::training)) ==
        "pixels,Usage\n7 8,Training\n");
}

TEST_CASE("half labelled images have no CSV form") {
  CHECK_THROWS_WITH(written(Dataset::from_memory({1, 1, 1}, {1, 2}, {0, no_label}, {"a"})),
                    Catch::Contains("of 2 images 1 have a label and 0 a Usage"));
}

TEST_CASE("a place that cannot be written to is an IoError and leaves nothing behind") {
  CHECK_THROWS_AS(write_fer2013("/no/such/folder/x.csv", make_faces({.count = 1})), IoError);
}
