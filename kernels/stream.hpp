// SPDX-License-Identifier: MIT
// CUDA's stream, for compilers that have not seen CUDA's headers.
#pragma once

struct CUstream_st;
using cudaStream_t = CUstream_st*;
