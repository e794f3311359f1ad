// SPDX-License-Identifier: MIT
// Which classes a model takes for which.
#pragma once

#include <span>

#include "ferlab/metrics/confusion_matrix.hpp"
#include "ferlab/train/evaluate.hpp"

namespace ferlab {

/// The model on labelled data. Throws ArgumentError or DataError where the data does not fit.
template <class M>
ConfusionMatrix confusion_matrix(const M& model, const data::Dataset& data, int batch_size = 64) {
  detail::check_data<M>(data, "confusion_matrix", true);
  const auto outputs = predict(model, data, batch_size);
  return confusion_matrix(std::span<const typename M::Scalar>(outputs), data, int(M::output_shape().size()));
}

}  // namespace ferlab
