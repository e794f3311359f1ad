// SPDX-License-Identifier: MIT
// The CPU backend: its context, every op, and the layers it runs as one.
#pragma once

#include "ferlab/cpu/adam.hpp"
#include "ferlab/cpu/add.hpp"
#include "ferlab/cpu/average_pool.hpp"
#include "ferlab/cpu/batch_norm.hpp"
#include "ferlab/cpu/bias.hpp"
#include "ferlab/cpu/context.hpp"
#include "ferlab/cpu/conv2d.hpp"
#include "ferlab/cpu/copy.hpp"
#include "ferlab/cpu/crossentropy.hpp"
#include "ferlab/cpu/dense.hpp"
#include "ferlab/cpu/dropout.hpp"
#include "ferlab/cpu/batch_norm_max_pool_dropout.hpp"
#include "ferlab/cpu/max_pool.hpp"
#include "ferlab/cpu/penalties.hpp"
#include "ferlab/cpu/reductions.hpp"
#include "ferlab/cpu/relu.hpp"
#include "ferlab/cpu/sgd.hpp"
#include "ferlab/cpu/softmax.hpp"
#include "ferlab/cpu/step.hpp"
#include "ferlab/model/common_fusions.hpp"
