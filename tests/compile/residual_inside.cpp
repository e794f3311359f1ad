// SPDX-License-Identifier: MIT
// A misfit inside a Block inside a Residual is reported like any other, with its place in the flat list.
// error: ferlab: Dense takes a flat input; put Flatten before it
// gcc: Index = 2; L = Dense<10>; Shape In = Shape{12, 12, 64}
// clang: layer_fits<2, Dense<10>, Shape{12, 12, 64}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
Block block{ReLU{}, Dense<10>{}};
#else
Block block{ReLU{}, Conv2D<64, 3>{}};
#endif
Sequential net{Input<12, 12, 1>{}, Conv2D<64, 3>{}, Residual{block, BatchNorm{}}, Flatten{}, Dense<2>{}};
