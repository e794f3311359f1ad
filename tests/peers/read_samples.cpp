// SPDX-License-Identifier: MIT
// read_samples FOLDER: reads what Python's safetensors, h5py and numpy wrote (read_back.py says what) and compares
// every value.
#include <ferlab/formats/hdf5.hpp>
#include <ferlab/formats/npy.hpp>
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

static void read_safetensors(const std::string& path) {
  const formats::SafetensorsFile file(path);
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
}

static void read_hdf5(const std::string& path) {
  const formats::Hdf5File file(path);
  const formats::Hdf5Group group = *file.root().group("weights/layer");
  const std::pair<const char*, formats::DType> kinds[] = {
      {"f64", formats::DType::F64}, {"f32", formats::DType::F32}, {"f16", formats::DType::F16}};
  for (const auto& [name, type] : kinds) {
    const formats::Hdf5Dataset dataset = *group.dataset(name);
    check(dataset.dtype == type && dataset.shape == std::vector<std::size_t>{2, 3, 4},
          std::string(name) + " is another");
    std::vector<double> values(24);
    formats::convert(file, dataset, std::span<double>(values));
    for (std::size_t i = 0; i < values.size(); ++i)
      check(values[i] == samples::number(i), dataset.path + ": " + std::to_string(values[i]));
  }
  check(file.root().dataset("scalar")->elements() == 1, "a scalar has one element");
  check(file.root().dataset("empty")->elements() == 0, "an empty array has no elements");
  check(file.root().dataset("step")->dtype == formats::DType::I64, "whole numbers have their type");
  check(file.root().group("many")->names().size() == 700, "a group may have many members");
  for (int i = 0; i < 700; ++i)
    check(file.root().dataset("many/" + std::to_string(i)).has_value(), "a group's member is there");

  const std::vector<std::string> names = {"conv2d", "", "\xe2\x82\xac"};
  for (const char* name : {"fixed", "variable"}) {
    check(group.attribute(name)->strings == names, std::string(name) + " texts differ");
    check(file.root().attribute(std::string(name) + " text")->strings[0] == names[2],
          std::string(name) + " text differs");
  }
  check(file.root().attribute("long")->strings[0] == std::string(200'000, 'x'), "a long text differs");
  check(group.attribute("no names")->numbers.empty(), "an empty list is empty");
  check(group.attribute("numbers")->numbers == std::vector<double>{1, -2, 3}, "numbers differ");
  check(group.dataset("f32")->attribute("name")->strings[0] == "f32", "an array's attribute differs");
}

static void read_numpy(const std::string& path) {
  const auto arrays = formats::read_npz(path);
  check(arrays.size() == 5, "expected 5 arrays, got " + std::to_string(arrays.size()));
  for (const char* name : {"f64", "f32", "f16"}) {
    const formats::NpyArray& array = arrays.at(name);
    check(array.shape == std::vector<std::size_t>{2, 3, 4}, std::string(name) + " has another shape");
    std::vector<double> values(24);
    formats::convert(array, name, std::span<double>(values));
    for (std::size_t i = 0; i < values.size(); ++i)
      check(values[i] == samples::number(i), std::string(name) + ": " + std::to_string(values[i]));
  }
  check(arrays.at("layer/u8").dtype == formats::DType::U8 && arrays.at("layer/u8").bytes == "abc", "bytes differ");
  check(arrays.at("zeros").bytes == std::string(100'000, '\0'), "zeros differ");
}

int main(int count, char** words) try {
  if (count != 2) return 2;
  const std::string folder = words[1];
  read_safetensors(folder + "/python.safetensors");
  for (const char* name : {"python.h5", "oldest.h5"}) read_hdf5(folder + "/" + name);
  for (const char* name : {"python.npz", "compressed.npz"}) read_numpy(folder + "/" + name);
  return failures == 0 ? 0 : 1;
} catch (const Error& error) {
  std::fprintf(stderr, "read_samples: %s\n", error.what());
  return 1;
}
