// SPDX-License-Identifier: MIT
// The functions of kernels/ptx.cuh with the meaning that the PTX ISA gives to their instructions. Written from its text
// (sections "mma.m16n8k16 with floating point type", "ldmatrix", "cp.async"), not from the kernels.
#pragma once

#include <cstdint>
#include <cstring>

#include "support/emulator/traffic.hpp"
#include "support/emulator/types.hpp"

namespace ferlab::emulator {

/// The value of element i of registers that hold two bfloat16 each.
inline float element(const std::uint32_t* registers, int i) {
  const std::uint32_t bits = (i % 2 == 0 ? registers[i / 2] << 16 : registers[i / 2] & 0xffff0000u);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

struct MmaOperands {
  const std::uint32_t *a, *b;
  float* c;
};

/// of(lane) gives each lane's operands. Products are exact; their sum is rounded once.
template <class Of>
void mma_m16n8k16(const Of& of) {
  float a[16][16], b[16][8];
  for (unsigned lane = 0; lane < 32; ++lane) {
    const MmaOperands& mine = of(lane);
    const unsigned group = lane >> 2, thread_in_group = lane % 4;
    for (int i = 0; i < 8; ++i) {
      const unsigned row = (0 <= i && i < 2) || (4 <= i && i < 6) ? group : group + 8;
      const unsigned column = i < 4 ? thread_in_group * 2 + (i & 1) : thread_in_group * 2 + (i & 1) + 8;
      a[row][column] = element(mine.a, i);
    }
    for (int i = 0; i < 4; ++i) {
      const unsigned row = i < 2 ? thread_in_group * 2 + (i & 1) : thread_in_group * 2 + (i & 1) + 8;
      b[row][group] = element(mine.b, i);
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) {
      const unsigned row = i < 2 ? lane >> 2 : (lane >> 2) + 8, column = lane % 4 * 2 + (i & 1);
      double sum = of(lane).c[i];
      for (int k = 0; k < 16; ++k) sum += double(a[row][k]) * double(b[k][column]);
      of(lane).c[i] = float(sum);
    }
}

struct LdmatrixOperands {
  const void* row;
  std::uint32_t* d;
};

/// ldmatrix.m8n8.x4 with .trans or without: threads 0-7 give the rows of the first matrix, 8-15 of the second, ...
template <bool Trans, class Of>
void ldmatrix_x4(const Of& of) {
  for (unsigned matrix = 0; matrix < 4; ++matrix) {
    std::uint16_t m[8][8];
    for (unsigned row = 0; row < 8; ++row) std::memcpy(m[row], of(8 * matrix + row).row, sizeof m[row]);
    for (unsigned lane = 0; lane < 32; ++lane) {
      const unsigned row = lane / 4, column = lane % 4 * 2;
      const std::uint32_t low = Trans ? m[column][row] : m[row][column];
      const std::uint32_t high = Trans ? m[column + 1][row] : m[row][column + 1];
      of(lane).d[matrix] = low | high << 16;
    }
  }
}

/// Ends the program where `bytes` are not aligned to 16, or not (wholly) in the block's shared memory.
inline void check_shared(const void* bytes, const Place& place) {
  if (reinterpret_cast<std::uintptr_t>(bytes) % 16 != 0) fail("an address is not a multiple of 16", place);
  if (!current->shares(bytes, 16)) fail("an address is not in the block's shared memory", place);
}

}  // namespace ferlab::emulator

namespace ferlab::kernels {

inline void multiply_accumulate(const std::uint32_t (&a)[4], const std::uint32_t (&b)[2], float (&c)[4],
                                emulator::Place place = emulator::Place::here()) {
  emulator::MmaOperands mine{a, b, c};
  emulator::current->together(
      mine, [](const auto& of) { emulator::mma_m16n8k16(of); }, place);
}

template <bool Transposed>
void load_matrices(const void* row, std::uint32_t (&out)[4], emulator::Place place = emulator::Place::here()) {
  emulator::check_shared(row, place);
  emulator::LdmatrixOperands mine{row, out};
  emulator::current->warp_reads(row, place);
  emulator::current->together(
      mine, [](const auto& of) { emulator::ldmatrix_x4<Transposed>(of); }, place);
}

inline void copy_async(void* to, const void* from, bool wanted, emulator::Place place = emulator::Place::here()) {
  emulator::check_shared(to, place);
  if (reinterpret_cast<std::uintptr_t>(from) % 16 != 0) emulator::fail("an address is not a multiple of 16", place);
  if (emulator::current->shares(from, 1)) emulator::fail("a copy from shared memory", place);
  if (wanted) emulator::bytes_moved += 16;
  emulator::current->copy_async(to, from, wanted, place);
}

inline void end_of_copies() { emulator::current->end_of_copies(); }

template <int Pending>
void wait_for_copies() {
  emulator::current->wait_for_copies(Pending);
}

}  // namespace ferlab::kernels
