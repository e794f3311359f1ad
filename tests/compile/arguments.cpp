// SPDX-License-Identifier: MIT
// A layer's own arguments are checked before any shape reaches it.
// error: ferlab: Conv2D needs positive filters, kernel size and stride
// gcc: Conv2D<0, 3>
// clang: Conv2D<0, 3>
#include "ferlab/layers/layers.hpp"
using namespace ferlab;

#ifdef MISTAKE
Conv2D<0, 3> layer;
#else
Conv2D<1, 3> layer;
#endif
