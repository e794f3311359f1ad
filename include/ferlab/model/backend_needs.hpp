// SPDX-License-Identifier: MIT
// The memory that a backend's `run` wants beside an op's operands.
#pragma once

#include <cstddef>

#include "ferlab/ops/operands.hpp"

namespace ferlab::detail {

/// Gives an op that memory. A backend says what it wants with functions of (const Backend*, const Op&), all optional:
///   scratch_size              bytes, whatever the batch
///   scratch_size_per_sample   bytes per sample
///   saved_size                bytes per sample that stand in op.saved
///   packed_size               elements of op.packed; 0: the weights are read as they are
/// places: scratch(bytes), scratch_per_sample(bytes) and packed(elements) make a place and return its id,
/// saved(op.saved, bytes per sample) sets how large one is that the op has. Returns whether the op was given any.
template <class Backend, class Op>
constexpr bool add_backend_needs(Op& op, auto& places) {
  constexpr const Backend* backend = nullptr;
  if constexpr (requires { saved_size(backend, op); }) places.saved(op.saved, saved_size(backend, op));
  constexpr bool fixed = requires { scratch_size(backend, op); };
  constexpr bool growing = requires { scratch_size_per_sample(backend, op); };
  constexpr bool packs = requires { packed_size(backend, op); };
  static_assert(!(fixed && growing), "ferlab: an op's scratch memory either grows with the batch or does not");
  if constexpr (growing)
    op.scratch.id = places.scratch_per_sample(scratch_size_per_sample(backend, op));
  else if constexpr (fixed)
    op.scratch.id = places.scratch(scratch_size(backend, op));
  if constexpr (packs)
    if (const std::size_t size = packed_size(backend, op); size > 0) op.packed.id = places.packed(size);
  return fixed || growing || packs;
}

}  // namespace ferlab::detail
