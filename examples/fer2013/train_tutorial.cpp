// SPDX-License-Identifier: MIT
#include "nets.hpp"
#include "recipes.hpp"
#include "train_net.hpp"

namespace fer2013 {

int train_tutorial(const TrainOptions& options) {
  return with_backend(options, [&](const auto& backend) {
    return options.tutorial ? train_net<TutorialRecipe>(options, tutorial_net(), backend)
                            : train_net<DefaultRecipe>(options, tutorial_net(), backend);
  });
}

}  // namespace fer2013
