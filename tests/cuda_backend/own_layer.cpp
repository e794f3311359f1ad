// SPDX-License-Identifier: MIT
// A layer from outside of the library with kernels of its own, in whole trainings.
#include "cuda_backend/small_trainings.hpp"
#include "examples/extend/leaky_relu_cuda.hpp"

using namespace small;

TEST_CASE("A user's layer trains on the device as on the CPU, in every precision") {
  const Sequential net{Input<10, 10, 1>{},
                       Conv2D<8, 3>{},
                       mine::LeakyReLU{},
                       MaxPool<2>{},
                       Flatten{},
                       Dense<9>{},
                       mine::LeakyReLU{.negative_slope = 0.1f},
                       Dense<3>{},
                       Softmax{}};
  const SGD sgd{.learning_rate = 0.01f, .momentum = 0.9f};
  const Outcome expected = outcome(Cpu{1}, sgd, net);
  compare(outcome(Cuda<Precision::fp32>{}, sgd, net), expected, 1e-5);
  compare(outcome(Cuda<Precision::tf32>{}, sgd, net), expected, tf32_bound);
  compare(outcome(Cuda{}, sgd, net), expected, 3e-2);
}
