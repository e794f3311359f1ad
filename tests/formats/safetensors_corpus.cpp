// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs: the seeds, and whatever it found that once broke the reader.
#include <filesystem>
#include <string>

#include "../../fuzz/safetensors.cpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("the safetensors reader stands every input the fuzzer is kept with") {
  const auto folder = std::filesystem::path(FERLAB_CORPUS "/safetensors");
  std::size_t replayed = 0, read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    const std::string input = test::read_file(entry.path().string());
    CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
    ++replayed;
    try {
      const formats::SafetensorsFile file(input, "");
      ++read;
    } catch (const FormatError&) {
    }
  }
  CHECK(replayed >= 10);
  CHECK(read >= 3);  // the seeds reach beyond the header's checks
}
