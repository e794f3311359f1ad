// SPDX-License-Identifier: MIT
// Every callback. What a callback is: train/callback_list.hpp.
#pragma once

#include "ferlab/callbacks/backup_and_restore.hpp"
#include "ferlab/callbacks/csv_logger.hpp"
#include "ferlab/callbacks/early_stopping.hpp"
#include "ferlab/callbacks/lambda_callback.hpp"
#include "ferlab/callbacks/model_checkpoint.hpp"
#include "ferlab/callbacks/reduce_lr_on_plateau.hpp"
#include "ferlab/callbacks/tensor_board.hpp"
