// SPDX-License-Identifier: MIT
// The two networks of this example.
#pragma once

#include <ferlab/ferlab.hpp>

namespace fer2013 {

using namespace ferlab;

/// The network of the Keras tutorial, as it stands there: 5.9 million weights, 0.79 GFLOP a face.
// clang-format off
inline auto tutorial_net() {
  return Sequential{
      Input<48, 48, 1>{},
      Conv2D<64, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}}, ReLU{},
      Conv2D<64, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},

      Conv2D<128, 3>{}, ReLU{}, BatchNorm{}, Conv2D<128, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},
      Conv2D<256, 3>{}, ReLU{}, BatchNorm{}, Conv2D<256, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},
      Conv2D<512, 3>{}, ReLU{}, BatchNorm{}, Conv2D<512, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},

      Flatten{},
      Dense<512>{}, ReLU{}, Dropout{0.4f},
      Dense<256>{}, ReLU{}, Dropout{0.4f},
      Dense<128>{}, ReLU{}, Dropout{0.5f},
      Dense<7>{}, Softmax{},
  };
}

/// A twentieth of the weights and of the work: a laptop's CPU trains it in minutes.
inline auto compact_net() {
  return Sequential{
      Input<48, 48, 1>{},
      Conv2D<16, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{},
      Conv2D<32, 3>{}, ReLU{}, BatchNorm{}, Conv2D<32, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.2f},
      Conv2D<64, 3>{}, ReLU{}, BatchNorm{}, Conv2D<64, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.3f},
      Conv2D<128, 3>{}, ReLU{}, BatchNorm{}, Conv2D<128, 3>{}, ReLU{}, BatchNorm{},
      GlobalAveragePool{}, Dropout{0.5f}, Dense<7>{}, Softmax{},
  };
}

// clang-format on

// What the tutorial's model.summary() prints.
static_assert(parameter_table<decltype(tutorial_net())>.trainable + parameter_table<decltype(tutorial_net())>.frozen ==
              5'905'863);
static_assert(parameter_table<decltype(tutorial_net())>.frozen == 3'712);

}  // namespace fer2013
