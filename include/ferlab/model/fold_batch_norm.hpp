// SPDX-License-Identifier: MIT
// For serving: a BatchNorm right behind a convolution or a dense layer is, once its statistics stand still, another
// kernel and bias of that layer (Jacob et al., CVPR 2018, section 3.2).
#pragma once

#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "ferlab/layers/batch_norm.hpp"
#include "ferlab/layers/conv2d.hpp"
#include "ferlab/layers/dense.hpp"
#include "ferlab/model/model.hpp"

namespace ferlab {

namespace detail {

/// The same layer with a bias, where a BatchNorm can be folded into it.
template <int Filters, int KernelSize, Padding Pad, int Stride, Bias UseBias>
constexpr auto with_bias(const Conv2D<Filters, KernelSize, Pad, Stride, UseBias>& layer) {
  return Conv2D<Filters, KernelSize, Pad, Stride, Bias::yes>{layer.kernel_initializer, layer.bias_initializer,
                                                             layer.kernel_regularizer};
}
template <int Units, Bias UseBias>
constexpr auto with_bias(const Dense<Units, UseBias>& layer) {
  return Dense<Units, Bias::yes>{layer.kernel_initializer, layer.bias_initializer, layer.kernel_regularizer};
}

template <class List, std::size_t I>
constexpr bool folds() {
  if constexpr (I + 1 < List::size)
    return std::is_same_v<typename List::template at<I + 1>, BatchNorm> &&
           requires(const typename List::template at<I>& layer) {
      with_bias(layer);
    };
  else
    return false;
}
template <class List, std::size_t I>
constexpr bool is_folded_away() {
  if constexpr (I > 0)
    return folds<List, I - 1>();
  else
    return false;
}

/// What entry I of the flat list becomes.
template <class List, std::size_t I>
auto folded_entry(const auto& layers) {
  if constexpr (is_folded_away<List, I>())
    return std::tuple<>{};
  else if constexpr (folds<List, I>())
    return std::tuple{with_bias(get<I>(layers))};
  else
    return std::tuple{get<I>(layers)};
}

template <class Net, std::size_t... I>
auto folded_net(const Net& net, std::index_sequence<I...>) {
  return std::apply(
      [](auto... layers) {
        return Sequential{Input<Net::input.height, Net::input.width, Net::input.channels>{}, std::move(layers)...};
      },
      std::tuple_cat(folded_entry<typename Net::List, I>(net.layers)...));
}

/// y = scale * (kernel x + bias - mean) + beta, scale = gamma / sqrt(variance + epsilon), as one kernel and one bias.
/// `weights`: kernel [...][filters], bias where there is one, gamma, beta, moving mean, moving variance.
template <class T>
std::pair<std::vector<T>, std::vector<T>> fold(const std::vector<std::vector<T>>& weights, double epsilon) {
  const std::size_t n = weights.size(), filters = weights[n - 4].size();
  const auto &gamma = weights[n - 4], &beta = weights[n - 3], &mean = weights[n - 2], &variance = weights[n - 1];
  std::vector<T> kernel = weights[0], bias(filters);
  for (std::size_t f = 0; f < filters; ++f) {
    const double scale = double(gamma[f]) / std::sqrt(double(variance[f]) + epsilon);
    for (std::size_t k = f; k < kernel.size(); k += filters) kernel[k] = T(double(kernel[k]) * scale);
    bias[f] = T(double(beta[f]) + ((n == 6 ? double(weights[1][f]) : 0.0) - double(mean[f])) * scale);
  }
  return {std::move(kernel), std::move(bias)};
}

}  // namespace detail

/// A model that predicts the same (up to rounding), without the BatchNorms that stand right behind a Conv2D or a Dense:
/// `const Model serving = fold_batch_norm(model);`. Preprocessing, class names and notes come along. For prediction
/// only: training it is training a network without those layers. A BatchNorm behind a ReLU stays.
template <class Net, class Backend, class T>
auto fold_batch_norm(const Model<Net, Backend, T>& model) {
  using List = typename Net::List;
  using From = Model<Net, Backend, T>;
  constexpr auto entries = std::make_index_sequence<List::size>{};
  auto net = detail::folded_net(model.net, entries);
  using To = Model<decltype(net), Backend, T>;
  To folded(std::move(net), model.backend);
  folded.preprocessing = model.preprocessing;
  folded.class_names = model.class_names;
  folded.notes = model.notes;

  std::size_t to = 0;  // the next array of `folded`
  const auto visit = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if constexpr (!detail::is_folded_away<List, I>()) {
      constexpr std::size_t behind = I + (detail::folds<List, I>() ? 2 : 1);
      std::vector<std::vector<T>> weights;
      for (std::size_t k = From::Plan::parameters.first[I]; k < From::Plan::parameters.first[behind]; ++k)
        weights.push_back(model.get_weights(k));
      if constexpr (detail::folds<List, I>()) {
        auto [kernel, bias] = detail::fold(weights, double(get<I + 1>(model.net.layers).epsilon));
        weights = {std::move(kernel), std::move(bias)};
      }
      for (const auto& values : weights) folded.set_weights(to++, values);
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) { (visit(std::integral_constant<std::size_t, I>{}), ...); }
  (entries);
  return folded;
}

}  // namespace ferlab
