// SPDX-License-Identifier: MIT
#include "nets.hpp"
#include "recipes.hpp"
#include "train_net.hpp"

namespace fer2013 {

int train_compact(const TrainOptions& options) {
  return with_backend(options,
                      [&](const auto& backend) { return train_net<DefaultRecipe>(options, compact_net(), backend); });
}

}  // namespace fer2013
