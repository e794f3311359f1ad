// SPDX-License-Identifier: MIT
// The Eigen backend, and Eigen matrices where pixels, outputs and weights go in and out.
#include <ferlab/eigen.hpp>

#include <iostream>

int main() {
  using namespace ferlab;

  // A picture in each row: four pixels, the left half or the right half bright. Any order in memory will do.
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 4> pictures(200, 4);
  Eigen::VectorXi labels(200);
  for (int i = 0; i < 200; ++i) {
    labels(i) = i % 2;
    pictures.row(i).setConstant(std::uint8_t(i % 90));
    pictures.row(i).segment<2>(2 * labels(i)).array() += std::uint8_t(100);
  }
  const auto data = data::from_matrix({1, 4, 1}, pictures, labels, {"left", "right"});

  Model model{Sequential{Input<1, 4, 1>{}, Flatten{}, Dense<8>{}, ReLU{}, Dense<2>{}, Softmax{}}, EigenCpu{}};
  fit(model, Adam{.learning_rate = 1e-2f}, CategoricalCrossentropy{}, data, {.epochs = 30, .progress = Progress::none});

  Workspace workspace{model, 2};
  std::cout << "probabilities of the first two pictures:\n"
            << predict(model, workspace, pictures.topRows(2)) << "\nthe last layer's weights:\n"
            << map_weights(model, "dense_1/kernel") << '\n';

  set_weights(model, "dense_1/bias", Eigen::RowVector2f(5, 0));  // in favour of the left
  std::cout << "with another bias:\n" << predict(model, workspace, pictures.topRows(2)) << '\n';
}
