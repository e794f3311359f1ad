// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#include "../../fuzz/safetensors.cpp"
#include "support/corpus.hpp"

TEST_CASE("the safetensors reader stands every input the fuzzer is kept with") {
  std::size_t read = 0;
  const auto count = [&](const std::string& input) {
    try {
      const formats::SafetensorsFile file(input, "");
      ++read;
    } catch (const FormatError&) {
    }
  };
  CHECK(test::replay("safetensors", LLVMFuzzerTestOneInput, count) >= 10);
  CHECK(read >= 3);  // the seeds reach beyond the header's checks
}
