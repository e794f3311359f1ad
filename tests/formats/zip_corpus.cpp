// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
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
  CHECK(test::replay("zip", LLVMFuzzerTestOneInput, count) >= 12);
  CHECK(opened >= 5);  // the seeds reach the members
}
