// SPDX-License-Identifier: MIT
// Keras's table of a network, and what running it takes.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "ferlab/model/model.hpp"

namespace ferlab {

namespace detail {

struct SummaryRow {
  std::string layer, shape, parameters;
};

/// 5905863 -> "5,905,863"
inline std::string with_commas(std::size_t n) {
  const std::string digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

inline std::string bytes_text(std::size_t bytes) {
  const char* units[] = {"bytes", "KiB", "MiB", "GiB"};
  double value = double(bytes);
  int unit = 0;
  while (value >= 1024 && unit < 3) value /= 1024, ++unit;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
  return text;
}

inline std::string keras_shape(Shape s) {
  if (s.is_flat()) return "(batch, " + std::to_string(s.channels) + ")";
  return "(batch, " + std::to_string(s.height) + ", " + std::to_string(s.width) + ", " + std::to_string(s.channels) +
         ")";
}

[[gnu::cold]] inline std::string table(const std::vector<SummaryRow>& rows) {
  std::size_t wide[3] = {0, 0, 0};
  for (const SummaryRow& row : rows) {
    wide[0] = std::max(wide[0], row.layer.size());
    wide[1] = std::max(wide[1], row.shape.size());
    wide[2] = std::max(wide[2], row.parameters.size());
  }
  const std::string rule(wide[0] + wide[1] + wide[2] + 6, '-');
  std::string text = rule + "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SummaryRow& row = rows[i];
    text += row.layer + std::string(wide[0] - row.layer.size() + 3, ' ') + row.shape +
            std::string(wide[1] - row.shape.size() + 3, ' ') + std::string(wide[2] - row.parameters.size(), ' ') +
            row.parameters + "\n";
    if (i == 0) text += rule + "\n";
  }
  return text + rule + "\n";
}

}  // namespace detail

/// One layer of a network as it was written.
struct LayerSummary {
  std::string name;  ///< "conv2d_1"
  Shape output{};    ///< of one sample
  std::size_t parameters = 0;
};

/// The input and then the layers, in order.
template <class M>
std::vector<LayerSummary> layer_summaries(const M&) {
  using Net = typename M::Network;
  constexpr auto& parameters = M::Plan::parameters;
  std::vector<LayerSummary> layers{{"input", Net::input, 0}};
  for (std::size_t i = 0; i < Net::List::size; ++i) {
    if (Net::graph.nodes[i].index < 0) continue;
    std::size_t count = 0;
    for (std::size_t k = parameters.first[i]; k < parameters.first[i + 1]; ++k) count += parameters.entries[k].size();
    layers.push_back({std::string(parameters.layer_names[i].view()), Net::graph.shapes[i + 1], count});
  }
  return layers;
}

/// The layers with their output shapes and parameters, the totals, and the memory that the plan found. What runs, op by
/// op: program_listing (model/program_listing.hpp).
template <class M>
std::string summary(const M& model) {
  using Plan = typename M::Plan;
  std::vector<detail::SummaryRow> rows{{"layer", "output shape", "parameters"}};
  for (const LayerSummary& layer : layer_summaries(model))
    rows.push_back({layer.name, detail::keras_shape(layer.output), detail::with_commas(layer.parameters)});
  const std::size_t scalar = sizeof(typename M::Scalar);
  return detail::table(rows) + "Total parameters: " + detail::with_commas(Plan::parameter_count) + " (" +
         detail::bytes_text(Plan::parameter_count * scalar) + ")\n" +
         "Trainable: " + detail::with_commas(Plan::trainable_count) + "\n" +
         "Not trainable: " + detail::with_commas(Plan::parameter_count - Plan::trainable_count) + "\n" +
         "Memory per sample: " + detail::bytes_text(Plan::Training::size.sample_bytes) + " in training, " +
         detail::bytes_text(Plan::Inference::size.sample_bytes) + " in inference\n" +
         "Operations: " + std::to_string(Plan::Training::size.ops) + " in a training step, " +
         std::to_string(Plan::Inference::size.ops) + " in inference\n";
}

}  // namespace ferlab
