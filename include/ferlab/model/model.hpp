// SPDX-License-Identifier: MIT
// A network with weights, on a backend.
#pragma once

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

namespace ferlab {

struct ModelOptions {
  std::uint64_t seed = 0;  ///< of the initial weights
};

/// A run of trainable weights in the flat buffer that share a penalty; what an optimizer walks over.
struct Segment {
  std::size_t offset = 0, size = 0;
  float l2 = 0;
};

/// Model model{net, Cpu{}}: the network's weights in two flat buffers (trained, and running statistics), and what must
/// travel with them: how its input is prepared and what its outputs are called. Can be moved, not copied.
template <class Net, class BackendType, class T = float>
class Model {
 public:
  using Network = Net;
  using Backend = BackendType;
  using Scalar = T;
  using Value = typename BackendType::template Value<T>;  ///< of what stands between the layers
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
    const auto initializers = each_parameter([](const auto& layer, int position) {
      return LayerTraits<std::remove_cvref_t<decltype(layer)>>::initializer(layer, position);
    });
    for (std::size_t i = 0; i < initializers.size(); ++i)
      initialize(initializers[i], Plan::parameters.entries[i].shape, options.seed, std::uint32_t(i), weights(i).data());
    weights_changed();
  }

  static constexpr Shape input_shape() { return Net::input; }
  static constexpr Shape output_shape() { return Net::output; }
  static constexpr std::span<const ParameterInfo> parameters() { return Plan::parameters.entries; }

  /// The weights of one entry of the parameter table. After writing to them, call weights_changed().
  std::span<T> weights(std::size_t entry) {
    const ParameterInfo& info = Plan::parameters.entries[entry];
    return {(info.shape.trainable ? trainable : frozen).data() + info.offset, info.size()};
  }
  std::span<const T> weights(std::size_t entry) const { return const_cast<Model*>(this)->weights(entry); }

  /// The weights by name: "conv2d_1/kernel". Throws ArgumentError if there are none of that name.
  std::span<T> weights(std::string_view name) {
    for (std::size_t i = 0; i < parameters().size(); ++i)
      if (parameters()[i].name == name) return weights(i);
    throw ArgumentError("the model has no weights named \"" + std::string(name) + "\"");
  }
  std::span<const T> weights(std::string_view name) const { return const_cast<Model*>(this)->weights(name); }

  /// Says that weights were written: whatever was derived from them is made anew before the next pass.
  void weights_changed() { ++revision_; }
  std::uint64_t revision() const { return revision_; }

  /// The trainable buffer cut into runs of equal L2 penalty.
  std::vector<Segment> segments() const {
    const auto penalties = each_parameter([](const auto& layer, int position) {
      return LayerTraits<std::remove_cvref_t<decltype(layer)>>::regularizer(layer, position);
    });
    std::vector<Segment> runs;
    for (std::size_t i = 0; i < penalties.size(); ++i) {
      const ParameterInfo& info = Plan::parameters.entries[i];
      if (!info.shape.trainable) continue;
      const std::size_t extent = detail::parameter_extent(info.size());
      if (!runs.empty() && runs.back().l2 == penalties[i].factor)
        runs.back().size += extent;
      else
        runs.push_back({info.offset, extent, penalties[i].factor});
    }
    return runs;
  }

 private:
  std::uint64_t revision_ = 0;

  /// f(layer, position) for every entry of the parameter table.
  template <class F>
  auto each_parameter(F f) const {
    using List = typename Net::List;
    constexpr auto& table = Plan::parameters;
    std::array<decltype(f(get<0>(net.layers), 0)), table.entries.size()> results{};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (
          [&] {
            for (std::size_t k = table.first[I]; k < table.first[I + 1]; ++k)
              results[k] = f(get<I>(net.layers), table.entries[k].position);
          }(),
          ...);
    }
    (std::make_index_sequence<List::size>{});
    return results;
  }
};

}  // namespace ferlab
