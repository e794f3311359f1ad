// SPDX-License-Identifier: MIT
// Every layer.
#pragma once

#include "ferlab/layers/average_pool.hpp"
#include "ferlab/layers/batch_norm.hpp"
#include "ferlab/layers/conv2d.hpp"
#include "ferlab/layers/dense.hpp"
#include "ferlab/layers/dropout.hpp"
#include "ferlab/layers/flatten.hpp"
#include "ferlab/layers/global_average_pool.hpp"
#include "ferlab/layers/input.hpp"
#include "ferlab/layers/max_pool.hpp"
#include "ferlab/layers/relu.hpp"
#include "ferlab/layers/softmax.hpp"
