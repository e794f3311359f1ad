// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#include "../../fuzz/csv.cpp"
#include "support/corpus.hpp"

TEST_CASE("the reader stands every input the fuzzer is kept with") {
  CHECK(ferlab::test::replay("csv", LLVMFuzzerTestOneInput, [](const std::string&) {}) >= 7);
}
