// SPDX-License-Identifier: MIT
// The tensors of the tutorial net's first block, 46 x 46 x 64, and how its ops are timed. The argument is the batch
// size.
#pragma once

#include "device_bench.cuh"
#include "ferlab/ops/geometry.hpp"
#include "ferlab/ops/step_state.hpp"
#include "kernels/batch_norm.hpp"

namespace bench {

/// Tensors of the first block's size, and what else its ops want.
template <class S>
struct Block {
  static constexpr int channels = 64;
  ferlab::ops::Pool2DGeometry g;
  std::ptrdiff_t rows, n, pooled;
  DeviceBuffer<S> x, y, dy, small, small_dy, maxima;
  DeviceBuffer<std::uint8_t> argmax;
  DeviceBuffer<float> channel, scratch;
  DeviceBuffer<ferlab::ops::StepState> state;

  explicit Block(int batch)
      : g{batch, 46, 46, channels, 23, 23, 2, 2, 0, 0},
        rows(std::ptrdiff_t(batch) * 46 * 46),
        n(rows * channels),
        pooled(n / 4),
        x(std::size_t(n)),
        y(std::size_t(n)),
        dy(std::size_t(n)),
        small(std::size_t(pooled)),
        small_dy(std::size_t(pooled)),
        maxima(std::size_t(pooled)),
        argmax(std::size_t(pooled)),
        channel(8 * channels),
        scratch(ferlab::kernels::batch_norm_scratch_size(channels)),
        state(1) {
    fill(std::size_t(n), x.data());
    fill(std::size_t(n), dy.data());
    fill(std::size_t(pooled), small_dy.data());
    fill(8 * channels, channel.data());
  }
  /// gamma, beta, mean, inv_std, moving mean, moving variance, dgamma, dbeta
  float* per_channel(int i) { return channel.data() + i * channels; }
  ferlab::kernels::ChannelStatistics statistics() {
    return {1e-3f, 0.99f, per_channel(2), per_channel(3), per_channel(4), per_channel(5)};
  }
};

}  // namespace bench
