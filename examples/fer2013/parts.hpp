// SPDX-License-Identifier: MIT
// Which rows a net is trained on, chosen on and tested on.
#pragma once

#include <ferlab/data/dataset.hpp>

#include <string>

namespace fer2013 {

struct Parts {
  ferlab::data::Dataset training, validation, test;
  std::string chosen_on;  ///< what the validation rows are called
};

/// Training on Training, the model chosen on PublicTest, PrivateTest untouched. Without PublicTest a tenth
/// of Training is set aside to choose the model on; without any Usage two are, one to choose on and one to test on.
/// Throws DataError where there are Usages, but none to train on.
Parts official_split(const ferlab::data::Dataset& all, bool is_folder);

/// The tutorial ignores Usage and splits twice at random.
Parts tutorial_split(const ferlab::data::Dataset& all);

}  // namespace fer2013
