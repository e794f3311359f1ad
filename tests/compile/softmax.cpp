// SPDX-License-Identifier: MIT
// error: ferlab: Softmax takes a flat input; put Flatten or GlobalAveragePool before it
// gcc: Index = 1; L = Softmax; Shape In = Shape{48, 48, 7}
// clang: layer_fits<1, Softmax, Shape{48, 48, 7}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

Sequential net{Input<48, 48, 1>{}, Conv2D<7, 3>{},
#ifndef MISTAKE
               GlobalAveragePool{},
#endif
               Softmax{}};
