// SPDX-License-Identifier: MIT
// Sixteen bytes of numbers at a time, by the vector extension of g++ and clang. The memory-bound ops are written with
// it because a plain loop is left scalar by g++ -O2, and no -march flag may be asked of a user. Wider registers gain
// nothing where memory is the limit.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ferlab::simd {

template <class T>
struct PackOf {
  typedef T type __attribute__((vector_size(16)));
};
/// 4 floats or 2 doubles. The operators + - * / < > == and ?: work lane by lane. Code written for a type P that may be
/// Pack<T> or T itself serves whole packs and the elements left over.
template <class T>
using Pack = typename PackOf<T>::type;

template <class T>
inline constexpr int lanes = int(sizeof(Pack<T>) / sizeof(T));

// Through a vector of any alignment and not memcpy, which for all the compiler knows could write to anything. Both
// compilers let a vector alias its elements.
template <class P, class T>
inline P load(const T* p) {
  typedef P Anywhere __attribute__((aligned(alignof(T))));
  return *reinterpret_cast<const Anywhere*>(p);
}
template <class P, class T>
inline void store(T* p, P pack) {
  typedef P Anywhere __attribute__((aligned(alignof(T))));
  *reinterpret_cast<Anywhere*>(p) = pack;
}

/// One whole number a lane: which position a maximum came from.
template <class P>
struct PositionsOf {
  using type = decltype(P{} < P{});
};
template <>
struct PositionsOf<float> {
  using type = std::int32_t;
};
template <>
struct PositionsOf<double> {
  using type = std::int64_t;
};
template <class P>
using Positions = typename PositionsOf<P>::type;

/// Positions, which are below 256, to and from a byte a lane.
template <class P>
inline void store_bytes(std::uint8_t* bytes, Positions<P> positions) {
  if constexpr (std::is_arithmetic_v<P>) {
    *bytes = std::uint8_t(positions);
#ifdef __SSE2__
  } else if constexpr (std::is_same_v<P, Pack<float>>) {
    const __m128i words = _mm_packs_epi32(__m128i(positions), __m128i(positions));
    const int four = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    std::memcpy(bytes, &four, 4);
#endif
  } else {
    for (std::size_t i = 0; i < sizeof(P) / sizeof(positions[0]); ++i) bytes[i] = std::uint8_t(positions[i]);
  }
}
template <class P>
inline Positions<P> load_bytes(const std::uint8_t* bytes) {
  if constexpr (std::is_arithmetic_v<P>) {
    return *bytes;
#ifdef __SSE2__
  } else if constexpr (std::is_same_v<P, Pack<float>>) {
    int four;
    std::memcpy(&four, bytes, 4);
    const __m128i words = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), _mm_setzero_si128());
    return Positions<P>(_mm_unpacklo_epi16(words, _mm_setzero_si128()));
#endif
  } else {
    Positions<P> positions{};
    for (std::size_t i = 0; i < sizeof(P) / sizeof(positions[0]); ++i) positions[i] = bytes[i];
    return positions;
  }
}

/// A mask, all bits of a lane or none: is the lane's word at least `threshold`?
template <class P>
inline auto at_least(const std::uint32_t* words, std::uint32_t threshold) {
  if constexpr (std::is_arithmetic_v<P>) {
    return *words >= threshold;
  } else if constexpr (sizeof(Positions<P>{}[0]) == 4) {
    return load<typename PackOf<std::uint32_t>::type>(words) >= threshold;
  } else {
    return Positions<P>{words[0] >= threshold ? -1 : 0, words[1] >= threshold ? -1 : 0};
  }
}

inline float square_root(float x) { return std::sqrt(x); }
inline double square_root(double x) { return std::sqrt(x); }
#ifdef __SSE2__
inline Pack<float> square_root(Pack<float> x) { return Pack<float>(_mm_sqrt_ps(__m128(x))); }
inline Pack<double> square_root(Pack<double> x) { return Pack<double>(_mm_sqrt_pd(__m128d(x))); }
#else
inline Pack<float> square_root(Pack<float> x) {
  for (int i = 0; i < 4; ++i) x[i] = std::sqrt(x[i]);
  return x;
}
inline Pack<double> square_root(Pack<double> x) {
  for (int i = 0; i < 2; ++i) x[i] = std::sqrt(x[i]);
  return x;
}
#endif

/// Calls body.operator()<P>(i) for begin <= i < end: with P = Pack<T> while a whole pack is left, then with P = T.
/// Flattened, for all that stays the same from pack to pack must leave the loop.
template <class T, class Body>
[[gnu::flatten]] inline void for_each_pack(std::ptrdiff_t begin, std::ptrdiff_t end, const Body& body) {
  std::ptrdiff_t i = begin;
  for (; i + lanes<T> <= end; i += lanes<T>) body.template operator()<Pack<T>>(i);
  for (int left = int((end - begin) % lanes<T>); left > 0; --left, ++i) body.template operator()<T>(i);
}

}  // namespace ferlab::simd
