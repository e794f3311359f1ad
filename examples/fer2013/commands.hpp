// SPDX-License-Identifier: MIT
// The subcommands of fer2013 and what each is told. main.cpp fills these in from the command line; each command has a
// file of its own. A command returns the exit status, and throws ferlab::Error (or Usage errors below) for main to
// print as one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fer2013 {

/// Words that mean the same to every command that takes them.
struct Common {
  std::string data;    ///< --data: the CSV or the folder; empty: the built-in faces
  std::string model;   ///< --model FILE: the weights
  std::string usage;   ///< --usage Training|PublicTest|PrivateTest; empty: see the command
  std::string output;  ///< --output DIR
  std::uint64_t seed = 42;
  int threads = 0;                 ///< 0: all cores
  std::string device = "cpu";      ///< or "cuda"
  std::string precision = "bf16";  ///< of "cuda": bf16, tf32 or fp32
  int faces = 10000;               ///< how many built-in faces
  bool json = false;
  bool skip_bad_rows = false;
  std::string preprocessing;        ///< --preprocessing: of a model file that does not say it; empty: as the file says
  std::vector<std::string> labels;  ///< --labels: what labels 0, 1, ... mean; empty: as in FER2013
};

struct TrainOptions : Common {
  std::string net = "compact";
  int epochs = 0;  ///< 0: the net's default
  int batch_size = 64;
  float learning_rate = 0;  ///< 0: the net's default
  bool tutorial = false;
  bool augmentation = true;  ///< never with tutorial
  bool dropout = true;
  std::optional<float> l2;       ///< of every kernel; none: what the net has of its own
  float label_smoothing = 0.1f;  ///< 0 with tutorial
  bool constant_learning_rate = false;
  bool resume = false;
  double save_freq_seconds = 60;
  bool half = false;  ///< weights as F16
  bool quiet = false;
};

struct PredictOptions : Common {
  std::vector<std::string> images;
};

struct DemoOptions : Common {
  int camera = 0;
  std::string video;
  std::vector<std::string> images;
  std::string detector;    ///< a cascade file, or "whole": the whole picture is one face
  float margin = 0.1f;     ///< added around a detected face, as a share of its size
  float threshold = 0.4f;  ///< below this the label is "unsure"
  float smoothing = 0.6f;  ///< share of the past in the probabilities of a face that stays
  int max_frames = 0;      ///< 0: until the end, or q
};

struct ExportOptions : Common {
  std::string to;  ///< keras, h5, onnx or safetensors
  bool with_preprocessing = false;
  bool uint8 = false;  ///< of onnx
};

struct ImportOptions : Common {
  std::string file;
};

struct CompareOptions {
  std::vector<std::string> folders;
  std::string output;  ///< a folder for charts; empty: none
};

int train(const TrainOptions& options);
int evaluate(const Common& options);
int predict(const PredictOptions& options);
int compare(const CompareOptions& options);
int describe(const Common& options);
int summary(const std::string& net);
int faces(const Common& options);
int demo(const DemoOptions& options);
int export_model(const ExportOptions& options);
int import_model(const ImportOptions& options);
int inspect(const std::string& file);

}  // namespace fer2013
