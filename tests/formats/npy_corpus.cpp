// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#define LLVMFuzzerTestOneInput npy_fuzzer_input  // the name of every fuzzer's entry: others are in this program
#include "../../fuzz/npy.cpp"
#include "support/corpus.hpp"

TEST_CASE("the reader of numpy's files stands every input the fuzzer is kept with") {
  std::size_t read = 0;
  const auto count = [&](const std::string& input) {
    try {
      formats::decode_npy(input, "");
      ++read;
    } catch (const FormatError&) {
    }
  };
  CHECK(test::replay("npy", npy_fuzzer_input, count) >= 12);
  CHECK(read >= 5);
}
