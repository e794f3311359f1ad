// SPDX-License-Identifier: MIT
// What a Network computes, by plain loops in double: to compare what a file says with what the program that wrote it
// gives, without a model.
#pragma once

#include <ferlab/exchange/network.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace ferlab::test {

/// One value of one sample, [h, w, c].
struct Picture {
  Shape shape{};
  std::vector<double> values;

  explicit Picture(Shape s) : shape(s), values(s.size()) {}
  double& at(int y, int x, int c) {
    return values[(std::size_t(y) * std::size_t(shape.width) + std::size_t(x)) * std::size_t(shape.channels) +
                  std::size_t(c)];
  }
  double at(int y, int x, int c) const { return const_cast<Picture&>(*this).at(y, x, c); }
};

inline const exchange::Array& array(const exchange::Node& node, const std::string& name) {
  for (const exchange::Array& found : node.weights)
    if (found.name == name) return found;
  throw std::runtime_error(node.name + " has no " + name);
}

namespace layer_of_network {

/// Calls visit(window's pixel y, x, place in the window ky, kx) for the pixels inside of the image that the window of
/// output pixel (oy, ox) covers.
inline void each_covered(const auto& layer, int window, Shape in, int oy, int ox, const auto& visit) {
  const int top = detail::window_padding(in.height, window, layer.stride, layer.padding);
  const int left = detail::window_padding(in.width, window, layer.stride, layer.padding);
  for (int ky = 0; ky < window; ++ky)
    for (int kx = 0; kx < window; ++kx) {
      const int y = oy * layer.stride - top + ky, x = ox * layer.stride - left + kx;
      if (y >= 0 && y < in.height && x >= 0 && x < in.width) visit(y, x, ky, kx);
    }
}

inline Shape windows(const auto& layer, int window, Shape in, int channels) {
  return {detail::window_count(in.height, window, layer.stride, layer.padding),
          detail::window_count(in.width, window, layer.stride, layer.padding), channels};
}

/// Calls visit(y, x, c) for each element.
inline void each_element(Shape shape, const auto& visit) {
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) visit(y, x, c);
}

inline Picture pooled(const auto& layer, const Picture& in, const auto& reduce) {
  Picture out(windows(layer, layer.window, in.shape, in.shape.channels));
  each_element(out.shape, [&](int y, int x, int c) {
    std::vector<double> covered;
    each_covered(layer, layer.window, in.shape, y, x,
                 [&](int iy, int ix, int, int) { covered.push_back(in.at(iy, ix, c)); });
    out.at(y, x, c) = reduce(covered);
  });
  return out;
}

struct Run {
  const exchange::Network& network;
  const exchange::Node& node;
  const Picture& in;
  const Picture& second;  ///< the same as `in` where a layer has one input

  Picture each(const auto& function) const {
    Picture out = in;
    for (double& value : out.values) value = function(value);
    return out;
  }

  Picture operator()(const exchange::InputLayer&) const { return in; }
  Picture operator()(const exchange::RescalingLayer& layer) const {
    return each([&](double v) { return v * double(layer.scale) + double(layer.offset); });
  }
  Picture operator()(const exchange::Conv2DLayer& layer) const {
    const auto& kernel = array(node, "kernel").values;
    const int channels = in.shape.channels, filters = layer.filters;
    Picture out(windows(layer, layer.kernel, in.shape, filters));
    each_element(out.shape, [&](int y, int x, int f) {
      double sum = layer.bias ? double(array(node, "bias").values[std::size_t(f)]) : 0;
      each_covered(layer, layer.kernel, in.shape, y, x, [&](int iy, int ix, int ky, int kx) {
        for (int c = 0; c < channels; ++c)
          sum +=
              in.at(iy, ix, c) * double(kernel[std::size_t(((ky * layer.kernel + kx) * channels + c) * filters + f)]);
      });
      out.at(y, x, f) = sum;
    });
    return out;
  }
  Picture operator()(const exchange::DenseLayer& layer) const {
    const auto& kernel = array(node, "kernel").values;
    Picture out({1, 1, layer.units});
    for (std::size_t u = 0; u < out.values.size(); ++u) {
      out.values[u] = layer.bias ? double(array(node, "bias").values[u]) : 0;
      for (std::size_t i = 0; i < in.values.size(); ++i)
        out.values[u] += in.values[i] * double(kernel[i * out.values.size() + u]);
    }
    return out;
  }
  Picture operator()(const exchange::BatchNormLayer& layer) const {
    Picture out(in.shape);
    each_element(in.shape, [&](int y, int x, int c) {
      const auto weight = [&](const char* name) { return double(array(node, name).values[std::size_t(c)]); };
      out.at(y, x, c) = weight("gamma") * (in.at(y, x, c) - weight("moving_mean")) /
                            std::sqrt(weight("moving_variance") + double(layer.epsilon)) +
                        weight("beta");
    });
    return out;
  }
  Picture operator()(const exchange::ReLULayer&) const {
    return each([](double v) { return std::max(v, 0.0); });
  }
  Picture operator()(const exchange::SoftmaxLayer&) const {
    const double largest = *std::max_element(in.values.begin(), in.values.end());
    double sum = 0;
    for (const double v : in.values) sum += std::exp(v - largest);
    return each([&](double v) { return std::exp(v - largest) / sum; });
  }
  Picture operator()(const exchange::DropoutLayer&) const { return in; }
  Picture operator()(const exchange::MaxPoolLayer& layer) const {
    return pooled(layer, in, [](const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); });
  }
  Picture operator()(const exchange::AveragePoolLayer& layer) const {
    return pooled(layer, in, [](const std::vector<double>& v) {
      double sum = 0;
      for (const double value : v) sum += value;
      return sum / double(v.size());
    });
  }
  Picture operator()(const exchange::GlobalAveragePoolLayer&) const {
    Picture out({1, 1, in.shape.channels});
    each_element(in.shape, [&](int y, int x, int c) { out.at(0, 0, c) += in.at(y, x, c); });
    for (double& value : out.values) value /= double(in.shape.height * in.shape.width);
    return out;
  }
  Picture operator()(const exchange::FlattenLayer&) const {
    Picture out({1, 1, int(in.shape.size())});
    each_element(in.shape, [&](int y, int x, int c) {
      const int place = network.flattens_channels_first ? (c * in.shape.height + y) * in.shape.width + x
                                                        : (y * in.shape.width + x) * in.shape.channels + c;
      out.at(0, 0, place) = in.at(y, x, c);
    });
    return out;
  }
  Picture operator()(const exchange::AddLayer&) const {
    Picture out = in;
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += second.values.at(i);
    return out;
  }
};

}  // namespace layer_of_network

/// The network's output for one sample, which is [h, w, c] as its input layer says. std::runtime_error where a node's
/// `output` is not the shape that its layer gives.
inline std::vector<double> run_network(const exchange::Network& network, std::span<const float> sample) {
  std::vector<Picture> values;
  for (const exchange::Node& node : network.nodes) {
    if (const auto* input = std::get_if<exchange::InputLayer>(&node.layer)) {
      values.emplace_back(input->shape);
      values.back().values.assign(sample.begin(), sample.end());
    } else {
      const Picture &first = values.at(node.inputs.at(0)), &last = values.at(node.inputs.back());
      values.push_back(std::visit(layer_of_network::Run{network, node, first, last}, node.layer));
    }
    if (values.back().shape != node.output || values.back().values.size() != node.output.size())
      throw std::runtime_error(node.name + " gives " + to_string(values.back().shape) + ", its output is said to be " +
                               to_string(node.output));
  }
  return values.back().values;
}

}  // namespace ferlab::test
