// SPDX-License-Identifier: MIT
// What the blocks of a documentation page take for granted.
#pragma once

#include <ferlab/ferlab.hpp>

#include <iostream>
#include <span>
#include <vector>

using namespace ferlab;
