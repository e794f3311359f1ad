// SPDX-License-Identifier: MIT
// The network of the well-known fer2013 tutorial, as Keras's summary counts it: 5,905,863 parameters, 3,712 not trainable.
#pragma once

#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"

namespace tutorial {

using namespace ferlab;

inline const Sequential net{
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
    Dense<7>{}, Softmax{}};

using Net = std::remove_cvref_t<decltype(net)>;

}  // namespace tutorial
