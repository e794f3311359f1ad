// SPDX-License-Identifier: MIT
// Every weight array of a network in one table: its name, shape and place in the flat buffers. It belongs to the
// network, not to a program.
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

#include "ferlab/model/first_look.hpp"
#include "ferlab/model/items.hpp"
#include "ferlab/model/lower.hpp"

namespace ferlab {

/// A short name that can be built at compile time.
struct Name {
  std::array<char, 40> text{};
  std::size_t length = 0;

  constexpr Name& append(std::string_view s) {
    for (char c : s) {
      if (length + 1 == text.size())
        throw std::length_error("ferlab: a layer's name with its weights' has 39 letters at most");
      text[length++] = c;
    }
    return *this;
  }
  constexpr Name& append(int number) {
    if (number >= 10) append(number / 10);
    const char digit = char('0' + number % 10);
    return append(std::string_view(&digit, 1));
  }
  constexpr std::string_view view() const { return {text.data(), length}; }
  constexpr bool operator==(std::string_view other) const { return view() == other; }
};

/// One weight array. `offset` counts elements in the buffer of the trainable ones, or in that of the others.
struct ParameterInfo {
  Name name{};  ///< "conv2d_1/kernel"
  Parameter shape{};
  std::size_t offset = 0;
  int layer = 0;  ///< the layer of the user's it belongs to

  constexpr std::size_t size() const { return shape.size(); }
};

namespace detail {

template <class Net>
constexpr Items<FirstLook::Weights> weights_of() {
  FirstLook look;
  lower_network(look, Net{}, {0, Net::input});
  return std::move(look.weights);
}

template <std::size_t Entries, std::size_t Count>
struct ParameterTable {
  std::array<ParameterInfo, Count> entries{};
  std::array<std::size_t, Entries + 1> first{};         ///< the first entry of each layer of the flat list
  std::array<Name, Entries> layer_names{};              ///< "conv2d_1"; empty for marks
  std::size_t trainable = 0, frozen = 0;                ///< weights, padding not counted
  std::size_t trainable_extent = 0, frozen_extent = 0;  ///< elements of the two buffers, padding counted
};

template <class Net, class... Ls>
constexpr auto make_parameter_table(TypeList<Ls...>) {
  constexpr std::size_t count = weights_of<Net>().size();
  ParameterTable<sizeof...(Ls), count> table;
  const auto weights = weights_of<Net>();
  std::array<std::string_view, sizeof...(Ls)> kinds{};
  std::size_t i = 0, next = 0;
  auto visit = [&]<class L>(Type<L>) {
    table.first[i] = next;
    if constexpr (!is_mark<L>) {
      kinds[i] = layer_name<L>;
      int same = 0;
      for (std::size_t j = 0; j < i; ++j) same += kinds[j] == kinds[i];
      table.layer_names[i].append(kinds[i]);
      if (same > 0) table.layer_names[i].append("_").append(same);
      while (next < count && weights[next].layer == Net::graph.nodes[i].index) {
        const Parameter& parameter = weights[next].shape;
        ParameterInfo& info = table.entries[next++];
        info.name = Name(table.layer_names[i]).append("/").append(parameter.name);
        info.shape = parameter;
        info.layer = Net::graph.nodes[i].index;
        std::size_t& extent = parameter.trainable ? table.trainable_extent : table.frozen_extent;
        (parameter.trainable ? table.trainable : table.frozen) += parameter.size();
        info.offset = extent;
        extent += weight_extent(parameter.size());
      }
    }
    ++i;
  };
  (visit(Type<Ls>{}), ...);
  table.first[i] = next;
  return table;
}

}  // namespace detail

template <class Net>
inline constexpr auto parameter_table = detail::make_parameter_table<Net>(typename Net::List{});

}  // namespace ferlab
