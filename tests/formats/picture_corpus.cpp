// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs: the seeds, and whatever it found that once broke the reader.
#include <filesystem>
#include <string>

#define LLVMFuzzerTestOneInput picture_fuzzer_input  // the name of every fuzzer's entry: another is in this program
#include "../../fuzz/picture.cpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("the readers of pictures stand every input the fuzzer is kept with") {
  const auto folder = std::filesystem::path(FERLAB_CORPUS "/picture");
  std::size_t replayed = 0, known = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    const std::string input = test::read_file(entry.path().string());
    CHECK(picture_fuzzer_input(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
    ++replayed;
    known += picture_size(input).height == 6;
  }
  CHECK(replayed >= 11);
  CHECK(known >= 4);  // the seeds reach beyond the first bytes
}
