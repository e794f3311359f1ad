// SPDX-License-Identifier: MIT
// Every op of include/ferlab/ops has a run() on the CUDA backend, in every precision. That the list of them is whole
// is tested in tests/ops/.
#include "ops/all_ops.hpp"

#include <ferlab/cuda.hpp>

namespace {

using ferlab::Cuda, ferlab::Precision;
using namespace op_test;

static_assert(all_run<Cuda<Precision::bf16>, float>(AllOps{}));
static_assert(all_run<Cuda<Precision::tf32>, float>(AllOps{}));
static_assert(all_run<Cuda<Precision::fp32>, float>(AllOps{}));

}  // namespace
