// SPDX-License-Identifier: MIT
// Fusion: neighbours that a backend runs in one go. The plan looks for the longest run of layers for which the backend
// has a Fusion and makes it one stage; everything else runs layer by layer. The user sees only the layers they wrote.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "ferlab/layers/layer.hpp"
#include "ferlab/model/graph.hpp"

namespace ferlab {

/// A backend offers a fusion of layers Ls by specialising this with the members of a layer, static, layers first:
///   template <class Backend> static constexpr Memory memory(Shape in);
///   static void forward(const Backend&, const Layers<Ls...>&, const Pass<T, V>&);
/// and backward and infer, prepare if needed, and what it can do for its neighbours: static constexpr Neighbours.
template <class Backend, class... Ls>
struct Fusion;

/// The layers of one stage, by reference, in order: `layers.template at<0>()`.
template <class... Ls>
struct Layers {
  Pack<const Ls*...> pointers;
  template <std::size_t I>
  constexpr const auto& at() const {
    return *get<I>(pointers);
  }
};

/// A backend that offers no fusion but does everything else as the one inside it: `Model model{net, Unfused{Cpu{}}}`.
template <class Backend>
struct Unfused {
  Backend backend;
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  template <class T>
  using HostBuffer = typename Backend::template HostBuffer<T>;
  template <class T>
  using Value = typename Backend::template Value<T>;
  static constexpr bool in_host_memory = Backend::in_host_memory;
};
template <class Backend>
Unfused(Backend) -> Unfused<Backend>;

/// The backend whose ops run.
template <class Backend>
constexpr const Backend& bare(const Backend& backend) {
  return backend;
}
template <class Backend>
constexpr const Backend& bare(const Unfused<Backend>& unfused) {
  return unfused.backend;
}
template <class Backend>
using Bare = std::remove_cvref_t<decltype(bare(std::declval<const Backend&>()))>;

namespace detail {

template <class T>
concept Complete = requires {
  sizeof(T);
};

template <class Backend, class... Ls>
inline constexpr bool offers_fusion = Complete<Fusion<Backend, Ls...>>;
template <class Backend, class... Ls>
inline constexpr bool offers_fusion<Unfused<Backend>, Ls...> = false;

inline constexpr std::size_t longest_fusion = 3;

/// How many entries, beginning with entry I, run as one stage.
template <class Backend, class List, std::size_t I>
constexpr std::size_t fused_length() {
  if constexpr (I + 2 < List::size) {
    if constexpr (offers_fusion<Backend, typename List::template at<I>, typename List::template at<I + 1>,
                                typename List::template at<I + 2>>)
      return 3;
  }
  if constexpr (I + 1 < List::size) {
    if constexpr (offers_fusion<Backend, typename List::template at<I>, typename List::template at<I + 1>>) return 2;
  }
  return 1;
}

}  // namespace detail

}  // namespace ferlab
