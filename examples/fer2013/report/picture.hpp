// SPDX-License-Identifier: MIT
// A picture inside of a page.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace fer2013 {

/// A grey picture ([height][width]) as a URL that holds all of it: data:image/png;base64,...
std::string picture_url(int width, int height, std::span<const std::uint8_t> pixels);

}  // namespace fer2013
