// SPDX-License-Identifier: MIT
// error: ferlab: a Projection stands last in a Residual and nowhere else
// gcc: Residual<Projection<Conv2D<32, 1, Padding::same
// clang: Residual<Projection<Conv2D<32, 1>>, Conv2D<32, 3>>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
Residual block{Projection{Conv2D<32, 1>{}}, Conv2D<32, 3>{}};
#else
Residual block{Conv2D<32, 3>{}, Projection{Conv2D<32, 1>{}}};
#endif
Sequential net{Input<24, 24, 1>{}, block, ReLU{}};
