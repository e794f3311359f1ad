// SPDX-License-Identifier: MIT
// What is read of a picture before OpenCV sees it, and Netpbm, on any bytes: it gives a picture of the size it says, or
// a FormatError.
#include <ferlab/formats/netpbm.hpp>
#include <ferlab/formats/picture_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace ferlab;
using namespace ferlab::formats;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(bytes), size);
  try {
    check_picture_size(picture_size(file));
    const bool whole = picture_is_whole(file);
    require(whole || size > 1);  // of too few bytes nothing is known
    if (!is_netpbm(file)) return 0;
    const Picture picture = decode_netpbm(file);
    require(picture.width > 0 && picture.height > 0 && (picture.channels == 1 || picture.channels == 3));
    require(picture.pixels.size() ==
            std::size_t(picture.width) * std::size_t(picture.height) * std::size_t(picture.channels));
    require(picture.pixels.size() <= size);  // a small file stays small
    require(with_channels(picture, 1).pixels.size() * std::size_t(picture.channels) == picture.pixels.size());
  } catch (const FormatError&) {
  }
  return 0;
}
