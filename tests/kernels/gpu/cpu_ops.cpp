// SPDX-License-Identifier: MIT
#define FERLAB_CPU_OP template
#include "kernels/gpu/cpu_ops.hpp"
