// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#define LLVMFuzzerTestOneInput exchange_fuzzer_input  // the name of every fuzzer's entry: another is in this program
#include "../../fuzz/exchange.cpp"
#include "support/corpus.hpp"

TEST_CASE("the readers of other programs' models stand every input the fuzzer is kept with") {
  std::size_t read = 0;
  const auto count = [&](const std::string& input) {
    try {
      read_network(input, "");
      ++read;
    } catch (const FormatError&) {
    }
  };
  CHECK(test::replay("exchange", LLVMFuzzerTestOneInput, count) >= 10);
  CHECK(read >= 6);  // the seeds are whole files
}
