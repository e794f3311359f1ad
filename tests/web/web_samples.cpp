// SPDX-License-Identifier: MIT
// web_samples MODEL FOLDER: pictures for the page, and what this program, compiled for this machine, says of them.
//   samples.json    the rest, with probabilities
//   picture.rgba    a picture in colour, as a canvas has it
//   face.png        a drawn face, made larger
//   faces.y4m       a video for the browser's stand-in for a camera: twelve such faces side by side
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/resize.hpp>
#include <ferlab/formats/atomic_file.hpp>
#include <ferlab/formats/png.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "examples/fer2013/nets.hpp"

using namespace ferlab;
using Pixels = std::vector<std::uint8_t>;

constexpr int side = 48, times = 3, large = side * times;                   // a pixel becomes times x times
constexpr int columns = 4, rows = 3, slot = 160, margin = (slot - large) / 2;  // of the video: 640 x 480

static void write(const std::string& path, std::string_view bytes) {
  formats::AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}
static std::string_view text(const Pixels& pixels) {
  return {reinterpret_cast<const char*>(pixels.data()), pixels.size()};
}

struct Face {
  int seed;
  Pixels pixels;
  std::vector<float> probabilities;
};
using Chosen = std::vector<Face>;

/// Faces that the net is sure of, at most two of a kind: what the camera's path makes of their greys changes no label.
template <class Predict>
static Chosen choose_faces(const Predict& predict) {
  Chosen chosen;
  std::map<std::ptrdiff_t, int> of_label;
  for (int seed = 1; seed < 5000 && chosen.size() < columns * rows; ++seed) {
    const auto faces = datasets::make_faces({.count = 1, .seed = std::uint64_t(seed)});
    const Pixels pixels(faces.image(0).begin(), faces.image(0).end());
    const std::vector<float> found = predict(pixels);
    const auto most = std::max_element(found.begin(), found.end());
    if (*most > 0.75f && of_label[most - found.begin()]++ < 2) chosen.push_back({seed, pixels, found});
  }
  return chosen;
}

/// Sets the face's pixels, each times x times, from (x, y) on.
static void paint(const Face& face, int x, int y, int width, std::uint8_t* picture) {
  for (int row = 0; row < large; ++row)
    for (int column = 0; column < large; ++column)
      picture[(y + row) * width + x + column] = face.pixels[std::size_t(row / times * side + column / times)];
}

/// Luma as a camera has it, 16 to 235; no colour.
static std::string video(const Pixels& picture, int width, int height) {
  std::string frame = "FRAME\n";
  for (const std::uint8_t grey : picture) frame += char(16 + (grey * 219 + 127) / 255);
  frame.append(picture.size() / 2, char(128));
  std::string all = "YUV4MPEG2 W" + std::to_string(width) + " H" + std::to_string(height) + " F30:1 Ip A1:1 C420jpeg\n";
  for (int i = 0; i < 15; ++i) all += frame;
  return all;
}

/// 131 x 97, of three channels that have nothing in common.
static formats::Picture colour_picture() {
  formats::Picture picture{131, 97, 3, {}};
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x)
      for (const int value : {x * 255 / 130, y * 255 / 96, (x * y) % 256}) picture.pixels.push_back(std::uint8_t(value));
  return picture;
}
static Pixels to_rgba(const formats::Picture& picture) {
  Pixels rgba;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    rgba.push_back(picture.pixels[i]);
    if (i % 3 == 2) rgba.push_back(255);
  }
  return rgba;
}

static void write_samples(const std::string& weights, const std::string& folder) {
  Model model{fer2013::compact_net(), Cpu{1}};
  load_model(weights, model);
  Workspace workspace{model, 1};
  const auto predict = [&](const Pixels& pixels) {
    const auto found = ferlab::predict(model, workspace, pixels);
    return std::vector<float>(found.begin(), found.end());
  };
  const Chosen chosen = choose_faces(predict);
  nlohmann::json faces = nlohmann::json::array();
  const int width = columns * slot, height = rows * slot;
  Pixels mosaic(std::size_t(width * height), 128);
  for (const Face& face : chosen) {
    const int i = int(faces.size()), x = i % columns * slot + margin, y = i / columns * slot + margin;
    paint(face, x, y, width, mosaic.data());
    faces.push_back({{"seed", face.seed}, {"pixels", face.pixels}, {"probabilities", face.probabilities}, {"x", x}, {"y", y},
                     {"size", large}});
  }
  write(folder + "/faces.y4m", video(mosaic, width, height));

  Pixels enlarged(large * large);
  paint(chosen.at(0), 0, 0, large, enlarged.data());
  write(folder + "/face.png", formats::encode_png(large, large, 1, enlarged));

  const formats::Picture colour = colour_picture();
  write(folder + "/picture.rgba", text(to_rgba(colour)));
  const Pixels grey = datasets::resize(formats::with_channels(colour, 1), side, side);
  const nlohmann::json picture = {{"width", colour.width}, {"height", colour.height}, {"probabilities", predict(grey)}};
  write(folder + "/samples.json",
        nlohmann::json{{"names", model.class_names}, {"faces", faces}, {"picture", picture}}.dump());
}

int main(int count, char** words) {
  if (count != 3) return std::fputs("usage: web_samples MODEL FOLDER\n", stderr), 2;
  write_samples(words[1], words[2]);
}
