// SPDX-License-Identifier: MIT
// A callback, in one file outside the library: docs/add-a-callback.md.
#pragma once

#include <ferlab/train/training.hpp>

#include <cmath>
#include <vector>

namespace mine {

/// Notes the norm of the gradients of each epoch's last batch, and ends training when it falls below `tolerance`.
struct StopWhenFlat {
  double tolerance = 1e-3;
  std::vector<double> norms;

  void on_train_begin(const ferlab::TrainingState&) { norms.clear(); }

  // t is a ferlab::Training<...>: it has the model, the data, the gradients and all of TrainingState.
  void on_epoch_end(auto& t) {
    const auto gradients = t.gradients();  // in the backend's memory
    std::vector<typename std::remove_cvref_t<decltype(t)>::Model::Element> host(gradients.size());
    copy_to_host(t.model.backend, std::ptrdiff_t(host.size()), gradients.data(), host.data());
    double sum = 0;
    for (const auto g : host) sum += double(g) * double(g);
    norms.push_back(std::sqrt(sum));
    if (norms.back() < tolerance) t.stop = true;
  }

  // What a resumed run must know of the one before.
  static constexpr const char* name = "StopWhenFlat";
  void remembers(auto& each) { each("norms", norms); }
};

}  // namespace mine
