// SPDX-License-Identifier: MIT
// error: ferlab: a Sequential begins with Input<height, width, channels>
// gcc: Sequential<Conv2D<64, 3>, ReLU>
// clang: Sequential<Conv2D<64, 3>, ReLU>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

Sequential net{
#ifndef MISTAKE
    Input<48, 48, 1>{},
#endif
    Conv2D<64, 3>{}, ReLU{}};
