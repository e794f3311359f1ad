// SPDX-License-Identifier: MIT
// A few operations handed to cuDNN as one graph, and the plans that it offers for them. Tensors are channels-last
// ([batch][height][width][channels] in memory); sums are in float.
#pragma once

#include <algorithm>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/core/geometry.hpp"
#include "ferlab/cuda/cudnn_descriptor.hpp"

namespace ferlab::cuda {

/// Where a graph will run: on the device of a handle, or (to ask for plans where there is no device) on one that is
/// only described, by the JSON that cuDNN gives for a device.
class PlanTarget {
 public:
  explicit PlanTarget(cudnnHandle_t handle) : handle_(handle) {}
  explicit PlanTarget(const std::string& device_json) {
    device_.emplace_back(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR)
        .set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, std::int64_t(device_json.size()),
             device_json.data());
    device_.back().finalize("describing a device");
  }
  cudnnHandle_t handle() const { return handle_; }
  const Descriptor* device() const { return device_.empty() ? nullptr : &device_.front(); }

 private:
  cudnnHandle_t handle_ = nullptr;
  std::vector<Descriptor> device_;
};

/// A tensor of a graph: its number there, and its descriptor.
struct GraphTensor {
  std::int64_t id = 0;
  const Descriptor* descriptor = nullptr;
};

/// Operations on tensors, added in the order in which they run.
class Graph {
 public:
  /// `elements` in memory; `between`: only handed from one operation to the next, in float, never written.
  enum class Kind { elements, between };

  GraphTensor tensor(cudnnDataType_t type, int batch, int height, int width, int channels, Kind kind = Kind::elements) {
    const std::int64_t n = batch, h = height, w = width, c = channels;
    const bool between = kind == Kind::between;
    Descriptor& made = tensors_.emplace_back(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const std::int64_t id = std::int64_t(tensors_.size());
    made.set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, between ? CUDNN_DATA_FLOAT : type)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, {n, c, h, w})
        .set(CUDNN_ATTR_TENSOR_STRIDES, {h * w * c, 1, w * c, c})
        .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id)
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, std::int64_t(16))
        .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, between);
    made.finalize("a tensor");
    return {id, &made};
  }
  /// A kernel [filters][kernel][kernel][channels]: cuDNN's order, not Keras's.
  GraphTensor kernel(cudnnDataType_t type, const Conv2DGeometry& g) {
    return tensor(type, g.filters, g.kernel, g.kernel, g.channels);
  }

  void convolution(const Conv2DGeometry& g, GraphTensor x, GraphTensor w, GraphTensor y) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, *w.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, *y.descriptor);
    finish(op, g, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
           CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, "a convolution");
  }
  void convolution_data_gradient(const Conv2DGeometry& g, GraphTensor dy, GraphTensor w, GraphTensor dx) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, *dy.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, *w.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, *dx.descriptor);
    finish(op, g, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, "a convolution's gradient of the input");
  }
  void convolution_filter_gradient(const Conv2DGeometry& g, GraphTensor x, GraphTensor dy, GraphTensor dw) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, *dy.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, *dw.descriptor);
    finish(op, g, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
           "a convolution's gradient of the kernel");
  }
  /// y = a + b; b may be [1][1][1][channels].
  void add(GraphTensor a, GraphTensor b, GraphTensor y) {
    Descriptor& op = pointwise(CUDNN_POINTWISE_ADD);
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, *a.descriptor)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b.descriptor)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, *y.descriptor);
    op.finalize("a sum");
  }
  void relu(GraphTensor x, GraphTensor y) {
    Descriptor& op = pointwise(CUDNN_POINTWISE_RELU_FWD);
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, *y.descriptor);
    op.finalize("a ReLU");
  }

  const std::deque<Descriptor>& operations() const { return operations_; }

 private:
  const Descriptor& windows(const Conv2DGeometry& g) {
    const std::int64_t top = g.pad_top, left = g.pad_left, stride = g.stride;
    // What lies behind the last pixel that a window begins at; smaller than before it where the kernel is even.
    const std::int64_t bottom = std::max((g.out_height - 1) * g.stride + g.kernel - g.height - g.pad_top, 0);
    const std::int64_t right = std::max((g.out_width - 1) * g.stride + g.kernel - g.width - g.pad_left, 0);
    Descriptor& made = parts_.emplace_back(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    made.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t(2))
        .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION)
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {top, left})
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {bottom, right})
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {stride, stride})
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {1, 1});
    made.finalize("a convolution's windows");
    return made;
  }
  /// What all convolutions end with: their windows, and that the result replaces what was there.
  void finish(Descriptor& op, const Conv2DGeometry& g, cudnnBackendAttributeName_t windows_name,
              cudnnBackendAttributeName_t alpha, cudnnBackendAttributeName_t beta, const char* what) {
    op.set(windows_name, windows(g)).set(alpha, CUDNN_TYPE_FLOAT, 1.0f).set(beta, CUDNN_TYPE_FLOAT, 0.0f);
    op.finalize(what);
  }
  Descriptor& pointwise(cudnnPointwiseMode_t mode) {
    Descriptor& kind = parts_.emplace_back(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    kind.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode)
        .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
    kind.finalize("an elementwise operation");
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind);
    return op;
  }

  std::deque<Descriptor> tensors_, parts_, operations_;  // deques: those that others refer to must not move
};

/// One way to run a graph.
class ExecutionPlan {
 public:
  ExecutionPlan(Descriptor plan, std::int64_t engine)
      : plan_(std::move(plan)), engine_(engine), workspace_(plan_.integer(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE)) {}

  std::int64_t engine() const { return engine_; }  ///< cuDNN's number of the engine
  std::size_t workspace_bytes() const { return std::size_t(workspace_); }

  /// Runs on the handle's stream. `memory`: for each tensor its number and its device memory, 16-byte aligned.
  void execute(cudnnHandle_t handle, std::span<const std::pair<std::int64_t, void*>> memory, void* workspace) const {
    std::vector<std::int64_t> ids;
    std::vector<void*> pointers;
    for (const auto& [id, pointer] : memory) ids.push_back(id), pointers.push_back(pointer);
    Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, ids)
        .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, std::int64_t(pointers.size()), pointers.data())
        .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
    pack.finalize("the memory of a graph");
    check_cudnn(cudnnBackendExecute(handle, plan_.raw(), pack.raw()), "running a graph");
  }

 private:
  Descriptor plan_;
  std::int64_t engine_, workspace_;
};

struct PlanOptions {
  bool deterministic = true;  ///< leave out engines whose results differ from run to run
  bool tensor_cores = true;   ///< false: leave out engines that round floats to fit tensor cores
  int most = 10;              ///< of the engine configurations that cuDNN recommends, in its order
};

namespace detail {

/// May an engine be used under these options?
inline bool suits(const Descriptor& engine, const PlanOptions& options) {
  const auto notes =
      engine.values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE);
  const auto has = [&](cudnnBackendNumericalNote_t note) { return std::ranges::count(notes, note) > 0; };
  if (options.deterministic && has(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) return false;
  return options.tensor_cores ||
         !(has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE) || has(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
}

}  // namespace detail

/// The plans that cuDNN recommends and that can be made, best first by its own estimate; none where it supports no such
/// graph.
inline std::vector<ExecutionPlan> plans_for(const Graph& graph, const PlanTarget& target, PlanOptions options = {}) {
  std::vector<cudnnBackendDescriptor_t> operations;
  for (const Descriptor& op : graph.operations()) operations.push_back(op.raw());
  Descriptor whole(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  whole.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, std::int64_t(operations.size()),
            operations.data());
  if (target.handle()) whole.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, target.handle());
  whole.finalize("a graph");

  std::vector<ExecutionPlan> plans;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    if (!plans.empty()) break;  // the engines of the last resort only where no other is left
    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, whole)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    if (target.device()) heuristic.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device());
    if (cudnnBackendFinalize(heuristic.raw()) != CUDNN_STATUS_SUCCESS) continue;  // no engine at all

    for (Descriptor& config :
         heuristic.descriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, options.most)) {
      const auto engine =
          std::move(config.descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1).front());
      if (!detail::suits(engine, options)) continue;
      Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
      if (target.handle()) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, target.handle());
      if (target.device()) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device());
      if (cudnnBackendFinalize(plan.raw()) != CUDNN_STATUS_SUCCESS) continue;  // a recommendation, not a promise
      plans.emplace_back(std::move(plan), engine.integer(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
    }
  }
  return plans;
}

}  // namespace ferlab::cuda
