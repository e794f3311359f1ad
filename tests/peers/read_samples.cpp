// SPDX-License-Identifier: MIT
// read_samples FILE: reads what Python's safetensors wrote (read_back.py says what) and compares every value.
#include <ferlab/formats/safetensors.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "samples.hpp"

using namespace ferlab;

static int failures = 0;
static void check(bool truth, const std::string& what) {
  if (truth) return;
  std::fprintf(stderr, "read_samples: %s\n", what.c_str());
  ++failures;
}

int main(int count, char** words) try {
  if (count != 2) return 2;
  const formats::SafetensorsFile file(words[1]);
  check(file.tensors().size() == 6, "expected 6 tensors, got " + std::to_string(file.tensors().size()));
  check(file.require_metadata("text") == "two\nlines, \"quoted\", \xe2\x82\xac", "the metadata differ");
  const std::size_t shape[] = {2, 3, 4};
  const std::pair<const char*, formats::DType> kinds[] = {{"f64", formats::DType::F64},
                                                          {"f32", formats::DType::F32},
                                                          {"f16", formats::DType::F16},
                                                          {"bf16", formats::DType::BF16}};
  for (const auto& [name, type] : kinds) {
    const formats::TensorView& tensor = file.require(name, shape);
    check(tensor.dtype == type, std::string(name) + " has another type");
    std::vector<double> values(24);
    formats::convert(file, tensor, std::span<double>(values));
    for (std::size_t i = 0; i < values.size(); ++i)
      check(values[i] == (type == formats::DType::BF16 ? samples::coarse(i) : samples::number(i)),
            std::string(name) + "[" + std::to_string(i) + "] is " + std::to_string(values[i]));
  }
  check(file.require("scalar", {}).elements() == 1, "a scalar has one element");
  const std::size_t empty[] = {0, 3};
  check(file.require("empty", empty).bytes() == 0, "an empty tensor has no bytes");
  return failures == 0 ? 0 : 1;
} catch (const Error& error) {
  std::fprintf(stderr, "read_samples: %s\n", error.what());
  return 1;
}
