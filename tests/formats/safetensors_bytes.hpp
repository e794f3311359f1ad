// SPDX-License-Identifier: MIT
// Safetensors files put together by hand, so that their headers can say anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ferlab::test {

/// A file of this header and so many bytes of data: 0, 1, 2 ...
inline std::string file_of(const std::string& header, std::size_t data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += char(std::uint64_t(header.size()) >> (8 * i) & 0xff);
  bytes += header;
  for (std::size_t i = 0; i < data; ++i) bytes += char(i);
  return bytes;
}

/// An entry of a header.
inline std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

}  // namespace ferlab::test
