// SPDX-License-Identifier: MIT
// A fuzzer's inputs: the seeds, and whatever it found that once broke what it tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace ferlab::test {

/// Gives each input of fuzz/corpus/<name> to the fuzzer's `entry`, then to also(input). Returns how many there were.
std::size_t replay(const std::string& name, int (*entry)(const std::uint8_t*, std::size_t), const auto& also) {
  std::size_t replayed = 0;
  for (const auto& file : std::filesystem::directory_iterator(FERLAB_CORPUS "/" + name)) {
    CAPTURE(file.path().string());
    const std::string input = read_file(file.path().string());
    CHECK(entry(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()) == 0);
    also(input);
    ++replayed;
  }
  return replayed;
}

}  // namespace ferlab::test
