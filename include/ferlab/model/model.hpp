// SPDX-License-Identifier: MIT
// A network with weights, on a backend.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/preprocessing.hpp"
#include "ferlab/model/initialize.hpp"
#include "ferlab/model/plan.hpp"
#include "ferlab/model/sequential.hpp"
#include "ferlab/model/tuning.hpp"
#include "ferlab/ops/backend.hpp"
#include "ferlab/ops/flat_weights.hpp"

namespace ferlab {

namespace detail {

/// The compiler prints the backend.
template <class B, class T>
constexpr bool backend_has_memory() {
  constexpr bool has = requires(const B& backend, const Parameter& shape, const T* from, T* to) {
    weights_from_host(backend, shape, from, to);
    weights_to_host(backend, shape, from, to);
    copy_from_host(backend, std::ptrdiff_t(), from, to);
    pixel_staging_size(&backend, std::size_t());
  };
  static_assert(has,
                "ferlab: this backend has no functions between its memory and the host's (weights_from_host, "
                "weights_to_host, copy_from_host, pixel_staging_size); include the header that has them, or write them "
                "(docs/add-a-backend.md)");
  return has;
}

}  // namespace detail

struct ModelOptions {
  std::uint64_t seed = 0;  ///< of the initial weights
};

/// Model model{net, Cpu{}}: the network's weights in two flat buffers (trained, and running statistics), and what must
/// travel with them: how its input is prepared and what its outputs are called. Can be moved, not copied.
template <class Net, class BackendType, class T = float>
class Model {
 public:
  using Network = Net;
  using Backend = BackendType;
  using Scalar = T;
  using Element = typename BackendType::template Element<T>;  ///< of what stands between ops
  using Plan = ferlab::Plan<Net, BackendType, T>;
  template <class U>
  using Buffer = typename BackendType::template Buffer<U>;

  Net net;
  BackendType backend;
  Buffer<T> trainable;  ///< all weights an optimizer changes, in the order of the parameter table
  Buffer<T> frozen;     ///< all others: BatchNorm's moving statistics
  data::Preprocessing preprocessing = data::Preprocessing::rescale();
  std::vector<std::string> class_names;
  std::map<std::string, std::string> notes;  ///< anything else that should travel in the model file

  explicit Model(Net network, BackendType context = BackendType(), ModelOptions options = {})
      : net(std::move(network)),
        backend(std::move(context)),
        trainable(Plan::parameters.trainable_extent),
        frozen(Plan::parameters.frozen_extent) {
    if constexpr (detail::backend_has_memory<BackendType, T>()) initialize_weights(options.seed);
    weights_changed();
  }

  static constexpr Shape input_shape() { return Net::input; }
  static constexpr Shape output_shape() { return Net::output; }
  static constexpr std::span<const ParameterInfo> parameters() { return Plan::parameters.entries; }

  /// The place of weights in the parameter table by their name: "conv2d_1/kernel". Throws ArgumentError if there are
  /// none of that name.
  static std::size_t entry(std::string_view name) {
    for (std::size_t i = 0; i < parameters().size(); ++i)
      if (parameters()[i].name == name) return i;
    throw ArgumentError("the model has no weights named \"" + std::string(name) + "\"");
  }

  /// A copy of the weights of one entry of the parameter table, in Keras's order, wherever the backend keeps them.
  std::vector<T> get_weights(std::size_t entry) const {
    const Parameter& shape = parameters()[entry].shape;
    std::vector<T> values(shape.size());
    weights_to_host(backend, shape, memory_of(entry), values.data());
    return values;
  }
  std::vector<T> get_weights(std::string_view name) const { return get_weights(entry(name)); }

  /// Replaces them. Throws ArgumentError, and changes nothing, if they are not as many.
  void set_weights(std::size_t entry, std::span<const T> values) {
    const ParameterInfo& info = parameters()[entry];
    if (values.size() != info.size())
      throw ArgumentError("set_weights: " + std::string(info.name.view()) + " has " + std::to_string(info.size()) +
                          " weights, got " + std::to_string(values.size()));
    weights_from_host(backend, info.shape, values.data(), memory_of(entry));
    weights_changed();
  }
  void set_weights(std::string_view name, std::span<const T> values) { set_weights(entry(name), values); }

  /// All weights, one array of the parameter table after another; as keras.Model.get_weights.
  std::vector<T> get_weights() const {
    std::vector<T> all;
    for (std::size_t i = 0; i < parameters().size(); ++i) {
      const std::vector<T> values = get_weights(i);
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }
  void set_weights(std::span<const T> all) {
    if (all.size() != Plan::parameter_count)
      throw ArgumentError("set_weights: the model has " + std::to_string(Plan::parameter_count) + " weights, got " +
                          std::to_string(all.size()));
    for (std::size_t i = 0; i < parameters().size(); all = all.subspan(parameters()[i++].size()))
      set_weights(i, all.first(parameters()[i].size()));
  }

  /// The weights of one entry where they are, on a backend whose memory is the host's. After writing to them, call
  /// weights_changed().
  std::span<T> weights(std::size_t entry) {
    static_assert(BackendType::in_host_memory,
                  "ferlab: these weights are on a device; use get_weights and set_weights");
    return {memory_of(entry), parameters()[entry].size()};
  }
  std::span<const T> weights(std::size_t entry) const { return const_cast<Model*>(this)->weights(entry); }
  std::span<T> weights(std::string_view name) { return weights(entry(name)); }
  std::span<const T> weights(std::string_view name) const { return weights(entry(name)); }

  /// Where the weights of one entry begin, in the backend's memory and order.
  T* memory_of(std::size_t entry) {
    const ParameterInfo& info = parameters()[entry];
    return (info.shape.trainable ? trainable : frozen).data() + info.offset;
  }
  const T* memory_of(std::size_t entry) const { return const_cast<Model*>(this)->memory_of(entry); }

  /// Says that weights were written: whatever was derived from them is made anew before the next pass.
  void weights_changed() {
    static std::atomic<std::uint64_t> last = 0;
    revision_ = ++last;
  }
  /// No two models of a type, and no two states of one, have the same.
  std::uint64_t revision() const { return revision_; }

  /// The trainable buffer cut into runs of equal L2 penalty.
  std::vector<ops::WeightRange> segments() const {
    const std::vector<L2> penalties = tuned().penalties;
    std::vector<ops::WeightRange> runs;
    for (std::size_t i = 0; i < penalties.size(); ++i) {
      const ParameterInfo& info = Plan::parameters.entries[i];
      if (!info.shape.trainable) continue;
      const std::size_t extent = detail::weight_extent(info.size());
      if (!runs.empty() && runs.back().l2 == penalties[i].factor)
        runs.back().size += extent;
      else
        runs.push_back({info.offset, extent, penalties[i].factor});
    }
    return runs;
  }

 private:
  std::uint64_t revision_ = 0;

  void initialize_weights(std::uint64_t seed) {
    const detail::Tuning tuning = tuned();
    for (std::size_t i = 0; i < parameters().size(); ++i) {
      const Parameter& shape = parameters()[i].shape;
      std::vector<T> initial(shape.size());
      detail::initialize(tuning.initializers[i], shape, seed, std::uint32_t(i), initial.data());
      weights_from_host(backend, shape, initial.data(), memory_of(i));
    }
  }
  detail::Tuning tuned() const {
    detail::Tuning tuning;
    detail::Prediction<Net>::lower(tuning, net);
    return tuning;
  }
};

}  // namespace ferlab
