// SPDX-License-Identifier: MIT
// The numbers that stand in the files the two sides exchange. read_back.py makes the same ones. All are exact in
// 16-bit floats.
#pragma once

#include <cstddef>

namespace samples {

/// Of F16 and wider floats.
inline double number(std::size_t i) { return double(i * 37 % 251) / 64 - 1; }

/// Of BF16, which has 8 binary digits.
inline double coarse(std::size_t i) { return double(i % 129) / 64 - 1; }

}  // namespace samples
