// SPDX-License-Identifier: MIT
// Event files byte by byte, with a reader written from the format's description. TensorBoard's own reader: tests/peers.
#include <ferlab/formats/event_file.hpp>

#include <sys/wait.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "formats/failing_files.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;
using test::TemporaryFolder;

namespace {

template <class T>
T number(std::string_view bytes) {
  T value;
  if (bytes.size() < sizeof value) throw std::runtime_error("too few bytes for a number");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

struct Records {
  std::vector<std::string> whole;
  bool cut = false;  ///< there are bytes behind the whole records
};

Records read_records(std::string_view file) {
  Records records;
  while (!file.empty()) {
    const std::size_t length = file.size() < 12 ? file.size() : number<std::uint64_t>(file);
    if (file.size() < 16 || file.size() - 16 < length) {
      records.cut = true;
      break;
    }
    REQUIRE(number<std::uint32_t>(file.substr(8)) == formats::masked_crc32c(file.substr(0, 8)));
    REQUIRE(number<std::uint32_t>(file.substr(12 + length)) == formats::masked_crc32c(file.substr(12, length)));
    records.whole.emplace_back(file.substr(12, length));
    file.remove_prefix(16 + length);
  }
  return records;
}

/// The fields of a message; numbers as their bytes, integers as 8.
using Fields = std::multimap<int, std::string>;
Fields fields(std::string_view bytes) {
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes.at(0));
      bytes.remove_prefix(1);
      value |= std::uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  Fields found;
  while (!bytes.empty()) {
    const std::uint64_t key = varint();
    std::string value;
    if ((key & 7) == 0) {
      formats::append_little_endian(value, varint());
    } else {
      const std::size_t size = (key & 7) == 1 ? 8 : (key & 7) == 5 ? 4 : varint();
      if (size > bytes.size()) throw std::runtime_error("a field reaches beyond its message");
      value = bytes.substr(0, size);
      bytes.remove_prefix(size);
    }
    found.emplace(int(key >> 3), value);
  }
  return found;
}

std::string only(const Fields& all, int field) {
  REQUIRE(all.count(field) == 1);
  return all.find(field)->second;
}

Records read_folder(const TemporaryFolder& folder) {
  REQUIRE(folder.files().size() == 1);
  return read_records(test::read_file(folder.files()[0]));
}

}  // namespace

TEST_CASE("an event file holds its version, then scalars") {
  const TemporaryFolder folder;
  const double before = double(std::time(nullptr));
  {
    formats::EventFile file(folder.path);
    file.scalar("epoch_loss", 0, 1.25);
    file.scalar("epoch_loss", 300, -0.1);
  }
  const Records records = read_folder(folder);
  REQUIRE_FALSE(records.cut);
  REQUIRE(records.whole.size() == 3);
  REQUIRE(only(fields(records.whole[0]), 3) == "brain.Event:2");
  const std::int64_t steps[] = {0, 300};
  const float values[] = {1.25f, -0.1f};
  for (std::size_t i = 0; i < 2; ++i) {
    const Fields event = fields(records.whole[1 + i]);
    REQUIRE(number<double>(only(event, 1)) >= before);
    REQUIRE(number<double>(only(event, 1)) <= double(std::time(nullptr)) + 1);
    REQUIRE(number<std::int64_t>(only(event, 2)) == steps[i]);
    const Fields value = fields(only(fields(only(event, 5)), 1));
    REQUIRE(only(value, 1) == "epoch_loss");
    const Fields metadata = fields(only(value, 9));
    REQUIRE(only(fields(only(metadata, 1)), 1) == "scalars");
    REQUIRE(number<std::int64_t>(only(metadata, 4)) == 1);
    const Fields tensor = fields(only(value, 8));
    REQUIRE(number<std::int64_t>(only(tensor, 1)) == 1);
    REQUIRE(only(tensor, 2).empty());  // no dimensions
    REQUIRE(only(tensor, 4).size() == 4);
    REQUIRE(number<float>(only(tensor, 4)) == values[i]);
  }
}

TEST_CASE("a histogram is 30 buckets as a tensor [30, 3]") {
  const TemporaryFolder folder;
  std::vector<float> values;
  for (int i = 0; i <= 300; ++i) values.push_back(float(i));  // ten a bucket, and the greatest in the last
  values.push_back(NAN);
  values.push_back(INFINITY);
  {
    formats::EventFile file(folder.path);
    file.histogram("conv2d/kernel", 7, values);
  }
  const Fields value = fields(only(fields(only(fields(read_folder(folder).whole.at(1)), 5)), 1));
  REQUIRE(only(fields(only(fields(only(value, 9)), 1)), 1) == "histograms");
  const Fields tensor = fields(only(value, 8));
  REQUIRE(number<std::int64_t>(only(tensor, 1)) == 2);
  const Fields shape = fields(only(tensor, 2));
  REQUIRE(shape.count(2) == 2);
  REQUIRE(number<std::int64_t>(only(fields(shape.find(2)->second), 1)) == 30);
  REQUIRE(number<std::int64_t>(only(fields(std::next(shape.find(2))->second), 1)) == 3);
  const std::string elements = only(tensor, 4);
  REQUIRE(elements.size() == 30 * 3 * 8);
  for (std::size_t i = 0; i < 30; ++i) {
    REQUIRE(number<double>(std::string_view(elements).substr(i * 24)) == Approx(10.0 * double(i)));
    REQUIRE(number<double>(std::string_view(elements).substr(i * 24 + 8)) == Approx(10.0 * double(i + 1)));
    REQUIRE(number<double>(std::string_view(elements).substr(i * 24 + 16)) == (i < 29 ? 10 : 11));
  }
}

TEST_CASE("a histogram of equal values, of none, and over the whole range of floats") {
  const std::vector<float> equal(5, 2.5f);
  auto buckets = formats::detail::histogram(equal);
  for (std::size_t i = 0; i < 30; ++i) {
    REQUIRE(buckets[i][0] == 2.5);
    REQUIRE(buckets[i][1] == 2.5);
    REQUIRE(buckets[i][2] == (i < 29 ? 0 : 5));
  }
  buckets = formats::detail::histogram({});
  for (const auto& bucket : buckets) REQUIRE((bucket[0] == 0 && bucket[1] == 0 && bucket[2] == 0));
  const float wide[] = {-3e38f, 3e38f, 0, 1e-45f};
  buckets = formats::detail::histogram(wide);
  REQUIRE((buckets[0][2] == 1 && buckets[15][2] == 2 && buckets[29][2] == 1));
  const float narrow[] = {0, 1e-45f};
  buckets = formats::detail::histogram(narrow);
  REQUIRE((buckets[0][2] == 1 && buckets[29][2] == 1));
}

TEST_CASE("an event file makes its folders, and two in one folder do not meet") {
  const TemporaryFolder folder;
  formats::EventFile a(folder / "logs/run/train"), b(folder / "logs/run/train");
  REQUIRE(a.path() != b.path());
  a.scalar("a", 0, 1), a.flush();
  REQUIRE(read_records(test::read_file(a.path())).whole.size() == 2);
  REQUIRE(test::read_file(b.path()).empty());
}

TEST_CASE("an event file that cannot be made says where") {
  const TemporaryFolder folder;
  test::write_file(folder / "file", "");
  REQUIRE_THROWS_AS(formats::EventFile(folder / "file/train"), IoError);
  REQUIRE_THROWS_WITH(formats::EventFile(folder / "file/train"), Catch::Contains(folder / "file"));
}

TEST_CASE("an event file on a full disk goes on where it stopped") {
  const TemporaryFolder folder;
  test::FailingFiles files;
  formats::EventFile file(folder.path);
  file.scalar("a", 0, 1);
  files.room = 41;
  REQUIRE_THROWS_AS(file.flush(), IoError);
  REQUIRE_THROWS_WITH(file.flush(), Catch::Contains(file.path()) && Catch::Contains("No space"));
  const Records before = read_folder(folder);
  REQUIRE(before.cut);
  files.room = std::size_t(-1);
  files.most_a_call = 3;
  files.interruptions = 2;
  file.scalar("b", 0, 1);
  file.flush();
  const Records after = read_folder(folder);
  REQUIRE_FALSE(after.cut);
  REQUIRE(after.whole.size() == 3);
}

TEST_CASE("a killed writer leaves whole records and at most a cut one") {
  const std::vector<float> values(1000, 1);
  for (int round = 0; round < 20; ++round) {
    const TemporaryFolder folder;
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      formats::EventFile file(folder.path);
      file.scalar("loss", 0, 0.5);
      file.flush();
      if (::write(ready[1], "", 1) != 1) ::_exit(1);
      for (std::int64_t step = 1;; ++step) {
        file.histogram("weights", step, values);
        file.flush();
      }
    }
    char go;
    REQUIRE(::read(ready[0], &go, 1) == 1);
    ::usleep(unsigned(round) * 300);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    ::close(ready[0]), ::close(ready[1]);
    const Records records = read_folder(folder);
    REQUIRE(records.whole.size() >= 2);
    REQUIRE(only(fields(records.whole[0]), 3) == "brain.Event:2");
    for (std::size_t i = 1; i < records.whole.size(); ++i) {
      const Fields event = fields(records.whole[i]);
      REQUIRE(number<std::int64_t>(only(event, 2)) == std::int64_t(i - 1));
    }
  }
}
