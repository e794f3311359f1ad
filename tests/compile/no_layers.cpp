// SPDX-License-Identifier: MIT
// error: ferlab: a Sequential needs at least one layer after its Input
// gcc: Sequential<Input<48, 48, 1> >
// clang: Sequential<Input<48, 48, 1>>
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/sequential.hpp"
using namespace ferlab;

#ifdef MISTAKE
Sequential net{Input<48, 48, 1>{}};
#else
Sequential net{Input<48, 48, 1>{}, ReLU{}};
#endif
