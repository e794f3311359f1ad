// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs: the seeds, and whatever it found that once broke the reader.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "../../fuzz/csv.cpp"
#include "support/catch.hpp"

TEST_CASE("the reader stands every input the fuzzer is kept with") {
  const auto folder = std::filesystem::path(FERLAB_CORPUS "/csv");
  std::size_t replayed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
    ++replayed;
  }
  CHECK(replayed >= 7);
}
