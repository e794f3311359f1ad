// SPDX-License-Identifier: MIT
// The kernels by the emulator, where a program for a device has them by nvcc.
#include "kernels/ferlab.cu"

#include "examples/extend/leaky_relu.cuh"  // of a user's layer: own_layer.cpp
