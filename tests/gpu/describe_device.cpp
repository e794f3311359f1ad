// SPDX-License-Identifier: MIT
// Prints what cuDNN knows of the first device, as JSON: what PlanTarget takes where there is no device.
#include <cstdint>
#include <cstdio>
#include <exception>

#include "ferlab/cuda/cudnn_descriptor.hpp"

int main() {
  using namespace ferlab::cuda;
  try {
    Descriptor device(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    device.set(CUDNN_ATTR_DEVICEPROP_DEVICE_ID, CUDNN_TYPE_INT32, std::int32_t(0));
    device.finalize("asking for the first device");
    for (const char c : device.values<char>(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR))
      if (c) std::putchar(c);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "describe_device: %s\n", error.what());
    return 1;
  }
}
