// SPDX-License-Identifier: MIT
#include "cuda_backend/stand_in.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

namespace ferlab::emulator {
extern std::vector<std::function<void()>>* recording;
extern long launches;
}  // namespace ferlab::emulator

namespace stand_in {
Runtime& runtime() {
  static Runtime all;
  return all;
}
}  // namespace stand_in

using Work = std::vector<std::function<void()>>;

namespace {

stand_in::Runtime& rt() { return stand_in::runtime(); }

template <class F>
void enqueue(const F& work) {
  if (ferlab::emulator::recording)
    ferlab::emulator::recording->push_back(work);
  else
    work();
}

bool is_pinned(const void* from, std::size_t bytes) {
  const auto* const first = static_cast<const char*>(from);
  for (const auto& [memory, size] : rt().pinned)
    if (first >= static_cast<char*>(memory) && first + bytes <= static_cast<char*>(memory) + size) return true;
  return false;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = rt().devices;
  return rt().no_device;
}
cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  std::strcpy(properties->name, "a stand-in");
  properties->major = rt().compute_capability[0];
  properties->minor = rt().compute_capability[1];
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorInsufficientDriver:
      return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    default:
      return "error";
  }
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  if (ferlab::emulator::recording) return cudaErrorStreamCaptureUnsupported;
  if (rt().used() + bytes > rt().memory) return cudaErrorMemoryAllocation;
  if (!rt().computes) {  // zeros, of which those take room that are written to
    *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (*memory == MAP_FAILED) return cudaErrorMemoryAllocation;
  } else {
    if (posix_memalign(memory, 256, bytes) != 0) return cudaErrorMemoryAllocation;
    std::memset(*memory, 0xff, bytes);
  }
  rt().allocated[*memory] = bytes;
  ++rt().allocations;
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  if (!memory) return cudaSuccess;
  const auto found = rt().allocated.find(memory);
  if (found == rt().allocated.end()) return cudaErrorInvalidValue;
  if (rt().computes)
    std::free(memory);
  else
    munmap(memory, found->second);
  rt().allocated.erase(found);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  *memory = std::malloc(bytes);
  rt().pinned[*memory] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  rt().pinned.erase(memory);
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* memory, int value, std::size_t bytes) {
  if (rt().computes) std::memset(memory, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
  if (kind != cudaMemcpyDeviceToDevice) {
    const void* const host = kind == cudaMemcpyDeviceToHost ? to : from;
    if (ferlab::emulator::recording && !is_pinned(host, bytes)) return cudaErrorStreamCaptureUnsupported;
    ++rt().host_copies;
  }
  enqueue([=] { std::memmove(to, from, bytes); });
  return cudaSuccess;
}

cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(std::malloc(1));
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  std::free(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  if (ferlab::emulator::recording) return cudaErrorStreamCaptureUnsupported;
  ++rt().waits;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = reinterpret_cast<cudaEvent_t>(new double(0));
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return cudaEventCreate(event); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete reinterpret_cast<double*>(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  *reinterpret_cast<double*>(event) = rt().milliseconds + rt().kernel_milliseconds * double(ferlab::emulator::launches);
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  *milliseconds = float(*reinterpret_cast<double*>(end) - *reinterpret_cast<double*>(begin));
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  if (ferlab::emulator::recording) return cudaErrorStreamCaptureUnsupported;
  ferlab::emulator::recording = new Work;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  *graph = reinterpret_cast<cudaGraph_t>(ferlab::emulator::recording);
  ferlab::emulator::recording = nullptr;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  *made = reinterpret_cast<cudaGraphExec_t>(new Work(*reinterpret_cast<Work*>(graph)));
  ++rt().graphs_made;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete reinterpret_cast<Work*>(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete reinterpret_cast<Work*>(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t) {
  ++rt().graphs_launched;
  for (const auto& work : *reinterpret_cast<Work*>(graph)) enqueue(work);
  return cudaSuccess;
}

}  // extern "C"
