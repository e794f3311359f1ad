// SPDX-License-Identifier: MIT
// error: ferlab: Dense takes a flat input; put Flatten before it
// gcc: Index = 4; L = Dense<7>; Shape In = Shape{23, 23, 64}
// clang: layer_fits<4, Dense<7>, Shape{23, 23, 64}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

Sequential net{Input<48, 48, 1>{},
               Conv2D<64, 3, Padding::valid>{},
               ReLU{},
               Conv2D<64, 3>{},
               MaxPool<2>{},
#ifndef MISTAKE
               Flatten{},
#endif
               Dense<7>{},
               Softmax{}};
