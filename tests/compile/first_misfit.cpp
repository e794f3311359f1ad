// SPDX-License-Identifier: MIT
// Of several misfits the first is reported; what follows it is not.
// error: ferlab: Conv2D's kernel is larger than the image; use Padding::same or a smaller kernel
// gcc: Index = 0; L = Conv2D<4, 9, Padding::valid>; Shape In = Shape{8, 8, 3}
// clang: layer_fits<0, Conv2D<4, 9, Padding::valid>, Shape{8, 8, 3}>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
Sequential net{Input<8, 8, 3>{}, Conv2D<4, 9, Padding::valid>{}, Dense<2>{}, MaxPool<9>{}};
#else
Sequential net{Input<8, 8, 3>{}, Conv2D<4, 8, Padding::valid>{}, Dense<2>{}, Softmax{}};
#endif
