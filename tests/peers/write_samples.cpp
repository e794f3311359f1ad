// SPDX-License-Identifier: MIT
// write_samples FOLDER: one file of each kind that ferlab writes, for read_back.py to read.
#include <ferlab/formats/event_file.hpp>
#include <ferlab/formats/hdf5_writer.hpp>
#include <ferlab/formats/npy.hpp>
#include <ferlab/formats/png.hpp>
#include <ferlab/layers/layers.hpp>
#include <ferlab/persistence/model_file.hpp>

#include <cmath>
#include <cstdint>
#include <ferlab/cpu/cpu.hpp>
#include <ferlab/model/model.hpp>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "samples.hpp"

using namespace ferlab;

static void write_events(const std::string& folder) {
  formats::EventFile file(folder);
  for (std::int64_t step = 0; step < 50; ++step) {
    file.scalar("epoch_loss", step, 1 / double(step + 1));
    file.scalar("epoch_accuracy", step * 1'000'000'000'000, double(step) / 50);
  }
  file.scalar("special/nan", 0, std::numeric_limits<double>::quiet_NaN());
  file.scalar("special/infinite", 0, -std::numeric_limits<double>::infinity());
  file.scalar("special/\xc3\xa9", 0, 1e-40);
  std::vector<float> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(samples::number(i));
  file.histogram("conv2d/kernel", 3, values);
  file.histogram("equal", 3, std::vector<float>(7, 0.5f));
  file.histogram("none", 3, {});
  file.histogram("wide", 3, std::vector<float>{-3e38f, 0, 1e-40f, 3e38f});
}

static void write_tensors(const std::string& path) {
  std::vector<double> f64(24);
  std::vector<float> f32(24);
  std::vector<std::uint16_t> f16(24), bf16(24);
  std::vector<std::uint8_t> u8(24);
  std::vector<std::int64_t> i64(24);
  for (std::size_t i = 0; i < 24; ++i) {
    f64[i] = samples::number(i);
    f32[i] = float(f64[i]);
    f16[i] = formats::float_to_half(f32[i]);
    bf16[i] = std::uint16_t(std::bit_cast<std::uint32_t>(float(samples::coarse(i))) >> 16);
    u8[i] = std::uint8_t(i);
    i64[i] = -std::int64_t(i);
  }
  const formats::TensorView tensors[] = {
      {"a/u8", formats::DType::U8, {24}, u8.data()},           {"f16", formats::DType::F16, {2, 12}, f16.data()},
      {"bf16", formats::DType::BF16, {24, 1}, bf16.data()},    {"f32", formats::DType::F32, {2, 3, 4}, f32.data()},
      {"f64", formats::DType::F64, {1, 24, 1, 1}, f64.data()}, {"i64", formats::DType::I64, {4, 6}, i64.data()},
      {"scalar", formats::DType::F32, {}, f32.data()},         {"empty", formats::DType::F32, {0, 3}, nullptr}};
  formats::write_safetensors(path, tensors,
                             {{"text", "two\nlines, \"quoted\", \xe2\x82\xac"}, {"no text", "\xff\xed\xa0\x80!"}});
}

static void write_hdf5(const std::string& path) {
  std::vector<float> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(samples::number(i));
  formats::Hdf5Writer writer;
  writer.dataset("weights/conv2d/conv2d/kernel:0", {2, 3, 4}, values);
  writer.dataset("weights/conv2d/conv2d/bias:0", {24}, values);
  writer.dataset("scalar", {}, std::span(values).first(1));
  writer.dataset("empty", {0, 3}, {});
  writer.group("vars");
  for (std::size_t i = 0; i < 700; ++i)
    writer.dataset("many/" + std::to_string(i), {1}, std::span(values).subspan(i % 24, 1));
  writer.attribute("/", "backend", "tensorflow");
  writer.attribute("/", "empty", "");
  writer.attribute("/", "utf8", "\xe2\x82\xac");
  writer.attribute("/", "long", std::string(200'000, 'x'));
  writer.attribute("weights", "names", std::vector<std::string>{"conv2d", "", "\xe2\x82\xac"});
  writer.attribute("weights", "no names", std::vector<std::string>{});
  writer.attribute("scalar", "name", "of an array");
  std::ofstream(path, std::ios::binary) << writer.bytes();
}

static void write_numpy(const std::string& folder) {
  std::vector<float> f32(24);
  std::vector<double> f64(24);
  std::vector<std::uint16_t> f16(24);
  std::vector<std::uint8_t> u8(24);
  std::vector<std::int64_t> i64(24);
  for (std::size_t i = 0; i < 24; ++i) {
    f64[i] = samples::number(i);
    f32[i] = float(f64[i]);
    f16[i] = formats::float_to_half(f32[i]);
    u8[i] = std::uint8_t(i);
    i64[i] = -std::int64_t(i);
  }
  const formats::TensorView arrays[] = {{"layer/f32", formats::DType::F32, {2, 3, 4}, f32.data()},
                                        {"f64", formats::DType::F64, {24}, f64.data()},
                                        {"f16", formats::DType::F16, {2, 12}, f16.data()},
                                        {"u8", formats::DType::U8, {1, 24}, u8.data()},
                                        {"i64", formats::DType::I64, {4, 6}, i64.data()},
                                        {"scalar", formats::DType::F32, {}, f32.data()},
                                        {"empty", formats::DType::F32, {0, 3}, nullptr}};
  formats::write_npz(folder + "/arrays.npz", arrays);
  formats::write_npy(folder + "/array.npy", arrays[0]);
}

static void write_models(const std::string& folder) {
  Model model{Sequential{Input<8, 8, 1>{}, Conv2D<4, 3>{}, BatchNorm{}, ReLU{}, Flatten{}, Dense<3>{}, Softmax{}},
              Cpu{}};
  for (std::size_t i = 0; i < model.parameters().size(); ++i)
    for (std::size_t k = 0; k < model.weights(i).size(); ++k) model.weights(i)[k] = float(samples::number(k + i));
  for (float& variance : model.weights("batch_norm/moving_variance")) variance = std::abs(variance);
  model.weights_changed();
  model.class_names = {"a", "b", "c"};
  model.notes["source"] = "samples";
  save_model(folder + "/model.safetensors", model);
  save_model(folder + "/half.safetensors", model, {.half = true});
}

static void write_images(const std::string& folder) {
  std::vector<std::uint8_t> pixels(200 * 150 * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = std::uint8_t(i * 7 % 251);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder + name, std::ios::binary) << bytes;
  };
  write("/colour.png", formats::encode_png(200, 150, 3, pixels));
  write("/grey.png", formats::encode_png(200, 150, 1, std::span(pixels).first(200 * 150)));
}

int main(int count, char** words) {
  if (count != 2) return 2;
  const std::string folder = words[1];
  write_events(folder + "/logs");
  write_tensors(folder + "/tensors.safetensors");
  write_hdf5(folder + "/arrays.h5");
  write_numpy(folder);
  write_models(folder);
  write_images(folder);
}
