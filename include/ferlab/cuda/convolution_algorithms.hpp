// SPDX-License-Identifier: MIT
// The algorithms for a convolution: a plan of cuDNN's, our own kernel on tensor cores, or in two steps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ferlab/cuda/convolution.hpp"
#include "ferlab/cuda/cudnn_plans.hpp"
#include "ferlab/cuda/typed_memory.hpp"
#include "kernels/kernels.hpp"

namespace ferlab::cuda {

/// Does everything that a Convolution says on the memory; `workspace` has workspace_bytes.
struct ConvolutionAlgorithm {
  std::size_t workspace_bytes = 0;
  std::function<void(const ConvolutionMemory&, void* workspace)> run;
};

namespace detail {

/// The gradient of the bias that x came out of, from dx.
template <class V>
void bias_backward(cudaStream_t stream, const Convolution& c, const ConvolutionMemory& memory) {
  kernels::run(stream, kernels::BiasBackward<V>{.rows = c.pixels_of_x(),
                                                .channels = c.g.channels,
                                                .dy = read<V>(memory.x),
                                                .dbias = write<V>(memory.bias),
                                                .scratch = memory.scratch});
}

}  // namespace detail

/// A convolution as a graph for cuDNN, but for y's statistics and a bias's gradient.
class ConvolutionGraph {
 public:
  ConvolutionGraph(const Convolution& c, cudnnDataType_t type) {
    using Kind = Convolution::Kind;
    const ops::Conv2DGeometry& g = c.g;
    const auto image = [&](Graph::Kind kind) {
      return graph_.tensor(type, g.batch, g.height, g.width, g.channels, kind);
    };
    const auto output = [&](Graph::Kind kind) {
      return graph_.tensor(type, g.batch, g.out_height, g.out_width, g.filters, kind);
    };
    x_ = image(Graph::Kind::elements), w_ = graph_.kernel(type, g), y_ = output(Graph::Kind::elements);
    if (c.kind == Kind::data_gradient) {
      graph_.convolution_data_gradient(g, y_, w_, x_);
    } else if (c.kind == Kind::filter_gradient) {
      graph_.convolution_filter_gradient(g, x_, y_, w_);
    } else if (c.kind == Kind::data_gradient_relu_bias) {
      const GraphTensor between = image(Graph::Kind::between);
      relu_ = image(Graph::Kind::elements);
      graph_.convolution_data_gradient(g, y_, w_, between);
      graph_.relu_backward(between, relu_, x_);
    } else {
      GraphTensor last = c.has_bias() || c.has_relu() ? output(Graph::Kind::between) : y_;
      graph_.convolution(g, x_, w_, last);
      if (c.has_bias()) {
        bias_ = graph_.tensor(type, 1, 1, 1, g.filters);
        const GraphTensor sum = c.has_relu() ? output(Graph::Kind::between) : y_;
        graph_.add(last, bias_, sum);
        last = sum;
      }
      if (c.has_relu()) graph_.relu(last, y_);
    }
  }

  const Graph& graph() const { return graph_; }
  /// The memory of the tensors that it has.
  std::vector<std::pair<std::int64_t, void*>> with(const ConvolutionMemory& memory) const {
    std::vector<std::pair<std::int64_t, void*>> found;
    for (const auto& [tensor, at] :
         {std::pair{x_, memory.x}, {w_, memory.w}, {y_, memory.y}, {bias_, memory.bias}, {relu_, memory.relu}})
      if (tensor.descriptor) found.emplace_back(tensor.id, const_cast<void*>(at));
    return found;
  }

 private:
  Graph graph_;
  GraphTensor x_, w_, y_, bias_, relu_;
};

/// By a plan of cuDNN's for `graph`, on the handle's stream.
inline ConvolutionAlgorithm cudnn_algorithm(const Convolution& c, cudnnDataType_t type,
                                            std::shared_ptr<const ConvolutionGraph> graph, ExecutionPlan plan,
                                            cudnnHandle_t handle, cudaStream_t stream) {
  const std::size_t bytes = plan.workspace_bytes();
  return {bytes, [=, plan = std::make_shared<ExecutionPlan>(std::move(plan))](const ConvolutionMemory& memory,
                                                                              void* workspace) {
            plan->execute(handle, graph->with(memory), workspace);
            detail::with_element(type == CUDNN_DATA_FLOAT, [&]<class V>(V*) {
              if (c.statistics)
                kernels::run(stream, kernels::BatchStatistics<V>{.rows = c.pixels_of_y(),
                                                                 .channels = c.g.filters,
                                                                 .x = detail::read<V>(memory.y),
                                                                 .found = memory.statistics,
                                                                 .scratch = memory.scratch});
              if (c.kind == Convolution::Kind::data_gradient_relu_bias) detail::bias_backward<V>(stream, c, memory);
            });
          }};
}

/// Is there a kernel of ours for it? In bfloat16.
inline bool own_takes(const Convolution& c) {
  return c.is_gradient() ? kernels::conv2d_tensor_takes_gradient(c.g) : kernels::conv2d_tensor_takes(c.g);
}

/// By our own kernels (kernels/conv2d_tensor.cuh), in bfloat16.
inline ConvolutionAlgorithm own_algorithm(const Convolution& c, cudaStream_t stream) {
  using V = bfloat16;
  using detail::read, detail::write;
  if (c.kind == Convolution::Kind::filter_gradient)
    return {sizeof(float) * kernels::conv2d_tensor_backward_filter_scratch_size(c.g),
            [=](const ConvolutionMemory& m, void* workspace) {
              kernels::conv2d_tensor(stream,
                                     kernels::Conv2DBackwardFilter<V>{.geometry = c.g,
                                                                      .x = read<V>(m.x),
                                                                      .dy = read<V>(m.y),
                                                                      .dkernel = write<V>(m.w),
                                                                      .scratch = static_cast<float*>(workspace)});
            }};
  if (c.is_gradient())
    return {0, [=](const ConvolutionMemory& m, void*) {
              kernels::conv2d_tensor(stream, kernels::Conv2DBackwardData<V>{.geometry = c.g,
                                                                            .dy = read<V>(m.y),
                                                                            .kernel = read<V>(m.w),
                                                                            .dx = write<V>(m.x),
                                                                            .relu = read<V>(m.relu)});
              if (c.kind == Convolution::Kind::data_gradient_relu_bias) detail::bias_backward<V>(stream, c, m);
            }};
  const ops::Activation activation = c.has_relu() ? ops::Activation::relu : ops::Activation::none;
  return {c.statistics ? sizeof(float) * kernels::conv2d_tensor_statistics_scratch_size(c.g) : 0,
          [=](const ConvolutionMemory& m, void* workspace) {
            kernels::conv2d_tensor(stream, kernels::Conv2D<V>{.geometry = c.g,
                                                              .x = read<V>(m.x),
                                                              .kernel = read<V>(m.w),
                                                              .bias = read<V>(m.bias),
                                                              .activation = activation,
                                                              .y = write<V>(m.y),
                                                              .statistics = m.statistics,
                                                              .scratch = static_cast<float*>(workspace)});
          }};
}

/// A gradient of the input as `plain` runs it, then the backward pass of ReLU and bias.
template <class Plain>
ConvolutionAlgorithm two_steps(const Convolution& c, cudnnDataType_t type, cudaStream_t stream, const Plain& plain) {
  return {0, [=](const ConvolutionMemory& memory, void*) {
            plain(memory);
            detail::with_element(type == CUDNN_DATA_FLOAT, [&]<class V>(V*) {
              kernels::run(stream, kernels::ReLUBiasBackward<V>{.rows = c.pixels_of_x(),
                                                                .channels = c.g.channels,
                                                                .y = detail::read<V>(memory.relu),
                                                                .dy = detail::read<V>(memory.x),
                                                                .dx = detail::write<V>(memory.x),
                                                                .dbias = detail::write<V>(memory.bias),
                                                                .scratch = memory.scratch});
            });
          }};
}

}  // namespace ferlab::cuda
