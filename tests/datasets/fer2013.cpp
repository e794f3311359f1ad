// SPDX-License-Identifier: MIT
#include <ferlab/datasets/fer2013.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;
using Catch::Contains;

namespace {

const ReadOptions tiny{.shape = {2, 2, 1}};

Dataset parse(const std::string& text, const ReadOptions& options = tiny, ReadReport* report = nullptr) {
  return parse_fer2013(text, "x.csv", options, report, [](std::size_t, std::size_t) {});
}

std::vector<int> pixels(const Dataset& data, std::size_t i) { return {data.image(i).begin(), data.image(i).end()}; }

// What is said about a file; nothing if it is read.
std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}
// The same of one row, with a good one after it.
std::string complaint(const std::string& row) {
  return refusal("emotion,pixels,Usage\n" + row + "\n6,1 2 3 4,Training\n");
}

std::string temporary_path(const std::string& name) {
  const char* folder = std::getenv("TMPDIR");
  return std::string(folder ? folder : "/tmp") + "/ferlab_test_data_" + std::to_string(::getpid()) + "_" + name;
}

struct TemporaryFile {
  std::string path;
  TemporaryFile(const std::string& name, const std::string& text) : path(temporary_path(name)) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~TemporaryFile() { ::unlink(path.c_str()); }
};

}  // namespace

TEST_CASE("the original format is read") {
  const Dataset data =
      parse("emotion,pixels,Usage\n0,70 80 82 255,Training\n6,0 1 22 133,PublicTest\n3,9 9 9 9,PrivateTest\n");
  REQUIRE(data.size() == 3);
  CHECK(data.shape() == Shape{2, 2, 1});
  CHECK(pixels(data, 0) == std::vector<int>{70, 80, 82, 255});
  CHECK(pixels(data, 1) == std::vector<int>{0, 1, 22, 133});
  CHECK(data.label(1) == 6);
  CHECK(data.usage(0) == Usage::training);
  CHECK(data.usage(1) == Usage::public_test);
  CHECK(data.usage(2) == Usage::private_test);
  CHECK(data.line(2) == 4);
  CHECK(data.class_names() ==
        std::vector<std::string>{"Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"});
}

TEST_CASE("the same rows are read however the file is dressed") {
  const std::string dressed[] = {
      "emotion,pixels,Usage\n4,1 20 255 0,PublicTest\n5,0 0 0 7,Training\n",
      "emotion,pixels,Usage\n4,1 20 255 0,PublicTest\n5,0 0 0 7,Training",          // no final newline
      "emotion,pixels,Usage\r\n4,1 20 255 0,PublicTest\r\n5,0 0 0 7,Training\r\n",  // Windows
      "emotion, Usage, pixels\n4,PublicTest,1 20 255 0\n5,Training,0 0 0 7\n",      // icml_face_data.csv
      "emotion, Usage, pixels\n4,PublicTest,1 20 255 0\n5,Training,0 0 0 7",
      "Pixels,USAGE,Emotion\n1 20 255 0,PublicTest,4\n0 0 0 7,Training,5\n",
      "\xEF\xBB\xBF"
      "emotion,pixels,Usage\n4,1 20 255 0,PublicTest\n5,0 0 0 7,Training\n",          // byte order mark
      "emotion,pixels,Usage\n4,\"1 20 255 0\",PublicTest\n5,\"0 0 0 7\",Training\n",  // quoted pixels
      "\"emotion\",\"pixels\",\"Usage\"\n\"4\",\"1 20 255 0\",\"PublicTest\"\n\"5\",\"0 0 0 7\",\"Training\"\n",
      "emotion,pixels,Usage\n\n4,1 20 255 0,PublicTest\n \t\n5,0 0 0 7,Training\n\n\n",       // empty lines
      "emotion,pixels,Usage\n 4 , 1  20 255\t0 , PublicTest \n5,   0 0 0 7   ,\tTraining\n",  // blanks
      "emotion,pixels,Usage\n04,001 020 255 0000,PublicTest\n5,0 0 0 007,Training\n",         // leading zeros
      ",emotion,note,pixels,Usage\n0,4,a,1 20 255 0,PublicTest\n1,5,,0 0 0 7,Training\n",     // other columns
      "emotion;pixels;Usage\n4;1 20 255 0;PublicTest\n5;0 0 0 7;Training\n",                  // a German Excel's
      "sep=;\r\nemotion;pixels;Usage\r\n4;1 20 255 0;PublicTest\r\n5;0 0 0 7;Training\r\n",
      "\xEF\xBB\xBF"
      "SEP=,\n\nemotion,pixels,Usage\n4,1 20 255 0,PublicTest\n5,0 0 0 7,Training\n",
      "emotion\tpixels\tUsage\n4\t1 20 255 0\tPublicTest\n5\t0 0 0 7\tTraining\n",
      "emotion|pixels|Usage\n4|1 20 255 0|PublicTest\n5|0 0 0 7|Training\n",
      "\n\r\n  \nemotion,pixels,Usage\n4,1 20 255 0,PublicTest\n5,0 0 0 7,Training\n",  // blank lines first
      "emotion,pixels,Usage\n4,1 20 255 0,PublicTest,\n5,0 0 0 7,Training\n",           // a comma at an end
      "emotion,pixels,Usage,\n4,1 20 255 0,PublicTest,\n5,0 0 0 7,Training,\n",
      "emotion,pixels,Usage\n4,1 20 255 0,PublicTest\nemotion,pixels,Usage\n5,0 0 0 7,Training\n",  // two files in one
      "emotion,pixels,Usage\nSad,1 20 255 0,publictest\nsurprise,0 0 0 7,TRAIN\n",                  // words
      "emotion,pixels,Usage\n4.0,1 20 255 0,val\n5.00,0 0 0 7,train\n",
      "label,pixels,Usage\n4,1 20 255 0,validation\n5,0 0 0 7,training\n",
      "emotion,pixels,Usage\n4,\"[1, 20, 255, 0]\",PublicTest\n5,\"[0,0,0,7]\",Training\n",  // lists
      "emotion,pixels,Usage\n4,[1 20 255 0],PublicTest\n5,[0  0 0 7],Training\n",            // as numpy prints
      "emotion,pixels,Usage\n4,1.0 20.0 255.0 0.0,PublicTest\n5,0.0 0 0.00 7,Training\n",
      "label,pixel0,pixel1,pixel2,pixel3,Usage\n4,1,20,255,0,PublicTest\n5,0,0,0,7,Training\n",  // a column per pixel
      "Usage,pixel_1,pixel_2,pixel_3,pixel_4,emotion\nPublicTest,1,20,255.0,0,4\nTraining,0,0,0,7,5\n",
  };
  for (const std::string& text : dressed) {
    CAPTURE(text);
    const Dataset data = parse(text);
    REQUIRE(data.size() == 2);
    CHECK(pixels(data, 0) == std::vector<int>{1, 20, 255, 0});
    CHECK(pixels(data, 1) == std::vector<int>{0, 0, 0, 7});
    CHECK((data.label(0) == 4 && data.label(1) == 5));
    CHECK((data.usage(0) == Usage::public_test && data.usage(1) == Usage::training));
  }
}

TEST_CASE("all pixel values survive, at every place") {
  for (const Shape shape : {Shape{48, 48, 1}, Shape{3, 3, 1}, Shape{1, 1, 1}}) {  // odd counts take the patient parser
    for (int shift = 0; shift < 256; ++shift) {
      std::string text = "pixels,emotion\n";
      std::vector<int> expected;
      for (int i = 0; i < int(shape.size()); ++i) {
        expected.push_back((i * 7 + shift) % 256);
        text += (i ? " " : "") + std::to_string(expected.back());
      }
      REQUIRE(pixels(parse(text + ",2\n", {.shape = shape}), 0) == expected);
    }
  }
}

TEST_CASE("the fast pixel parser takes exactly what it should") {
  const auto fast = [](std::string field, std::size_t count) {
    std::vector<std::uint8_t> out(count), patient(count);
    const std::string text = field + ",Training";  // eight bytes to look ahead into
    const std::string_view view = std::string_view(text).substr(0, field.size());
    const bool good = detail::parse_pixels_fast(view, text.data() + text.size(), count, out.data());
    if (good) {
      REQUIRE(detail::parse_pixels_patiently(view, count, patient.data()).empty());
      REQUIRE(out == patient);
    }
    return good;
  };
  // Every pair of numbers up to 999, and with every byte as what follows the first.
  for (int a = 0; a < 1000; ++a)
    for (int b : {0, 9, 10, 99, 100, 255, 256, 260, 300, 999})
      REQUIRE(fast(std::to_string(a) + " " + std::to_string(b), 2) == (a < 256 && b < 256));
  for (int c = 1; c < 256; ++c)
    for (const char* a : {"7", "88", "199"}) {
      REQUIRE(fast(a + std::string(1, char(c)) + "5 6", 3) == false);  // odd: not its job
      REQUIRE(fast(a + std::string(1, char(c)) + "5", 2) == (c == ' '));
      REQUIRE(fast(std::string(a) + " 5" + char(c), 2) == (c >= '0' && c <= '9'));
    }
  CHECK_FALSE(fast("", 2));
  CHECK_FALSE(fast("1 2 ", 2));
  CHECK_FALSE(fast(" 1 2", 2));
  CHECK_FALSE(fast("1  2", 2));
  CHECK_FALSE(fast("1 2 3", 2));
  CHECK_FALSE(fast("1 2 3", 4));
}

TEST_CASE("files without Usage are read, and say so") {
  const Dataset data = parse("emotion,pixels\n1,1 2 3 4\n");
  CHECK(data.label(0) == 1);
  CHECK(data.usage(0) == Usage::unknown);
}

TEST_CASE("files without labels are read on request only") {
  const std::string text = "pixels\n1 2 3 4\n";
  CHECK_THROWS_WITH(parse(text), Contains("no emotion column"));
  const Dataset data = parse(text, {.allow_unlabelled = true, .shape = {2, 2, 1}});
  CHECK(data.label(0) == no_label);
  CHECK(pixels(data, 0) == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("a malformed row is named with file, line and reason") {
  CHECK(complaint("6,1 2 3 4,Training").empty());
  CHECK_THAT(complaint("0,1 2 3,Training"), Contains("x.csv:2: 3 pixels, expected 4 (2x2x1)"));
  CHECK_THAT(complaint("0,1 2 3 4 5,Training"), Contains("x.csv:2: 5 pixels, expected 4"));
  CHECK_THAT(complaint("0,,Training"), Contains("0 pixels, expected 4"));
  CHECK_THAT(complaint("0,1 2 256 4,Training"), Contains("pixel 3 is '256', expected 0 to 255"));
  CHECK_THAT(complaint("0,1 2 -3 4,Training"), Contains("pixel 3 is '-3'"));
  CHECK_THAT(complaint("0,1.5 2 3 4,Training"), Contains("pixel 1 is '1.5'"));
  CHECK_THAT(complaint("0,1. 2 3 4,Training"), Contains("pixel 1 is '1.'"));
  CHECK_THAT(complaint("0,[1 2 3 4,Training"), Contains("pixel 1 is '[1'"));
  CHECK_THAT(complaint("0,1 2 3 4294967297,Training"), Contains("pixel 4 is '4294967297'"));
  CHECK_THAT(complaint("0,1 2 3 4x,Training"), Contains("pixel 4 is '4x'"));
  CHECK_THAT(complaint("0,1 2\x01\xff"
                       "3 4,Training"),
             Contains("pixel 2 is '2??3'"));
  CHECK_THAT(complaint(std::string("0,1 2 3 4\0,Training", 19)), Contains("pixel 4 is '4?'"));
  CHECK_THAT(complaint("0,1 2 3 99999999999999999999999999,Training"), Contains("'99999999999999999999...'"));
  CHECK_THAT(complaint("7,1 2 3 4,Training"), Contains("emotion is '7', expected 0 to 6"));
  CHECK_THAT(complaint("-1,1 2 3 4,Training"), Contains("emotion is '-1'"));
  CHECK_THAT(complaint(",1 2 3 4,Training"), Contains("emotion is ''"));
  CHECK_THAT(complaint("4294967296,1 2 3 4,Training"), Contains("emotion is '4294967296'"));
  CHECK_THAT(complaint("joyful,1 2 3 4,Training"),
             Contains("emotion is 'joyful', expected 0 to 6, or the name of a class"));
  CHECK_THAT(complaint("3.5,1 2 3 4,Training"), Contains("emotion is '3.5'"));
  CHECK_THAT(complaint("0,1 2 3 4,Testing"),
             Contains("Usage is 'Testing', expected Training, PublicTest or PrivateTest"));
  CHECK_THAT(complaint("0,1 2 3 4,"), Contains("Usage is ''"));
  CHECK_THAT(complaint("0,1 2 3 4"), Contains("2 fields, expected 3"));
  CHECK_THAT(complaint("0,1 2 3 4,Training,1"), Contains("4 fields, expected 3"));
  CHECK_THAT(complaint("0,1 2 3 4,Training,,"), Contains("5 fields, expected 3"));
  CHECK_THAT(complaint("0,\"1 2 3 4,Training"), Contains("a quote is opened and not closed"));
  CHECK_THAT(complaint("0,\"1 2\" 3 4,Training"), Contains("unexpected '3 4' after a quoted field"));
}

TEST_CASE("a file that ends too early is told from one that is wrong") {
  const std::string whole = "emotion,pixels,Usage\n0,1 2 3 4,Training\n1,1 2 3 144,Training";
  for (std::size_t length = whole.size() - 1; length > whole.find("\n1,") + 1; --length) {
    CAPTURE(whole.substr(0, length));
    if (whole.substr(0, length).ends_with(",Train")) continue;  // a word for Training, and nothing else is lost
    CHECK_THROWS_WITH(parse(whole.substr(0, length)), Contains("x.csv:3: ") && Contains("it may be cut off"));
  }
  CHECK(parse(whole).size() == 2);
  CHECK_THAT(complaint("0,1 2 3,Training"), !Contains("cut off"));
}

TEST_CASE("all bad rows are counted and the first ten shown") {
  std::string text = "emotion,pixels,Usage\n";
  for (int i = 0; i < 25; ++i) text += i % 2 ? "0,1 2 3 4,Training\n" : "9,1 2 3 4,Training\n";
  std::string message;
  ReadReport report;
  try {
    parse(text, tiny, &report);
  } catch (const DataError& error) {
    message = error.what();
  }
  CHECK_THAT(message, Contains("13 of 25 rows are malformed") && Contains("x.csv:20:") && !Contains("x.csv:22:") &&
                          Contains("and 3 more"));
  CHECK(report.bad_rows == 13);

  const Dataset data = parse(text, {.skip_bad_rows = true, .shape = {2, 2, 1}}, &report);
  CHECK(data.size() == 12);
  CHECK(data.line(0) == 3);
  CHECK(report.rows == 12);
  CHECK(report.bad_rows == 13);
  REQUIRE(report.reasons.size() == 13);
  CHECK(report.reasons[1].line == 4);
  CHECK_THAT(report.reasons[1].reason, Contains("emotion is '9'"));
}

TEST_CASE("a row dropped half way leaves no pixels behind") {
  const Dataset data = parse("emotion,pixels\n0,9 9 9\n1,1 2 3 4\n0,8 8 8 8 8\n2,5 6 7 8\n",
                             {.skip_bad_rows = true, .shape = {2, 2, 1}});
  REQUIRE(data.size() == 2);
  CHECK(pixels(data, 0) == std::vector<int>{1, 2, 3, 4});
  CHECK(pixels(data, 1) == std::vector<int>{5, 6, 7, 8});
}

TEST_CASE("a file that is no such CSV at all is refused clearly") {
  CHECK_THROWS_WITH(parse(""), "x.csv: the file is empty");
  CHECK_THROWS_WITH(parse("\xEF\xBB\xBF"), "x.csv: the file is empty");
  CHECK_THROWS_WITH(parse("emotion,pixels,Usage"), Contains("no rows"));
  CHECK_THROWS_WITH(parse("emotion,pixels,Usage\r\n\r\n"), Contains("no rows"));
  CHECK_THROWS_WITH(parse("0,1 2 3 4,Training\n"), Contains("header line with the columns emotion,pixels,Usage") &&
                                                       Contains("found '0,1 2 3 4,Training'"));
  CHECK_THROWS_WITH(parse("\n\n"), Contains("header line"));
  CHECK_THROWS_WITH(parse("emotion,pixels,Emotion\n0,1 2 3 4,0\n"), Contains("the column emotion twice"));
  CHECK_THROWS_WITH(parse("emotion,\"pixels\n0,1 2 3 4\n"), Contains("header: a quote"));
  CHECK_THROWS_WITH(parse("emotion,pixels\n0,1\n", {.skip_bad_rows = true, .shape = {2, 2, 1}}),
                    Contains("1 of 1 rows are malformed"));
}

TEST_CASE("a file that is something else is called by its name") {
  CHECK_THAT(refusal("PK\x03\x04rest"), Contains("x.csv: this is a zip archive"));
  CHECK_THAT(refusal("\x1f\x8b\x08rest"), Contains("gzip archive; gunzip it first"));
  CHECK_THAT(refusal("fer2013/" + std::string(249, '\0') + "ustar"), Contains("tar archive"));
  CHECK_THAT(refusal(std::string("\xff\xfe"
                                 "e\0m\0",
                                 6)),
             Contains("UTF-16 text; save it as UTF-8"));
  CHECK_THAT(refusal(std::string("\xfe\xff\0e\0m", 6)), Contains("UTF-16"));
  CHECK_THAT(refusal("\n<!DOCTYPE html>\n<html>"), Contains("a web page"));
  CHECK_THAT(refusal("version https://git-lfs.github.com/spec/v1\n"), Contains("Git LFS pointer"));
  CHECK_THAT(refusal("{\"emotion\": 3}"), Contains("JSON"));
  CHECK_THAT(refusal("\x89PNG\r\n"), Contains("a PNG picture"));
}

TEST_CASE("classes are called by the words of other data sets, too") {
  const Dataset data = parse(
      "emotion,pixels\nAnger,1 2 3 4\ndisgusted,1 2 3 4\nFEARFUL,1 2 3 4\nhappiness,1 2 3 4\nsadness,1 2 3 4\n"
      "surprised,1 2 3 4\nneutrality,1 2 3 4\n");
  for (std::size_t i = 0; i < 7; ++i) CHECK(data.label(i) == i);
  ReadOptions other = tiny;
  other.class_names = {"happiness", "sadness", "Sad", "sad"};
  other.labels = {"Happy", "SADNESS", "Sad", "sad"};
  const Dataset words = parse("emotion,pixels\nhappy,1 2 3 4\nsadness,1 2 3 4\nSad,1 2 3 4\n3,1 2 3 4\n", other);
  for (std::size_t i = 0; i < 4; ++i) CHECK(words.label(i) == i);
}

TEST_CASE("another labelling is read where it is named, and recognised where it is not") {
  const std::string from_1 = "emotion,pixels\n1,1 2 3 4\n7,5 6 7 8\n";
  CHECK_THROWS_WITH(parse(from_1), Contains("1 of 2 rows") && Contains("The labels go from 1 to 7") &&
                                       Contains("labels -,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral"));
  ReadOptions named = tiny;
  named.labels = {"-", "Angry", "Disgust", "fear", "Happy", "Sad", "Surprise", "NEUTRAL"};
  const Dataset counted_from_1 = parse(from_1, named);
  CHECK((counted_from_1.label(0) == 0 && counted_from_1.label(1) == 6));

  const std::string eight = "emotion,pixels\n0,1 2 3 4\n7,5 6 7 8\n3,0 0 0 0\n";
  CHECK_THROWS_WITH(parse(eight), Contains("The labels go from 0 to 7") && Contains("Contempt"));
  ReadOptions ck = tiny;
  ck.labels = {"Neutral", "Angry", "-", "Disgust", "Fear", "Happy", "Sad", "Surprise"};
  ReadReport report;
  const Dataset some = parse("emotion,pixels\n0,1 2 3 4\n2,not looked at\n7,5 6 7 8\nhappy,0 0 0 0\n", ck, &report);
  REQUIRE(some.size() == 3);
  CHECK((some.label(0) == 6 && some.label(1) == 5 && some.label(2) == 3));
  CHECK((report.rows == 3 && report.left_out == 1 && report.bad_rows == 0));
  CHECK_THROWS_WITH(parse("emotion,pixels\n2,1 2 3 4\n", ck), Contains("1 that are left out"));

  ck.labels = {"Neutral", "Contempt"};
  CHECK_THROWS_AS(parse(eight, ck), ArgumentError);
  CHECK_THROWS_WITH(parse(eight, ck), Contains("there is no class 'Contempt'; there are Angry, Disgust,"));
}

TEST_CASE("a header that comes again is counted, and pictures of another size say which") {
  ReadReport report;
  parse("emotion,pixels\n1,1 2 3 4\nemotion,pixels\n  emotion,pixels\n2,1 2 3 4\n", tiny, &report);
  CHECK((report.rows == 2 && report.repeated_headers == 2 && report.bad_rows == 0));

  std::string large = "emotion,pixels\n0,", wide = "label";
  for (int i = 0; i < 96 * 96; ++i) large += "7 ", wide += ",pixel" + std::to_string(i);
  CHECK_THROWS_WITH(parse(large + "\n", {}), Contains("9216 pixels (96x96), expected 2304 (48x48x1)"));
  CHECK_THROWS_WITH(parse(wide + "\n", {}),
                    Contains("the header has columns for 9216 pixels (96x96), expected 2304 (48x48x1)"));
  CHECK_THAT(complaint("emotion,pixels,usage"), Contains("emotion is 'emotion'"));  // not the same line
  CHECK_THROWS_WITH(parse("label,pixel0,pixel1,pixel2,pixel3\n1,2,3,256,4\n"),
                    Contains("pixel 3 is '256', expected 0 to 255"));
}

TEST_CASE("files that cannot be read are IoErrors with path and reason") {
  CHECK_THROWS_AS(read_fer2013("/no/such/fer2013.csv"), IoError);
  CHECK_THROWS_WITH(read_fer2013("/no/such/fer2013.csv"),
                    "cannot open /no/such/fer2013.csv: No such file or directory");
  CHECK_THROWS_WITH(read_fer2013("/"), "cannot read /: Is a directory");
  const TemporaryFile empty("empty.csv", "");
  CHECK_THROWS_WITH(read_fer2013(empty.path), empty.path + ": the file is empty");
}

TEST_CASE("a file is read from the disk and from a pipe") {
  std::string text = "emotion,pixels,Usage\n5,7";
  for (int i = 1; i < 48 * 48; ++i) text += " " + std::to_string(i % 256);
  text += ",Training\n";
  const TemporaryFile file("good.csv", text);
  const auto check = [](const Dataset& data) {
    REQUIRE(data.size() == 1);
    CHECK(data.shape() == Shape{48, 48, 1});
    CHECK((data.image(0)[0] == 7 && data.image(0)[300] == 44 && data.image(0)[2303] == 2303 % 256));
  };
  check(read_fer2013(file.path));

  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size()) == ssize_t(text.size()));  // fits in a pipe's 64 KiB
  ::close(ends[1]);
  check(read_fer2013("/dev/fd/" + std::to_string(ends[0])));
  ::close(ends[0]);
}

TEST_CASE("a mapped file moves") {
  const TemporaryFile file("moved.txt", "text");
  MappedFile a(file.path);
  MappedFile b(std::move(a));
  CHECK(b.text() == "text");
  b = MappedFile(file.path);
  CHECK(b.text() == "text");
}

TEST_CASE("progress is told how far reading is") {
  std::string text = "emotion,pixels\n";
  for (int i = 0; i < 1000; ++i) text += "0,1 2 3 4\n";
  std::size_t calls = 0, last = 0;
  parse_fer2013(text, "x.csv", tiny, nullptr, [&](std::size_t done, std::size_t total) {
    ++calls;
    REQUIRE(done > last);
    REQUIRE(done <= total);
    REQUIRE(total == text.size());
    last = done;
  });
  CHECK(calls == 7);
  CHECK(last > text.size() * 8 / 10);
}

TEST_CASE("Usage goes by its name or the usual words, in any letter case") {
  using data::Usage;
  for (const auto usage : {Usage::training, Usage::public_test, Usage::private_test})
    CHECK(usage_named(to_string(usage)) == usage);
  for (const char* word : {"val", "Valid", "VALIDATION"}) CHECK(usage_named(word) == Usage::public_test);
  CHECK(usage_named("train") == Usage::training);
  CHECK(usage_named("Test") == Usage::private_test);
  for (const char* word : {"", "unknown", "tests"}) CHECK(usage_named(word) == Usage::unknown);
}
