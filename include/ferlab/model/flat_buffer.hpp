// SPDX-License-Identifier: MIT
// Buffers laid out as a model's trainable weights (an optimizer's moments), to and from the host: there they are in
// Keras's order, on every backend, with zeros between the arrays.
#pragma once

#include <span>
#include <vector>

#include "ferlab/model/model.hpp"

namespace ferlab::detail {

template <class M>
std::vector<typename M::Scalar> flat_to_host(const M& model, const typename M::Scalar* buffer) {
  std::vector<typename M::Scalar> host(M::Plan::parameters.trainable_extent);
  for (const ParameterInfo& info : M::parameters())
    if (info.shape.trainable)
      weights_to_host(model.backend, info.shape, buffer + info.offset, host.data() + info.offset);
  return host;
}

template <class M>
void flat_from_host(const M& model, std::span<const typename M::Scalar> host, typename M::Scalar* buffer) {
  for (const ParameterInfo& info : M::parameters())
    if (info.shape.trainable)
      weights_from_host(model.backend, info.shape, host.data() + info.offset, buffer + info.offset);
}

}  // namespace ferlab::detail
