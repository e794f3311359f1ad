// SPDX-License-Identifier: MIT
// Replays the fuzzer's inputs.
#include "../../fuzz/hdf5.cpp"
#include "support/corpus.hpp"

TEST_CASE("the HDF5 reader stands every input the fuzzer is kept with") {
  std::size_t opened = 0;
  const auto count = [&](const std::string& input) {
    opened += reads([&] { formats::Hdf5File(input, "fuzz.file"); });
  };
  CHECK(test::replay("hdf5", LLVMFuzzerTestOneInput, count) >= 15);
  CHECK(opened >= 6);  // the seeds reach beyond the groups
}
