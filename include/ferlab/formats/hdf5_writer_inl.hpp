// SPDX-License-Identifier: MIT
// Implementation of hdf5_writer.hpp. What runs once a file is marked cold: the compiler then spends less time on it.
#pragma once

#include <algorithm>

#include "ferlab/formats/hdf5_encode.hpp"
#include "ferlab/formats/hdf5_writer.hpp"
#include "ferlab/formats/json.hpp"

namespace ferlab::formats {

/// Writes the objects of a file one behind the other; what refers to an object comes after it.
class Hdf5Writer::Output {
 public:
  explicit Output(const Node& root) : bytes_(superblock_size, '\0') {
    const Object group = put_group(root);
    detail::Hdf5Bytes superblock;
    superblock.text(detail::hdf5_signature).zeros(5).u8(8).u8(8).zeros(1).u16(leaf_k).u16(node_k).zeros(4);
    superblock.u64(0).u64(detail::hdf5_undefined).u64(bytes_.size()).u64(detail::hdf5_undefined);
    superblock.text(symbol(0, group));
    bytes_.replace(0, superblock_size, superblock.bytes);
  }
  std::string bytes() && { return std::move(bytes_); }

 private:
  static constexpr std::size_t superblock_size = 96, leaf_k = 4, node_k = 16;  // HDF5's own numbers

  struct Object {
    std::uint64_t header, tree = 0, heap = 0;  ///< addresses; a dataset has a header only
  };
  struct Child {  ///< of a tree's node
    std::uint64_t address, last_name;
  };

  std::uint64_t put(std::string_view block) {
    const std::size_t address = bytes_.size();
    bytes_ += block;
    bytes_.append((8 - bytes_.size() % 8) % 8, '\0');
    return address;
  }

  /// An object's entry in its group.
  static std::string symbol(std::uint64_t name, const Object& object) {
    return detail::Hdf5Bytes()
        .u64(name)
        .u64(object.header)
        .u64(object.tree != 0)  // whether the addresses behind are a group's
        .u64(object.tree)
        .u64(object.heap)
        .bytes;
  }

  std::uint64_t put_header(std::vector<std::string> messages, const std::vector<Attribute>& attributes) {
    for (const Attribute& a : attributes) {
      std::string data = a.data;
      if (a.in_heap) data = detail::Hdf5Bytes().u32(data.size()).u64(put(detail::hdf5_global_heap(data))).u32(1).bytes;
      messages.push_back(
          detail::hdf5_message(detail::Hdf5Message::attribute, detail::hdf5_attribute(a.name, a.type, a.space, data)));
    }
    std::string all;
    for (const std::string& message : messages) all += message;
    return put(detail::Hdf5Bytes().u8(1).u8(0).u16(messages.size()).u32(1).u32(all.size()).zeros(4).text(all).bytes);
  }

  std::uint64_t put_dataset(const Node& node) {
    using detail::Hdf5Bytes, detail::Hdf5Message;
    const std::uint64_t data = node.data.empty() ? detail::hdf5_undefined : put(node.data);
    return put_header(
        {detail::hdf5_message(Hdf5Message::dataspace, Hdf5Bytes().text(detail::hdf5_dataspace(*node.shape))),
         detail::hdf5_message(Hdf5Message::datatype, Hdf5Bytes().text(detail::hdf5_float_type())),
         detail::hdf5_message(Hdf5Message::fill_value, Hdf5Bytes().u8(2).u8(2).u8(2).u8(0)),  // none
         detail::hdf5_message(Hdf5Message::layout, Hdf5Bytes().u8(3).u8(1).u64(data).u64(node.data.size()))},
        node.attributes);
  }

  Object put_group(const Node& node) {
    detail::Hdf5Bytes names;
    names.zeros(8);  // the empty name, which is before all others
    std::vector<std::pair<std::uint64_t, std::string>> symbols;
    for (const auto& [name, member] : node.members) {
      const Object object = member.shape ? Object{put_dataset(member)} : put_group(member);
      symbols.emplace_back(names.bytes.size(), symbol(names.bytes.size(), object));
      names.text(name).zeros(1).padded();
    }
    constexpr std::uint64_t none_free = 1;
    const std::uint64_t heap_data = bytes_.size() + 32;
    const std::uint64_t heap = put(detail::Hdf5Bytes()
                                       .text("HEAP")
                                       .u32(0)
                                       .u64(names.bytes.size())
                                       .u64(none_free)
                                       .u64(heap_data)
                                       .text(names.bytes)
                                       .bytes);
    const std::uint64_t tree = put_tree(put_leaves(symbols));
    const std::string table =
        detail::hdf5_message(detail::Hdf5Message::symbol_table, detail::Hdf5Bytes().u64(tree).u64(heap));
    return {put_header({table}, node.attributes), tree, heap};
  }

  std::vector<Child> put_leaves(const std::vector<std::pair<std::uint64_t, std::string>>& symbols) {
    constexpr std::size_t most = 2 * leaf_k;
    std::vector<Child> leaves;
    for (std::size_t first = 0; first < symbols.size(); first += most) {
      const std::size_t end = std::min(first + most, symbols.size());
      detail::Hdf5Bytes leaf;
      leaf.text("SNOD").u8(1).u8(0).u16(end - first);
      for (std::size_t i = first; i < end; ++i) leaf.text(symbols[i].second);
      leaf.zeros(40 * (most - (end - first)));
      leaves.push_back({put(leaf.bytes), symbols[end - 1].first});
    }
    return leaves;
  }

  /// Levels of nodes until one node is left, whose address is returned.
  std::uint64_t put_tree(std::vector<Child> children) {
    constexpr std::size_t most = 2 * node_k, node_size = 24 + 8 * (2 * most + 1);
    for (unsigned level = 0;; ++level) {
      std::vector<Child> nodes;
      std::uint64_t last_name = 0;
      do {
        const std::size_t first = most * nodes.size(), end = std::min(first + most, children.size());
        const std::uint64_t address = bytes_.size();
        detail::Hdf5Bytes node;
        node.text("TREE").u8(0).u8(level).u16(end - first);
        node.u64(first == 0 ? detail::hdf5_undefined : address - node_size);  // its neighbours
        node.u64(end == children.size() ? detail::hdf5_undefined : address + node_size);
        node.u64(last_name);
        for (std::size_t i = first; i < end; ++i) node.u64(children[i].address).u64(last_name = children[i].last_name);
        node.zeros(node_size - node.bytes.size());
        nodes.push_back({put(node.bytes), last_name});
      } while (most * nodes.size() < children.size());
      if (nodes.size() == 1) return nodes[0].address;
      children = std::move(nodes);
    }
  }

  std::string bytes_;
};

[[gnu::cold]] inline Hdf5Writer::Node& Hdf5Writer::at(std::string_view path) {
  Node* node = &root_;
  std::string_view rest = path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (!detail::is_hdf5_name(name)) throw ArgumentError("HDF5: no object can have the path " + json_quoted(path));
    if (node->shape) throw ArgumentError("HDF5: a dataset has no members: " + std::string(path));
    node = &node->members[std::string(name)];
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return *node;
}

inline void Hdf5Writer::group(std::string_view path) {
  if (at(path).shape) throw ArgumentError("HDF5: expected a group, there is a dataset: " + std::string(path));
}

[[gnu::cold]] inline void Hdf5Writer::dataset(std::string_view path, std::vector<std::size_t> shape,
                                              std::span<const float> values) {
  if (values.size() != elements(shape) || shape.size() > 32)
    throw ArgumentError("HDF5: " + std::to_string(values.size()) + " values for the shape " + to_string(shape) +
                        " of " + std::string(path));
  Node& node = at(path);
  if (&node == &root_ || node.shape || !node.members.empty() || !node.attributes.empty())
    throw ArgumentError("HDF5: an object is there already: " + std::string(path));
  node.shape = std::move(shape);
  node.data.reserve(values.size() * sizeof(float));
  for (float value : values) append_little_endian(node.data, value);
}

namespace detail {

inline bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

}  // namespace detail

[[gnu::cold]] inline void Hdf5Writer::add(std::string_view path, Attribute attribute) {
  const std::string where = "HDF5: attribute " + json_quoted(attribute.name) + " of " + std::string(path) + ": ";
  if (attribute.name.empty() || attribute.name.size() > most_name_bytes ||
      attribute.name.find('\0') != std::string::npos)
    throw ArgumentError(where + "not a name");
  const std::size_t size =
      detail::hdf5_attribute(attribute.name, attribute.type, attribute.space, attribute.in_heap ? "" : attribute.data)
          .bytes.size();
  if (size > detail::most_hdf5_message_bytes)
    throw ArgumentError(where + std::to_string(size) + " bytes, a header has room for " +
                        std::to_string(detail::most_hdf5_message_bytes));
  Node& node = at(path);
  if (node.attributes.size() == most_attributes) throw ArgumentError(where + "there are too many attributes");
  for (const Attribute& other : node.attributes)
    if (other.name == attribute.name) throw ArgumentError(where + "it is there already");
  node.attributes.push_back(std::move(attribute));
}

[[gnu::cold]] inline void Hdf5Writer::attribute(std::string_view path, const std::string& name,
                                                const std::string& text) {
  if (text.find('\0') != text.npos) throw ArgumentError("HDF5: a zero inside of the text of " + json_quoted(name));
  constexpr std::size_t longest =
      detail::most_hdf5_message_bytes - 2 * most_name_bytes;  // name and type take some room
  const bool ascii = detail::is_ascii(text), in_heap = text.size() > longest;
  std::string data = text;
  if (data.empty()) data.push_back('\0');
  add(path, {name, in_heap ? detail::hdf5_variable_text_type(ascii) : detail::hdf5_text_type(data.size(), ascii),
             detail::hdf5_dataspace({}), data, in_heap});
}

[[gnu::cold]] inline void Hdf5Writer::attribute(std::string_view path, const std::string& name,
                                                const std::vector<std::string>& texts) {
  const std::size_t shape[] = {texts.size()};
  const std::string space = detail::hdf5_dataspace(shape);
  if (texts.empty()) return add(path, {name, detail::hdf5_double_type(), space, "", false});
  std::size_t width = 1;
  bool ascii = true;
  for (const std::string& text : texts) {
    if (text.find('\0') != text.npos) throw ArgumentError("HDF5: a zero inside of a text of " + json_quoted(name));
    width = std::max(width, text.size());
    ascii = ascii && detail::is_ascii(text);
  }
  std::string data;
  for (const std::string& text : texts) data.append(text).append(width - text.size(), '\0');
  add(path, {name, detail::hdf5_text_type(width, ascii), space, data, false});
}

inline std::string Hdf5Writer::bytes() const { return Output(root_).bytes(); }

}  // namespace ferlab::formats
