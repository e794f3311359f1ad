// SPDX-License-Identifier: MIT
// All kernels as programs of an ordinary compiler see them: for each op a struct of what it is given, and run(stream,
// op), which kernels/ferlab.cu has nvcc make, S being float or bfloat16. Nothing of CUDA is included.
#pragma once

#include "kernels/accuracy.hpp"
#include "kernels/add.hpp"
#include "kernels/augment_batch.hpp"
#include "kernels/average_pool.hpp"
#include "kernels/batch_norm.hpp"
#include "kernels/batch_norm_max_pool_dropout.hpp"
#include "kernels/bias.hpp"
#include "kernels/conv2d.hpp"
#include "kernels/dropout.hpp"
#include "kernels/fill_batch.hpp"
#include "kernels/max_pool.hpp"
#include "kernels/optimizers.hpp"
#include "kernels/penalties.hpp"
#include "kernels/relu.hpp"
#include "kernels/softmax_crossentropy.hpp"
#include "kernels/step_state.hpp"
