// SPDX-License-Identifier: MIT
// The network as network.js calls it. Bytes and pixels pass through one buffer, numbers as pointers into this program's memory.
#include <emscripten/emscripten.h>

#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/resize.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../fer2013/nets.hpp"

namespace {

using namespace ferlab;

constexpr int side = 48;
using Net = decltype(fer2013::compact_net());
using Faces = Model<Net, Cpu>;

std::vector<std::uint8_t> buffer;  // what the page hands over, or gets; only ever grows
std::optional<Faces> model;
std::optional<Workspace<Faces>> workspace;
std::string names, why;

/// Red, green, blue and what is not looked at, as a canvas has them, made grey.
formats::Picture grey_picture(int width, int height) {
  formats::Picture picture{width, height, 1, std::vector<std::uint8_t>(std::size_t(width) * std::size_t(height))};
  const std::uint8_t* rgba = buffer.data();
  for (std::uint8_t& grey : picture.pixels) {
    grey = formats::grey_of(rgba[0], rgba[1], rgba[2]);
    rgba += 4;
  }
  return picture;
}

}  // namespace

extern "C" {

/// The buffer, with room for `size` bytes.
EMSCRIPTEN_KEEPALIVE std::uint8_t* room_for(int size) {
  buffer.resize(std::max(buffer.size(), std::size_t(size)));
  return buffer.data();
}

/// Takes `size` bytes of the buffer as a model file. Null, or what is wrong with it.
EMSCRIPTEN_KEEPALIVE const char* load(int size) {
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(buffer.data()), std::size_t(size));
    Faces loaded(fer2013::compact_net(), Cpu{1});
    load_model(formats::SafetensorsFile(bytes, "the weights"), loaded);
    model.emplace(std::move(loaded));
    workspace.emplace(*model, 1);
    names.clear();
    for (const std::string& name : model->class_names) names += name + "\n";
    return nullptr;
  } catch (const Error& error) {
    why = error.what();
    return why.c_str();
  }
}

/// Each followed by a line break.
EMSCRIPTEN_KEEPALIVE const char* class_names() { return names.c_str(); }

/// The seven probabilities of the picture in the buffer, RGBA. There is then the 48 x 48 grey face that the network saw.
EMSCRIPTEN_KEEPALIVE const float* predict_picture(int width, int height) {
  const std::vector<std::uint8_t> face = datasets::resize(grey_picture(width, height), side, side);
  std::copy(face.begin(), face.end(), room_for(side * side));
  return predict(*model, *workspace, face).data();
}

/// In the buffer: the first of the built-in faces of that seed, 48 x 48, grey. Its class.
EMSCRIPTEN_KEEPALIVE int draw_face(int seed) {
  const auto faces = datasets::make_faces({.count = 1, .seed = std::uint64_t(seed), .size = side});
  std::copy(faces.image(0).begin(), faces.image(0).end(), room_for(side * side));
  return faces.label(0);
}
}
