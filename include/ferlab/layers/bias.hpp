// SPDX-License-Identifier: MIT
#pragma once

namespace ferlab {

/// Does a layer with a kernel add a bias? A template argument, for it decides the parameter table.
enum class Bias : bool { no, yes };

}  // namespace ferlab
