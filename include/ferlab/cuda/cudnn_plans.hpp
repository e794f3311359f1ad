// SPDX-License-Identifier: MIT
// The engines that cuDNN recommends for a graph, and the plans made from them.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ferlab/cuda/cudnn_graph.hpp"
#include "ferlab/cuda/plan_cache.hpp"

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

/// One engine for a graph, finished.
class ExecutionPlan {
 public:
  explicit ExecutionPlan(Descriptor plan)
      : plan_(std::move(plan)), workspace_(plan_.integer(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE)) {}

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
  std::int64_t workspace_;
};

struct PlanOptions {
  bool deterministic = true;  ///< leave out engines whose results differ from run to run
  bool tensor_cores = true;   ///< false: leave out engines that round floats to fit tensor cores
  /// Of those that cuDNN compiles when their plan is made, a second or more each: so many, in cuDNN's order.
  int most_compiled = 2;
};

/// What cuDNN recommends for a graph, best first by its own estimate. Making a plan may have cuDNN compile a kernel, a
/// second or so: make those that are wanted only. The target must outlive it.
class Recommendations {
 public:
  enum class Mode {
    best,        ///< by cuDNN's heuristics
    last_resort  ///< engines that do nearly everything, slowly
  };

  /// Finds none where cuDNN supports no such graph.
  Recommendations(const Graph& graph, const PlanTarget& target, PlanOptions options = {}, Mode mode = Mode::best)
      : target_(target) {
    std::vector<cudnnBackendDescriptor_t> operations;
    for (const Descriptor& op : graph.operations()) operations.push_back(op.raw());
    Descriptor whole(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    whole.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, std::int64_t(operations.size()),
              operations.data());
    if (target.handle()) whole.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, target.handle());
    if (cudnnBackendFinalize(whole.raw()) != CUDNN_STATUS_SUCCESS) return;

    Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, whole)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE,
             mode == Mode::best ? CUDNN_HEUR_MODE_A : CUDNN_HEUR_MODE_FALLBACK);
    if (target.device()) heuristic.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device());
    if (cudnnBackendFinalize(heuristic.raw()) != CUDNN_STATUS_SUCCESS) return;

    auto configs = heuristic.descriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    int compiled = 0;
    for (std::size_t i = 0; i < configs.size(); ++i) {
      const auto engine =
          std::move(configs[i].descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR).front());
      if (!suits(engine, options) || (is_compiled(engine) && compiled++ >= options.most_compiled)) continue;
      choices_.push_back({i, engine.integer(CUDNN_ATTR_ENGINE_GLOBAL_INDEX)});
      configs_.push_back(std::move(configs[i]));
    }
  }

  std::size_t size() const { return choices_.size(); }
  auto begin() const { return choices_.begin(); }
  auto end() const { return choices_.end(); }
  /// None where cuDNN cannot make it, for a recommendation is no promise, or where it is none of these.
  std::optional<ExecutionPlan> plan(const PlanChoice& choice) const {
    const auto found = std::ranges::find(choices_, choice);
    if (found == end()) return std::nullopt;
    Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configs_[std::size_t(found - begin())]);
    if (target_.handle()) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, target_.handle());
    if (target_.device()) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target_.device());
    if (cudnnBackendFinalize(plan.raw()) != CUDNN_STATUS_SUCCESS) return std::nullopt;
    return ExecutionPlan(std::move(plan));
  }
  /// The first that can be made.
  std::optional<ExecutionPlan> first_plan() const {
    for (const PlanChoice& choice : choices_)
      if (auto made = plan(choice)) return made;
    return std::nullopt;
  }

 private:
  const PlanTarget& target_;
  std::vector<PlanChoice> choices_;
  std::vector<Descriptor> configs_;

  static bool is_compiled(const Descriptor& engine) {
    const auto notes =
        engine.values<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE);
    return std::ranges::count(notes, CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION) > 0;
  }
  static bool suits(const Descriptor& engine, const PlanOptions& options) {
    const auto notes =
        engine.values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE);
    const auto has = [&](cudnnBackendNumericalNote_t note) { return std::ranges::count(notes, note) > 0; };
    if (options.deterministic && has(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) return false;
    return options.tensor_cores ||
           !(has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE) || has(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
  }
};

}  // namespace ferlab::cuda
