// SPDX-License-Identifier: MIT
// cuDNN's graph API by plain loops on the host: of any graph it offers one plan, which interprets the operations as
// their descriptors define them. What it is given it takes at its word, so a wrong dimension, stride or padding shows.
#include <cudnn.h>
#include "cuda_backend/stand_in.hpp"

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "kernels/bfloat16.hpp"

namespace ferlab::emulator {
extern std::vector<std::function<void()>>* recording;
}

namespace {

struct Node;
using Link = std::shared_ptr<Node>;

/// A descriptor: what was set, numbers and pointers as 8 bytes each.
struct Node {
  cudnnBackendDescriptorType_t type;
  std::map<cudnnBackendAttributeName_t, std::vector<std::int64_t>> numbers;
  std::map<cudnnBackendAttributeName_t, std::vector<Link>> links;

  std::int64_t number(cudnnBackendAttributeName_t name) const { return numbers.at(name).at(0); }
  const Link& link(cudnnBackendAttributeName_t name) const { return links.at(name).at(0); }
};

Link& link_of(cudnnBackendDescriptor_t descriptor) { return *static_cast<Link*>(descriptor); }

/// A tensor's elements where its strides say they are, whatever their type.
struct View {
  std::vector<std::int64_t> dims, strides;
  cudnnDataType_t type;
  char* memory;

  explicit View(const Node& tensor, char* at)
      : dims(tensor.numbers.at(CUDNN_ATTR_TENSOR_DIMENSIONS)),
        strides(tensor.numbers.at(CUDNN_ATTR_TENSOR_STRIDES)),
        type(cudnnDataType_t(tensor.number(CUDNN_ATTR_TENSOR_DATA_TYPE))),
        memory(at) {}

  std::int64_t index(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
    const std::int64_t at[] = {n, c, h, w};
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += (dims[i] == 1 ? 0 : at[i]) * strides[i];
    return sum;
  }
  float get(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
    const std::int64_t i = index(n, c, h, w);
    return type == CUDNN_DATA_FLOAT ? reinterpret_cast<const float*>(memory)[i]
                                    : float(reinterpret_cast<const ferlab::bfloat16*>(memory)[i]);
  }
  void set(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w, float value) const {
    const std::int64_t i = index(n, c, h, w);
    if (type == CUDNN_DATA_FLOAT)
      reinterpret_cast<float*>(memory)[i] = value;
    else
      reinterpret_cast<ferlab::bfloat16*>(memory)[i] = value;
  }
  template <class F>
  void for_each(const F& f) const {
    for (std::int64_t n = 0; n < dims[0]; ++n)
      for (std::int64_t c = 0; c < dims[1]; ++c)
        for (std::int64_t h = 0; h < dims[2]; ++h)
          for (std::int64_t w = 0; w < dims[3]; ++w) f(n, c, h, w);
  }
};

/// One run of a graph.
struct Run {
  std::map<std::int64_t, char*> memory;
  std::map<const Node*, std::vector<float>> between;

  View view(const Link& tensor) {
    if (tensor->numbers.count(CUDNN_ATTR_TENSOR_IS_VIRTUAL) && tensor->number(CUDNN_ATTR_TENSOR_IS_VIRTUAL)) {
      std::vector<float>& values = between[tensor.get()];
      std::size_t size = 1;
      for (std::int64_t d : tensor->numbers.at(CUDNN_ATTR_TENSOR_DIMENSIONS)) size *= std::size_t(d);
      values.resize(size);
      return View(*tensor, reinterpret_cast<char*>(values.data()));
    }
    return View(*tensor, memory.at(tensor->number(CUDNN_ATTR_TENSOR_UNIQUE_ID)));
  }

  /// f(n, k, c, output row and column, input row and column, kernel row and column) for all that meet inside.
  template <class F>
  static void for_each_product(const Node& windows, const View& x, const View& w, const View& y, const F& f) {
    const auto& pads = windows.numbers.at(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS);
    const auto& after = windows.numbers.at(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS);
    const auto& strides = windows.numbers.at(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES);
    for (std::size_t i = 0; i < 2; ++i)
      if ((x.dims[2 + i] + pads[i] + after[i] - w.dims[2 + i]) / strides[i] + 1 != y.dims[2 + i])
        throw std::logic_error("the windows of a convolution do not fit its tensors");
    if (w.dims[0] != y.dims[1] || w.dims[1] != x.dims[1]) throw std::logic_error("channels do not fit the kernel");
    y.for_each([&](std::int64_t n, std::int64_t k, std::int64_t i, std::int64_t j) {
      w.for_each([&](std::int64_t filter, std::int64_t c, std::int64_t r, std::int64_t s) {
        const std::int64_t h = i * strides[0] - pads[0] + r, v = j * strides[1] - pads[1] + s;
        if (filter == k && h >= 0 && h < x.dims[2] && v >= 0 && v < x.dims[3]) f(n, k, c, i, j, h, v, r, s);
      });
    });
  }

  /// Sums in float, rounded once at the end.
  struct Sums {
    const View& to;
    std::vector<float> values;
    explicit Sums(const View& view) : to(view) {
      std::size_t size = 1;
      for (std::int64_t d : view.dims) size *= std::size_t(d);
      values.resize(size);
    }
    float& at(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
      return values[std::size_t(((a * to.dims[1] + b) * to.dims[2] + c) * to.dims[3] + d)];
    }
    void write() {
      to.for_each([&](auto a, auto b, auto c, auto d) { to.set(a, b, c, d, at(a, b, c, d)); });
    }
  };

  void pointwise(const Node& op) {
    const auto mode = op.link(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)->number(CUDNN_ATTR_POINTWISE_MODE);
    const auto of = [&](cudnnBackendAttributeName_t name) { return view(op.link(name)); };
    const View x = of(CUDNN_ATTR_OPERATION_POINTWISE_XDESC);
    const bool backward = mode == CUDNN_POINTWISE_RELU_BWD;
    const View y = of(backward ? CUDNN_ATTR_OPERATION_POINTWISE_DXDESC : CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
    if (backward) {
      ++stand_in::runtime().relu_gradients;
      const View dy = of(CUDNN_ATTR_OPERATION_POINTWISE_DYDESC);
      y.for_each([&](auto... at) { y.set(at..., x.get(at...) > 0 ? dy.get(at...) : 0); });
    } else if (mode == CUDNN_POINTWISE_ADD) {
      const View b = of(CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
      y.for_each([&](auto... at) { y.set(at..., x.get(at...) + b.get(at...)); });
    } else if (mode == CUDNN_POINTWISE_RELU_FWD) {
      y.for_each([&](auto... at) { y.set(at..., x.get(at...) > 0 ? x.get(at...) : 0); });  // NaN becomes 0 too
    } else {
      throw std::logic_error("an elementwise operation that the stand-in does not know");
    }
  }

  void operator()(const Node& op) {
    if (op.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR) {
      const View x = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X)),
                 w = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W)),
                 y = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y));
      Sums sums(y);
      for_each_product(*op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC), x, w, y,
                       [&](auto n, auto k, auto c, auto i, auto j, auto h, auto v, auto r, auto s) {
                         sums.at(n, k, i, j) += x.get(n, c, h, v) * w.get(k, c, r, s);
                       });
      sums.write();
    } else if (op.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR) {
      const View dy = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY)),
                 w = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W)),
                 dx = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX));
      Sums sums(dx);
      for_each_product(*op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC), dx, w, dy,
                       [&](auto n, auto k, auto c, auto i, auto j, auto h, auto v, auto r, auto s) {
                         sums.at(n, c, h, v) += dy.get(n, k, i, j) * w.get(k, c, r, s);
                       });
      sums.write();
    } else if (op.type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR) {
      const View x = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X)),
                 dy = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY)),
                 dw = view(op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW));
      Sums sums(dw);
      for_each_product(*op.link(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC), x, dw, dy,
                       [&](auto n, auto k, auto c, auto i, auto j, auto h, auto v, auto r, auto s) {
                         sums.at(k, c, r, s) += x.get(n, c, h, v) * dy.get(n, k, i, j);
                       });
      sums.write();
    } else if (op.type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR) {
      pointwise(op);
    } else {
      throw std::logic_error("an operation that the stand-in does not know");
    }
  }
};

double size_of(const Node& tensor) {
  double size = 1;
  for (const std::int64_t d : tensor.numbers.at(CUDNN_ATTR_TENSOR_DIMENSIONS)) size *= double(d);
  return size;
}

/// What a graph moves and does: its tensors that are not between two operations, and two operations for each weight at
/// each pixel.
stand_in::Runtime::LibraryCall described(const Node& graph) {
  stand_in::Runtime::LibraryCall call{"", 0, 0};
  std::map<const Node*, double> tensors;
  for (const Link& op : graph.links.at(CUDNN_ATTR_OPERATIONGRAPH_OPS)) {
    for (const auto& [name, links] : op->links)
      for (const Link& tensor : links)
        if (tensor->type == CUDNN_BACKEND_TENSOR_DESCRIPTOR &&
            !(tensor->numbers.count(CUDNN_ATTR_TENSOR_IS_VIRTUAL) && tensor->number(CUDNN_ATTR_TENSOR_IS_VIRTUAL)))
          tensors[tensor.get()] =
              size_of(*tensor) * (tensor->number(CUDNN_ATTR_TENSOR_DATA_TYPE) == CUDNN_DATA_FLOAT ? 4 : 2);
    const auto convolution = [&](const char* what, cudnnBackendAttributeName_t w, cudnnBackendAttributeName_t y) {
      call.name = what;
      call.operations += 2 * size_of(*op->link(w)) * size_of(*op->link(y)) /
                         double(op->link(w)->numbers.at(CUDNN_ATTR_TENSOR_DIMENSIONS)[0]);
    };
    if (op->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
      convolution("cuDNN, forward", CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                  CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);
    if (op->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
      convolution("cuDNN, backward data", CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY);
    if (op->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)
      convolution("cuDNN, backward filter", CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY);
  }
  for (const auto& [tensor, bytes] : tensors) call.bytes += bytes;
  return call;
}

constexpr std::int64_t workspace_bytes = 256;

std::int64_t element(cudnnBackendAttributeType_t type, const void* values, std::int64_t i) {
  switch (type) {
    case CUDNN_TYPE_INT64:
      return static_cast<const std::int64_t*>(values)[i];
    case CUDNN_TYPE_BOOLEAN:
      return static_cast<const bool*>(values)[i];
    case CUDNN_TYPE_CHAR:
      return static_cast<const char*>(values)[i];
    case CUDNN_TYPE_VOID_PTR:
      return reinterpret_cast<std::int64_t>(static_cast<void* const*>(values)[i]);
    case CUDNN_TYPE_HANDLE:
      return 1;
    default:
      return static_cast<const std::int32_t*>(values)[i];  // the enumerations, and floats as they are
  }
}

}  // namespace

extern "C" {
size_t cudnnGetVersion(void) { return 90000; }
const char* cudnnGetErrorString(cudnnStatus_t) { return "refused by the stand-in"; }
void cudnnGetLastErrorString(char* message, size_t) { message[0] = 0; }
cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  if (!stand_in::runtime().whole_cudnn) return CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED;
  *handle = reinterpret_cast<cudnnHandle_t>(new char);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete reinterpret_cast<char*>(handle);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t, cudaStream_t) { return CUDNN_STATUS_SUCCESS; }

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* made) {
  *made = new Link(std::make_shared<Node>(Node{type, {}, {}}));
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  delete static_cast<Link*>(descriptor);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  const Node& node = *link_of(descriptor);
  if (node.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
    const auto& config = *node.link(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
    ++stand_in::runtime().plans_made[int(config.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX))];
  }
  if (node.type == CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR && !stand_in::runtime().relu_after_gradients) {
    const auto& operations = node.links.at(CUDNN_ATTR_OPERATIONGRAPH_OPS);
    if (operations[0]->type == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR && operations.size() > 1)
      return CUDNN_STATUS_NOT_SUPPORTED;
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
  Node& node = *link_of(descriptor);
  for (std::int64_t i = 0; i < count; ++i)
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
      node.links[name].push_back(link_of(static_cast<const cudnnBackendDescriptor_t*>(values)[i]));
    else
      node.numbers[name].push_back(element(type, values, i));
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t, std::int64_t asked, std::int64_t* count,
                                       void* values) {
  const Node& node = *link_of(descriptor);
  switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS: {  // recommendations, each of which knows the graph and its engine
      *count = std::int64_t(stand_in::runtime().engines.size());
      auto* made = static_cast<cudnnBackendDescriptor_t*>(values);
      std::int64_t i = 0;
      for (const auto& [engine, milliseconds] : stand_in::runtime().engines) {
        if (i++ >= asked) break;
        Node& config = *link_of(*made++);
        config.links[CUDNN_ATTR_ENGINE_OPERATION_GRAPH] = {node.link(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)};
        config.numbers[CUDNN_ATTR_ENGINE_GLOBAL_INDEX] = {engine};
      }
      return CUDNN_STATUS_SUCCESS;
    }
    case CUDNN_ATTR_ENGINECFG_ENGINE:
      *count = 1;
      if (asked > 0) link_of(*static_cast<cudnnBackendDescriptor_t*>(values))->numbers = node.numbers;
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
      *count = std::int64_t(stand_in::runtime().varying.count(int(node.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX))));
      if (asked > 0) *static_cast<cudnnBackendNumericalNote_t*>(values) = CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE:
      *count = std::int64_t(stand_in::runtime().compiled.count(int(node.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX))));
      if (asked > 0) *static_cast<cudnnBackendBehaviorNote_t*>(values) = CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_ENGINE_GLOBAL_INDEX:
      *static_cast<std::int64_t*>(values) = node.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
      return CUDNN_STATUS_SUCCESS;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
      *static_cast<std::int64_t*>(values) = workspace_bytes;
      return CUDNN_STATUS_SUCCESS;
    default:
      return CUDNN_STATUS_NOT_SUPPORTED;
  }
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack) {
  const Link config = link_of(plan)->link(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG),
             graph = config->link(CUDNN_ATTR_ENGINE_OPERATION_GRAPH);
  const int engine = int(config->number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
  const auto work = [graph, engine, memory = *link_of(pack)] {
    stand_in::runtime().milliseconds += double(stand_in::runtime().engines.at(engine));
    if (stand_in::runtime().library_calls) stand_in::runtime().library_calls->push_back(described(*graph));
    if (!stand_in::runtime().computes) return;
    Run run;
    const auto& ids = memory.numbers.at(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
    const auto& pointers = memory.numbers.at(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
    for (std::size_t i = 0; i < ids.size(); ++i) run.memory[ids[i]] = reinterpret_cast<char*>(pointers[i]);
    std::memset(reinterpret_cast<void*>(memory.number(CUDNN_ATTR_VARIANT_PACK_WORKSPACE)), 0xff, workspace_bytes);
    for (const Link& op : graph->links.at(CUDNN_ATTR_OPERATIONGRAPH_OPS)) run(*op);
  };
  if (ferlab::emulator::recording) {
    ferlab::emulator::recording->push_back(work);
  } else {
    ++stand_in::runtime().engine_runs[engine];
    work();
  }
  return CUDNN_STATUS_SUCCESS;
}

}  // extern "C"
