// SPDX-License-Identifier: MIT
#include <ferlab/core/error.hpp>

#include "commands.hpp"

namespace fer2013 {

int demo(const DemoOptions&) {
  throw ferlab::BackendError(
      "demo needs OpenCV, which was not there when this program was built; install libopencv-dev and build again");
}

}  // namespace fer2013
