// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#define LLVMFuzzerTestOneInput zip_fuzzer_input  // the name of every fuzzer's entry: others are in this program
#include "../../fuzz/zip.cpp"
#include "support/corpus.hpp"

TEST_CASE("the zip reader stands every input the fuzzer is kept with") {
  std::size_t opened = 0;
  const auto count = [&](const std::string& input) {
    try {
      const formats::ZipFile file(input, "");
      ++opened;
    } catch (const FormatError&) {
    }
  };
  CHECK(test::replay("zip", zip_fuzzer_input, count) >= 12);
  CHECK(opened >= 5);  // the seeds reach the members
}
