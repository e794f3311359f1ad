// SPDX-License-Identifier: MIT
// A few operations handed to cuDNN as one graph. Tensors are channels-last ([batch][height][width][channels] in
// memory); sums are in float.
#pragma once

#include <algorithm>
#include <deque>

#include "ferlab/cuda/cudnn_descriptor.hpp"
#include "ferlab/ops/geometry.hpp"

namespace ferlab::cuda {

/// A tensor of a graph: its number there, and its descriptor.
struct GraphTensor {
  std::int64_t id = 0;
  const Descriptor* descriptor = nullptr;
};

/// What a batch norm has for each channel, [1][1][1][channels] in float.
struct BatchNormTensors {
  GraphTensor scale, bias;
  GraphTensor mean, inv_std;  ///< of the batch; the forward pass writes them, the backward pass reads them
  /// Before and after a forward pass; the same memory may stand for both. cuDNN's variance is the unbiased one, the sum
  /// of squares over (count - 1), where Keras's and our kernels' moving variance divides by the count.
  GraphTensor running_mean, running_variance, next_running_mean, next_running_variance;
};

/// Operations on tensors, added in the order in which they run.
class Graph {
 public:
  /// `elements` in memory; `between`: only handed from one operation to the next, in float, never written; `by_value`:
  /// in the host's memory, read when the graph is run.
  enum class Kind { elements, between, by_value };

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
        .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, between)
        .set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, kind == Kind::by_value);
    made.finalize("a tensor");
    return {id, &made};
  }
  /// A kernel [filters][kernel][kernel][channels]: cuDNN's order, not Keras's.
  GraphTensor kernel(cudnnDataType_t type, const ops::Conv2DGeometry& g) {
    return tensor(type, g.filters, g.kernel, g.kernel, g.channels);
  }

  /// One float, of which the host's memory is given when the graph is run.
  GraphTensor scalar() { return tensor(CUDNN_DATA_FLOAT, 1, 1, 1, 1, Kind::by_value); }
  BatchNormTensors batch_norm_tensors(int channels) {
    const auto one = [&] { return tensor(CUDNN_DATA_FLOAT, 1, 1, 1, channels); };
    return {one(), one(), one(), one(), one(), one(), one(), one()};
  }

  void convolution(const ops::Conv2DGeometry& g, GraphTensor x, GraphTensor w, GraphTensor y) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, *w.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, *y.descriptor);
    finish(op, g, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
           CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, "a convolution");
  }
  void convolution_data_gradient(const ops::Conv2DGeometry& g, GraphTensor dy, GraphTensor w, GraphTensor dx) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, *dy.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, *w.descriptor)
        .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, *dx.descriptor);
    finish(op, g, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, "a convolution's gradient of the input");
  }
  void convolution_filter_gradient(const ops::Conv2DGeometry& g, GraphTensor x, GraphTensor dy, GraphTensor dw) {
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
  /// dx = dy where y > 0, else 0; y is what the ReLU gave.
  void relu_backward(GraphTensor dy, GraphTensor y, GraphTensor dx) {
    Descriptor& op = pointwise(CUDNN_POINTWISE_RELU_BWD);
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, *y.descriptor)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC, *dy.descriptor)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_DXDESC, *dx.descriptor);
    op.finalize("a ReLU's gradient");
  }

  /// y = (x - mean) * inv_std * scale + bias, mean and inv_std = 1 / sqrt(variance + epsilon) being the batch's for
  /// each channel. `epsilon` and `factor` are numbers: running' = (1 - factor) * running + factor * the batch's, so
  /// factor is 1 - Keras's momentum.
  void batch_norm_forward_training(GraphTensor x, const BatchNormTensors& t, GraphTensor epsilon, GraphTensor factor,
                                   GraphTensor y) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_NORM_FORWARD_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_NORM_FWD_MODE, CUDNN_TYPE_NORM_MODE, CUDNN_BATCH_NORM)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_PHASE, CUDNN_TYPE_NORM_FWD_PHASE, CUDNN_NORM_FWD_TRAINING)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_XDESC, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_SCALE_DESC, *t.scale.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_BIAS_DESC, *t.bias.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_EPSILON_DESC, *epsilon.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_EXP_AVG_FACTOR_DESC, *factor.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_MEAN_DESC, *t.mean.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_INV_VARIANCE_DESC, *t.inv_std.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_MEAN_DESC, *t.running_mean.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_INPUT_RUNNING_VAR_DESC, *t.running_variance.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_MEAN_DESC, *t.next_running_mean.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_OUTPUT_RUNNING_VAR_DESC, *t.next_running_variance.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_FWD_YDESC, *y.descriptor);
    op.finalize("a batch norm");
  }
  /// From x, dy and what the forward pass wrote of the batch; dscale and dbias are [1][1][1][channels] in float.
  void batch_norm_backward(GraphTensor x, GraphTensor dy, const BatchNormTensors& t, GraphTensor dx, GraphTensor dscale,
                           GraphTensor dbias) {
    Descriptor& op = operations_.emplace_back(CUDNN_BACKEND_OPERATION_NORM_BACKWARD_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_NORM_BWD_MODE, CUDNN_TYPE_NORM_MODE, CUDNN_BATCH_NORM)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_XDESC, *x.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_DYDESC, *dy.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_SCALE_DESC, *t.scale.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_MEAN_DESC, *t.mean.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_INV_VARIANCE_DESC, *t.inv_std.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_DXDESC, *dx.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_DSCALE_DESC, *dscale.descriptor)
        .set(CUDNN_ATTR_OPERATION_NORM_BWD_DBIAS_DESC, *dbias.descriptor);
    op.finalize("a batch norm's gradients");
  }

  const std::deque<Descriptor>& operations() const { return operations_; }

 private:
  const Descriptor& windows(const ops::Conv2DGeometry& g) {
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
  void finish(Descriptor& op, const ops::Conv2DGeometry& g, cudnnBackendAttributeName_t windows_name,
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

}  // namespace ferlab::cuda
