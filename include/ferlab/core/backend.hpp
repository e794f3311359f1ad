// SPDX-License-Identifier: MIT
// What a backend is: a context object that is passed first to every op, and one folder of free functions found by
// overload on it.
#pragma once

#include <concepts>
#include <cstddef>

namespace ferlab {

/// Names a backend where no value of it exists yet: the compile-time size functions (`conv2d_packed_size(On<Cpu>{},
/// g)`).
template <class Backend>
struct On {};

/// A backend owns memory: a zero-filled, movable Buffer<T> of n elements with data() and size(). Value<T> is what it
/// stores between layers whose weights are in T: T itself, or less. HostBuffer<T> is one that the host reads and
/// writes, and that the backend copies from and to without being waited for. in_host_memory: may the host read and
/// write what is in its buffers? Its ops are free functions in its own namespace that take it first; which ones a
/// network needs, the compiler says when one is missing.
template <class B>
concept Backend = std::copyable<B> && std::constructible_from<typename B::template Buffer<float>, std::size_t> &&
                      std::constructible_from<typename B::template HostBuffer<float>, std::size_t> &&
                      sizeof(typename B::template Value<float>) > 0 &&
                  std::same_as<decltype(B::in_host_memory), const bool>;

}  // namespace ferlab
