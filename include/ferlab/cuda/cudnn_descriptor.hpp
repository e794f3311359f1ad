// SPDX-License-Identifier: MIT
// cuDNN's graph API ("backend") speaks of descriptors: opaque things that get attributes and are then finalized.
// Source: docs.nvidia.com/deeplearning/cudnn, "cuDNN backend API".
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "ferlab/core/error.hpp"

namespace ferlab::cuda {

/// Throws BackendError with cuDNN's own words where a call failed.
inline void check_cudnn(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char words[1024] = {};
  cudnnGetLastErrorString(words, sizeof words);
  std::string message = "cuDNN ";
  message += std::to_string(cudnnGetVersion());
  message += ", ";
  message += what;
  message += ": ";
  message += cudnnGetErrorString(status);
  if (words[0]) {
    message += ": ";
    message += words;
  }
  if (status == CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED || status == CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH)
    message += "; a part of cuDNN (libcudnn_*.so.9) is missing or of another version: install all of one version";
  if (status == CUDNN_STATUS_NOT_INITIALIZED)
    message += "; the driver may be older than cuDNN needs, or cuBLAS or a part of cuDNN missing";
  throw BackendError(message);
}

/// One descriptor. Set its attributes, then finalize() it; after that it does not change.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t made = nullptr;
    check_cudnn(cudnnBackendCreateDescriptor(type, &made), "creating a descriptor");
    raw_.reset(made);
  }

  cudnnBackendDescriptor_t raw() const { return raw_.get(); }

  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                  const void* values) {
    check_cudnn(cudnnBackendSetAttribute(raw(), name, type, count, values), "setting an attribute");
    return *this;
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const std::vector<std::int64_t>& values) {
    return set(name, CUDNN_TYPE_INT64, std::int64_t(values.size()), values.data());
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& other) {
    cudnnBackendDescriptor_t pointer = other.raw();
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &pointer);
  }
  template <class Value>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, Value value) {
    return set(name, type, 1, static_cast<const void*>(&value));
  }
  void finalize(const char* what) { check_cudnn(cudnnBackendFinalize(raw()), what); }

  /// A number among the attributes.
  std::int64_t integer(cudnnBackendAttributeName_t name) const {
    std::int64_t value = 0;
    check_cudnn(cudnnBackendGetAttribute(raw(), name, CUDNN_TYPE_INT64, 1, nullptr, &value), "reading an attribute");
    return value;
  }
  /// All values of an attribute that has several; none where it has none.
  template <class Value>
  std::vector<Value> values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type) const {
    std::int64_t count = 0;
    check_cudnn(cudnnBackendGetAttribute(raw(), name, type, 0, &count, nullptr), "counting an attribute's values");
    std::vector<Value> found(static_cast<std::size_t>(count));
    if (count > 0)
      check_cudnn(cudnnBackendGetAttribute(raw(), name, type, count, &count, found.data()), "reading an attribute");
    return found;
  }
  /// Descriptors among the attributes, each of the given type.
  std::vector<Descriptor> descriptors(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type) const {
    std::int64_t count = 0;
    check_cudnn(cudnnBackendGetAttribute(raw(), name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr),
                "counting descriptors");
    std::vector<Descriptor> found;
    std::vector<cudnnBackendDescriptor_t> pointers;
    for (std::int64_t i = 0; i < count; ++i) pointers.push_back(found.emplace_back(type).raw());
    if (count > 0)
      check_cudnn(cudnnBackendGetAttribute(raw(), name, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &count, pointers.data()),
                  "reading descriptors");
    found.erase(found.begin() + count, found.end());
    return found;
  }

 private:
  struct Destroy {
    void operator()(void* descriptor) const { cudnnBackendDestroyDescriptor(descriptor); }
  };
  std::unique_ptr<void, Destroy> raw_;
};

}  // namespace ferlab::cuda
