// SPDX-License-Identifier: MIT
// The ways to run a convolution: a plan of cuDNN's, our own kernel on tensor cores, or in two steps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ferlab/cuda/convolution.hpp"
#include "ferlab/cuda/cudnn_plans.hpp"
#include "kernels/kernels.hpp"

namespace ferlab::cuda {

/// Does everything that a Convolution says on the memory; `workspace` has workspace_bytes.
struct ConvolutionWay {
  std::size_t workspace_bytes = 0;
  std::function<void(const ConvolutionMemory&, void* workspace)> run;
};

namespace detail {

template <class V>
const V* read(const void* memory) {
  return static_cast<const V*>(memory);
}
template <class V>
V* write(const void* memory) {
  return static_cast<V*>(const_cast<void*>(memory));
}

/// f(V*), V being what a cuDNN type stands for.
template <class F>
void with_type(cudnnDataType_t type, const F& f) {
  type == CUDNN_DATA_FLOAT ? f(static_cast<float*>(nullptr)) : f(static_cast<bfloat16*>(nullptr));
}

}  // namespace detail

/// A convolution as a graph for cuDNN, but for y's statistics and a bias's gradient.
class ConvolutionGraph {
 public:
  ConvolutionGraph(const Convolution& c, cudnnDataType_t type) {
    using Kind = Convolution::Kind;
    const Conv2DGeometry& g = c.g;
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
inline ConvolutionWay cudnn_way(const Convolution& c, cudnnDataType_t type,
                                std::shared_ptr<const ConvolutionGraph> graph, ExecutionPlan plan, cudnnHandle_t handle,
                                cudaStream_t stream) {
  const std::size_t bytes = plan.workspace_bytes();
  return {bytes, [=, plan = std::make_shared<ExecutionPlan>(std::move(plan))](const ConvolutionMemory& memory,
                                                                              void* workspace) {
            plan->execute(handle, graph->with(memory), workspace);
            detail::with_type(type, [&]<class V>(V*) {
              if (c.statistics)
                kernels::batch_statistics(stream, c.pixels_of_y(), c.g.filters, detail::read<V>(memory.y),
                                          memory.statistics, memory.scratch);
              if (c.kind == Convolution::Kind::data_gradient_relu_bias)
                kernels::bias_backward(stream, c.pixels_of_x(), c.g.channels, detail::read<V>(memory.x),
                                       detail::write<V>(memory.bias), memory.scratch);
            });
          }};
}

/// Is there a kernel of ours for it? In bfloat16.
inline bool own_takes(const Convolution& c) {
  return c.is_gradient() ? kernels::conv2d_tensor_takes_gradient(c.g) : kernels::conv2d_tensor_takes(c.g);
}

/// By our own kernels (kernels/conv2d_tensor.cuh), in bfloat16.
inline ConvolutionWay own_way(const Convolution& c, cudaStream_t stream) {
  using V = bfloat16;
  using detail::read, detail::write;
  if (c.kind == Convolution::Kind::filter_gradient)
    return {sizeof(float) * kernels::conv2d_tensor_backward_filter_scratch_size(c.g),
            [=](const ConvolutionMemory& m, void* workspace) {
              kernels::conv2d_tensor_backward_filter(stream, c.g, read<V>(m.x), read<V>(m.y), write<V>(m.w),
                                                     static_cast<float*>(workspace));
            }};
  if (c.is_gradient())
    return {0, [=](const ConvolutionMemory& m, void*) {
              conv2d_tensor_backward_data(stream, c.g, read<V>(m.y), read<V>(m.w), read<V>(m.relu), write<V>(m.x));
              if (c.kind == Convolution::Kind::data_gradient_relu_bias)
                kernels::bias_backward(stream, c.pixels_of_x(), c.g.channels, read<V>(m.x), write<V>(m.bias),
                                       m.scratch);
            }};
  const Activation activation = c.has_relu() ? Activation::relu : Activation::none;
  if (c.statistics)
    return {sizeof(float) * kernels::conv2d_tensor_statistics_scratch_size(c.g),
            [=](const ConvolutionMemory& m, void* workspace) {
              kernels::conv2d_tensor_forward_statistics(stream, c.g, read<V>(m.x), read<V>(m.w), read<V>(m.bias),
                                                        activation, write<V>(m.y), m.statistics,
                                                        static_cast<float*>(workspace));
            }};
  return {0, [=](const ConvolutionMemory& m, void*) {
            kernels::conv2d_tensor_forward(stream, c.g, read<V>(m.x), read<V>(m.w), read<V>(m.bias), activation,
                                           write<V>(m.y));
          }};
}

/// A gradient of the input as `plain` runs it, then the backward pass of ReLU and bias.
template <class Plain>
ConvolutionWay two_steps(const Convolution& c, cudnnDataType_t type, cudaStream_t stream, const Plain& plain) {
  return {0, [=](const ConvolutionMemory& memory, void*) {
            plain(memory);
            detail::with_type(type, [&]<class V>(V*) {
              kernels::relu_bias_backward(stream, c.pixels_of_x(), c.g.channels, detail::read<V>(memory.relu),
                                          detail::write<V>(memory.x), detail::write<V>(memory.bias), memory.scratch);
            });
          }};
}

}  // namespace ferlab::cuda
