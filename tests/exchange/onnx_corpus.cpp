// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#include "../../fuzz/onnx.cpp"
#include "support/corpus.hpp"

TEST_CASE("the ONNX reader stands every input the fuzzer is kept with") {
  std::size_t read = 0;
  const auto count = [&](const std::string& input) {
    try {
      exchange::read_onnx(input, "");
      ++read;
    } catch (const FormatError&) {
    }
  };
  CHECK(test::replay("onnx", LLVMFuzzerTestOneInput, count) >= 8);
  CHECK(read >= 6);  // the seeds are networks
}
