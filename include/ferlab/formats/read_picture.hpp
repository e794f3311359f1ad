// SPDX-License-Identifier: MIT
// A picture file of any format: PGM and PPM by the library itself, others by a decoder that is given.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/core/mapped_file.hpp"
#include "ferlab/formats/netpbm.hpp"
#include "ferlab/formats/picture.hpp"
#include "ferlab/formats/picture_header.hpp"

namespace ferlab::formats {

/// Makes a picture of the bytes of a file, or throws, without the file's name. It may be called by
/// several threads at a time. decode_with_opencv (ferlab/opencv.hpp) is one.
using PictureDecoder = std::function<Picture(std::string_view bytes)>;

/// Throws IoError, and FormatError for what is no picture, cut short, or of more than most_pixels.
inline Picture read_picture(const std::string& path, const PictureDecoder& decoder = {}) {
  const MappedFile file(path);
  const std::string_view bytes = file.text();
  try {
    if (bytes.empty()) throw FormatError("the file is empty");
    if (is_netpbm(bytes)) return decode_netpbm(bytes);
    check_picture_size(picture_size(bytes));
    if (!picture_is_whole(bytes)) throw FormatError("the picture is cut short or damaged");
    if (!decoder)
      throw FormatError(
          "not a PGM or PPM picture; for JPEG, PNG and others give decode_with_opencv as the decoder "
          "(#include <ferlab/opencv.hpp>, link ferlab::opencv)");
    Picture picture = decoder(bytes);
    const bool sound = picture.width > 0 && picture.height > 0 && (picture.channels == 1 || picture.channels == 3);
    if (!sound || picture.pixels.size() !=
                      std::size_t(picture.width) * std::size_t(picture.height) * std::size_t(picture.channels))
      throw FormatError("the decoder gave " + std::to_string(picture.pixels.size()) + " bytes for " +
                        std::to_string(picture.width) + "x" + std::to_string(picture.height) + " pixels of " +
                        std::to_string(picture.channels) + " channels");
    return picture;
  } catch (const std::exception& error) {  // a decoder of the user's may throw any
    throw FormatError(path + ": " + error.what());
  } catch (...) {
    throw FormatError(path + ": the decoder failed, and did not say why");
  }
}

}  // namespace ferlab::formats
