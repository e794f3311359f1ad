// SPDX-License-Identifier: MIT
// What a backend is: a context object, and one folder of functions run(backend, op, memory) found by overload on it.
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "ferlab/ops/rewrite.hpp"

namespace ferlab {

/// A backend owns memory: a zero-filled, movable Buffer<T> of n elements with data() and size(). Element<T> is what it
/// stores between ops whose weights are in T: T itself, or less. HostBuffer<T> is one that the host reads and writes,
/// and that the backend copies from and to without being waited for. in_host_memory: may the host read and write what
/// is in its buffers? rewrites: what it runs in one go (ops/rewrite.hpp); may be empty. docs/add-a-backend.md has the
/// rest.
template <class B>
concept Backend = std::copyable<B> && std::constructible_from<typename B::template Buffer<float>, std::size_t> &&
                      std::constructible_from<typename B::template HostBuffer<float>, std::size_t> &&
                      sizeof(typename B::template Element<float>) > 0 &&
                  std::same_as<decltype(B::in_host_memory), const bool>&& requires {
  B::rewrites;
};

/// The same backend with nothing fused, to compare with: `Model model{net, Unfused{Cpu{}}}`.
template <class B>
struct Unfused : B {
  Unfused(B backend) : B(std::move(backend)) {}
  static constexpr ops::Rewrites<> rewrites{};
};
template <class B>
Unfused(B) -> Unfused<B>;

namespace detail {

template <class B>
struct UnwrapOf {
  using type = B;
};
template <class B>
struct UnwrapOf<Unfused<B>> {
  using type = B;
};
/// The backend whose ops run.
template <class B>
using Unwrap = typename UnwrapOf<B>::type;

}  // namespace detail

}  // namespace ferlab
