// SPDX-License-Identifier: MIT
// The CPU through Eigen: Model model{net, EigenCpu{}}; and Eigen matrices where pixels, outputs and weights go in and
// out. Needs Eigen 3.4 on the include path; the CMake target is ferlab::eigen.
#pragma once

#include "ferlab/eigen/eigen.hpp"
#include "ferlab/eigen/map.hpp"
#include "ferlab/ferlab.hpp"
