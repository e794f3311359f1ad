// SPDX-License-Identifier: MIT
// One way to call a stage, whether it is a layer or a backend's fusion of several.
#pragma once

#include "ferlab/model/stages.hpp"

namespace ferlab::detail {

template <class Backend, class List, class Indices>
struct StageOps;

template <class Backend, class List, std::size_t I>
struct StageOps<Backend, List, std::index_sequence<I>> {
  using L = typename List::template at<I>;

  template <class Pack, class T, class V>
  static void prepare(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    if constexpr (requires { get<I>(layers).prepare(backend, pass); }) get<I>(layers).prepare(backend, pass);
  }
  template <class Pack, class T, class V>
  static void forward(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    get<I>(layers).forward(backend, pass);
  }
  template <class Pack, class T, class V>
  static void infer(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    if constexpr (requires { get<I>(layers).infer(backend, pass); })
      get<I>(layers).infer(backend, pass);
    else
      get<I>(layers).forward(backend, pass);
  }
  template <class Pack, class T, class V>
  static void backward(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    get<I>(layers).backward(backend, pass);
  }
};

template <class Backend, class List, std::size_t... I>
struct StageOps<Backend, List, std::index_sequence<I...>> {
  using Fused = Fusion<Backend, typename List::template at<I>...>;
  using Stage = Layers<typename List::template at<I>...>;

  template <class Pack>
  static Stage stage(const Pack& layers) {
    return {{{{&get<I>(layers)}...}}};
  }
  template <class Pack, class T, class V>
  static void prepare(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    if constexpr (requires { Fused::prepare(backend, stage(layers), pass); })
      Fused::prepare(backend, stage(layers), pass);
  }
  template <class Pack, class T, class V>
  static void forward(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    Fused::forward(backend, stage(layers), pass);
  }
  template <class Pack, class T, class V>
  static void infer(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    Fused::infer(backend, stage(layers), pass);
  }
  template <class Pack, class T, class V>
  static void backward(const Backend& backend, const Pack& layers, const Pass<T, V>& pass) {
    Fused::backward(backend, stage(layers), pass);
  }
};

/// The indices First, First + 1, ... of a stage's layers.
template <std::size_t First, std::size_t... K>
std::index_sequence<(First + K)...> shifted(std::index_sequence<K...>);

/// The ops of stage S of a model's plan.
template <class Net, class Backend, class Plan, std::size_t S>
using OpsOf = StageOps<Bare<Backend>, typename Net::List,
                       decltype(shifted<Plan::stages[S].first>(std::make_index_sequence<Plan::stages[S].count>{}))>;

}  // namespace ferlab::detail
