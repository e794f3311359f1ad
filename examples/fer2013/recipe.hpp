// SPDX-License-Identifier: MIT
// The numbers of both ways to train: train.cpp uses them, the report names them.
#pragma once

namespace fer2013::recipe {

inline constexpr float label_smoothing = 0.1f;  ///< the default way's

// The tutorial's, in epochs without a lower validation loss.
inline constexpr float rate_factor = 0.9f;
inline constexpr int rate_patience = 3, stop_patience = 8;

}  // namespace fer2013::recipe
