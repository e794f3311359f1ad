// SPDX-License-Identifier: MIT
// Memory of the device of which only a library's word for its type is known, as our kernels want it.
#pragma once

#include "kernels/bfloat16.hpp"

namespace ferlab::cuda::detail {

template <class V>
const V* read(const void* memory) {
  return static_cast<const V*>(memory);
}
template <class V>
V* write(const void* memory) {
  return static_cast<V*>(const_cast<void*>(memory));
}

/// f(V*) with V = float, or bfloat16.
template <class F>
void with_element(bool is_float, const F& f) {
  is_float ? f(static_cast<float*>(nullptr)) : f(static_cast<bfloat16*>(nullptr));
}

}  // namespace ferlab::cuda::detail
