// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#define LLVMFuzzerTestOneInput picture_fuzzer_input  // the name of every fuzzer's entry: another is in this program
#include "../../fuzz/picture.cpp"
#include "support/corpus.hpp"

TEST_CASE("the readers of pictures stand every input the fuzzer is kept with") {
  std::size_t known = 0;
  const auto count = [&](const std::string& input) { known += picture_size(input).height == 6; };
  CHECK(test::replay("picture", picture_fuzzer_input, count) >= 11);
  CHECK(known >= 4);  // the seeds reach beyond the first bytes
}
