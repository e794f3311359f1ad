// SPDX-License-Identifier: MIT
// What the backend uses of CUDA's runtime: errors as exceptions, and everything that must be given back as an owner.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>

#include "ferlab/core/error.hpp"

namespace ferlab::cuda {

/// Throws BackendError, with CUDA's own words and what to do, where a call failed.
inline void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  std::string message = "CUDA, ";
  message += what;
  message += ": ";
  message += cudaGetErrorString(error);
  if (error == cudaErrorNoDevice) message += "; use Cpu{} on this machine";
  if (error == cudaErrorInsufficientDriver)
    message +=
        "; there is no NVIDIA driver, or one older than the CUDA toolkit this was built with: install or update it";
  if (error == cudaErrorMemoryAllocation) message += "; use a smaller batch size, or free memory on the device";
  throw BackendError(message);
}

/// A variable of the environment, empty where it is not set.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// n zeros of a plain type in device memory.
template <class T>
class DeviceBuffer {
  struct Free {
    void operator()(T* memory) const { cudaFree(memory); }
  };

 public:
  DeviceBuffer() = default;
  /// Throws BackendError where the device has no room for n.
  explicit DeviceBuffer(std::size_t n) : size_(n) {
    if (n == 0) return;
    void* memory = nullptr;
    const std::string what = "allocating " + std::to_string(n * sizeof(T)) + " bytes";
    check(cudaMalloc(&memory, n * sizeof(T)), what.c_str());
    data_.reset(static_cast<T*>(memory));
    check(cudaMemset(memory, 0, n * sizeof(T)), "clearing memory");
    check(cudaStreamSynchronize(nullptr), "clearing memory");
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

/// n zeros of a plain type in memory of the host that the device copies from and to while the host goes on.
template <class T>
class PinnedBuffer {
  struct Free {
    void operator()(T* memory) const { cudaFreeHost(memory); }
  };

 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(std::size_t n) : size_(n) {
    if (n == 0) return;
    void* memory = nullptr;
    check(cudaMallocHost(&memory, n * sizeof(T)), "allocating page-locked memory");
    data_.reset(static_cast<T*>(memory));
    std::uninitialized_value_construct_n(data_.get(), n);
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

/// Apart from the legacy default stream: work that others put there must not disturb what is recorded here.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&raw_, cudaStreamNonBlocking), "making a stream"); }
  ~Stream() { cudaStreamDestroy(raw_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  cudaStream_t raw() const { return raw_; }
  void synchronize() const { check(cudaStreamSynchronize(raw_), "waiting for the device"); }

 private:
  cudaStream_t raw_ = nullptr;
};

class Event {
  struct Destroy {
    void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
  };

 public:
  Event() {
    cudaEvent_t made = nullptr;
    check(cudaEventCreateWithFlags(&made, cudaEventDisableTiming), "making an event");
    raw_.reset(made);
  }
  void record(cudaStream_t stream) const { check(cudaEventRecord(raw_.get(), stream), "recording an event"); }
  bool has_come() const {
    const cudaError_t found = cudaEventQuery(raw_.get());
    if (found == cudaErrorNotReady) {
      cudaGetLastError();  // it is no error; others shall not find it
      return false;
    }
    check(found, "asking for an event");
    return true;
  }

 private:
  std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy> raw_;
};

/// A moment on the device.
class TimedEvent {
  struct Destroy {
    void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
  };

 public:
  TimedEvent() {
    cudaEvent_t made = nullptr;
    check(cudaEventCreate(&made), "making an event");
    raw_.reset(made);
  }
  void record(cudaStream_t stream) const { check(cudaEventRecord(raw_.get(), stream), "recording an event"); }
  /// Milliseconds from `begin` to this; waits for it.
  float since(const TimedEvent& begin) const {
    float milliseconds = 0;
    check(cudaEventSynchronize(raw_.get()), "waiting for an event");
    check(cudaEventElapsedTime(&milliseconds, begin.raw_.get(), raw_.get()), "timing");
    return milliseconds;
  }

 private:
  std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy> raw_;
};

/// Work of a stream, recorded once, to be launched as one.
class RecordedGraph {
  struct DestroyGraph {
    void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
  };
  struct Destroy {
    void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
  };
  using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, DestroyGraph>;

 public:
  RecordedGraph() = default;
  /// Records what work() puts into the stream; nothing of it runs.
  template <class Work>
  RecordedGraph(cudaStream_t stream, const Work& work) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "beginning to record a step");
    cudaGraph_t recorded = nullptr;
    try {
      work();
    } catch (...) {
      cudaStreamEndCapture(stream, &recorded);
      Graph{recorded};
      throw;
    }
    check(cudaStreamEndCapture(stream, &recorded), "recording a step");
    const Graph graph(recorded);
    cudaGraphExec_t made = nullptr;
    check(cudaGraphInstantiate(&made, graph.get(), 0), "preparing a recorded step");
    raw_.reset(made);
  }
  bool exists() const { return raw_ != nullptr; }
  void launch(cudaStream_t stream) const { check(cudaGraphLaunch(raw_.get(), stream), "starting a recorded step"); }

 private:
  std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy> raw_;
};

}  // namespace ferlab::cuda
