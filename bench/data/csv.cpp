// SPDX-License-Identifier: MIT
// Reading fer2013.csv against only touching the bytes of the same file, in one run on one core.
// FERLAB_FER2013_CSV names the real file; without it 4,000 built-in faces are written to a temporary one.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace ferlab;

struct CsvFile {
  std::string path;
  bool temporary = false;
  CsvFile() {
    if (const char* real = std::getenv("FERLAB_FER2013_CSV")) {
      path = real;
    } else {
      path = "/tmp/ferlab_bench_" + std::to_string(::getpid()) + ".csv";
      temporary = true;
      datasets::write_fer2013(path, datasets::make_faces({.count = 4000}));
    }
  }
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;
  ~CsvFile() {
    if (temporary) ::unlink(path.c_str());
  }
};

const std::string& csv_path() {
  static const CsvFile file;
  return file.path;
}

void set_bytes(benchmark::State& state) {
  const MappedFile file(csv_path());
  state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(file.text().size()));
}

// Reading the file and nothing else, into one buffer that stays in the cache.
void read_only(benchmark::State& state) {
  const std::string& path = csv_path();
  std::vector<char> buffer(1 << 20);
  for (auto _ : state) {
    const int file = ::open(path.c_str(), O_RDONLY);
    while (::read(file, buffer.data(), buffer.size()) > 0) benchmark::DoNotOptimize(buffer.data());
    ::close(file);
  }
  set_bytes(state);
}
BENCHMARK(read_only)->Unit(benchmark::kMillisecond)->UseRealTime();

void map_and_count_lines(benchmark::State& state) {
  const std::string& path = csv_path();
  for (auto _ : state) {
    const MappedFile file(path);
    std::size_t lines = 0;
    for (std::string_view rest = file.text(); !rest.empty(); ++lines) datasets::detail::take_line(rest);
    benchmark::DoNotOptimize(lines);
  }
  set_bytes(state);
}
BENCHMARK(map_and_count_lines)->Unit(benchmark::kMillisecond)->UseRealTime();

void read_fer2013(benchmark::State& state) {
  const std::string& path = csv_path();
  for (auto _ : state) benchmark::DoNotOptimize(datasets::read_fer2013(path, {.progress = false}));
  set_bytes(state);
}
BENCHMARK(read_fer2013)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
