// SPDX-License-Identifier: MIT
// The index is that of the sum, counted as a layer: one after the last layer of the body.
// error: ferlab: a Residual's two branches must end in the same shape; add a Projection or change the body
// gcc: Index = 4; Shape Body = Shape{24, 24, 32}; Shape Skip = Shape{24, 24, 64}
// clang: residual_fits<4, Shape{24, 24, 32}, Shape{24, 24, 64}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
Residual block{Conv2D<32, 3>{}, ReLU{}};
#else
Residual block{Conv2D<32, 3>{}, ReLU{}, Projection{Conv2D<32, 1>{}}};
#endif
Sequential net{Input<24, 24, 1>{}, Conv2D<64, 3>{}, ReLU{}, block, ReLU{}};
