// SPDX-License-Identifier: MIT
// A number that tells data sets apart: of the same images and labels in the same order it is the same.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ferlab/data/dataset.hpp"

namespace ferlab::data {

namespace detail {

/// Takes eight bytes at a time; any order of bytes in memory gives the same number.
inline std::uint64_t mix(std::uint64_t hash, std::span<const std::uint8_t> bytes) {
  const auto step = [&hash](std::uint64_t word) {
    hash = std::rotl((hash ^ word) * 0x9e3779b97f4a7c15u, 29);  // odd: no word is lost
  };
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < 8; ++k) word |= std::uint64_t(bytes[i + k]) << (8 * k);
    step(word);
  }
  for (; i < bytes.size(); ++i) step(bytes[i]);
  return hash;
}

}  // namespace detail

/// Of the images' shape, pixels and labels, in their order. Not made to withstand anybody who wants two to be alike.
inline std::uint64_t fingerprint(const Dataset& dataset) {
  const Shape shape = dataset.shape();
  std::uint64_t hash = dataset.size();
  for (const int n : {shape.height, shape.width, shape.channels})
    hash = (hash + std::uint64_t(n)) * 0x9e3779b97f4a7c15u;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const std::uint8_t label[] = {dataset.label(i)};
    hash = detail::mix(detail::mix(hash, dataset.image(i)), label);
  }
  return hash;
}

}  // namespace ferlab::data
