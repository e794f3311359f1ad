// SPDX-License-Identifier: MIT
// The CUDA backend: Model model{net, Cuda{}}. Needs the CMake target ferlab::cuda, which has nvcc compile the kernels.
#pragma once

#include "ferlab/cuda/batch_norm.hpp"
#include "ferlab/cuda/batch_source.hpp"
#include "ferlab/cuda/bias.hpp"
#include "ferlab/cuda/context.hpp"
#include "ferlab/cuda/conv2d.hpp"
#include "ferlab/cuda/copy.hpp"
#include "ferlab/cuda/crossentropy.hpp"
#include "ferlab/cuda/dense.hpp"
#include "ferlab/cuda/elementwise.hpp"
#include "ferlab/cuda/pools.hpp"
#include "ferlab/cuda/recorder.hpp"
#include "ferlab/cuda/step.hpp"
#include "ferlab/cuda/step_runner.hpp"
#include "ferlab/ferlab.hpp"
#include "ferlab/model/common_fusions.hpp"
