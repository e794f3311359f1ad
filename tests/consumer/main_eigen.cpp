// SPDX-License-Identifier: MIT
// A program outside ferlab that trains through Eigen and predicts from a matrix.
#include <Eigen/Dense>  // the user's own, before ferlab's
#include <cstdio>
#include <cstdlib>
#include <ferlab/datasets/faces.hpp>
#include <ferlab/eigen.hpp>

#include "net.hpp"

int main() {
  using namespace ferlab;
  const data::Dataset faces = datasets::make_faces({.count = 60});
  Model model{make_model().net, EigenCpu{}};
  const History history =
      fit(model, Adam{}, CategoricalCrossentropy{}, faces, {.epochs = 2, .progress = Progress::none});
  const auto pixels = faces.image(0);
  const Eigen::VectorX<std::uint8_t> face =
      Eigen::Map<const Eigen::VectorX<std::uint8_t>>(pixels.data(), Eigen::Index(pixels.size()));
  Workspace workspace{model, 1};
  const float sum = predict(model, workspace, face.transpose()).sum();
  std::printf("loss %.3f, then %.3f; the probabilities of one face add up to %.3f\n", history.epochs[0].loss,
              history.epochs[1].loss, double(sum));
  return history.epochs[1].loss < history.epochs[0].loss && sum > 0.999f && sum < 1.001f ? EXIT_SUCCESS : EXIT_FAILURE;
}
