// SPDX-License-Identifier: MIT
// The tutorial's callbacks: recipes.hpp trains with these numbers, the report names them.
#pragma once

namespace fer2013::tutorial_numbers {

inline constexpr float rate_factor = 0.9f;
inline constexpr int rate_patience = 3, stop_patience = 8;  ///< epochs without a lower validation loss

}  // namespace fer2013::tutorial_numbers
