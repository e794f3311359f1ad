// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#define LLVMFuzzerTestOneInput hdf5_fuzzer_input  // the name of every fuzzer's entry: others are in this program
#include "../../fuzz/hdf5.cpp"
#include "support/corpus.hpp"

TEST_CASE("the HDF5 reader stands every input the fuzzer is kept with") {
  std::size_t opened = 0;
  const auto count = [&](const std::string& input) { opened += reads([&] { formats::Hdf5File(input, "fuzz.file"); }); };
  CHECK(test::replay("hdf5", hdf5_fuzzer_input, count) >= 15);
  CHECK(opened >= 6);  // the seeds reach beyond the groups
}
