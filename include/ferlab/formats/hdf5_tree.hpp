// SPDX-License-Identifier: MIT
// The groups of an HDF5 file and the names in them. Source of the bytes: "HDF5 File Format Specification", version 1.1
// for superblock 0, sections II.A, III.A to III.D, IV.A.1 and IV.A.2.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferlab/formats/hdf5_cursor.hpp"
#include "ferlab/formats/json.hpp"

namespace ferlab::formats::detail {

inline constexpr std::string_view hdf5_signature = "\x89HDF\r\n\x1a\n";

/// Where the file's own bytes begin: at 0, or behind a user block; nullopt if it is no HDF5 file.
[[gnu::cold]] inline std::optional<std::size_t> hdf5_begins(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at = at == 0 ? 512 : 2 * at)
    if (bytes.substr(at, hdf5_signature.size()) == hdf5_signature) return at;
  return std::nullopt;
}

/// A part of an object's header.
struct Hdf5Message {
  enum Kind : std::uint16_t {
    dataspace = 1,
    link_info = 2,
    datatype = 3,
    fill_value = 5,
    link = 6,
    external_files = 7,
    layout = 8,
    filters = 11,
    attribute = 12,
    continuation = 16,
    symbol_table = 17,
    attribute_info = 21
  };
  std::uint16_t kind;
  bool shared;  ///< it only says where the message is
  std::string_view body;
};

/// All messages of the object whose header is at `address`.
[[gnu::cold]] inline std::vector<Hdf5Message> hdf5_messages(const Hdf5Place& place, std::uint64_t address) {
  constexpr const char* what = "object header";
  Hdf5Cursor head(place, address, 16, what);
  if (head.rest().substr(0, 4) == "OHDR")
    place.fail(std::string("an object header of HDF5's newer format") + hdf5_cure);
  head.require_version(1);
  head.take(1);
  const std::size_t count = head.number<std::uint16_t>();
  head.take(4);  // how often the object is linked
  std::vector<Hdf5Cursor> blocks = {Hdf5Cursor(place, address + 16, head.number<std::uint32_t>(), what)};
  std::vector<Hdf5Message> messages;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    while (messages.size() < count && blocks[i].rest().size() >= 8) {
      Hdf5Message message{};
      message.kind = blocks[i].number<std::uint16_t>();
      const std::size_t size = blocks[i].number<std::uint16_t>();
      message.shared = blocks[i].byte() & 2;
      blocks[i].take(3);
      message.body = blocks[i].take(size);
      messages.push_back(message);
      if (message.kind != Hdf5Message::continuation) continue;
      Hdf5Cursor where(place, message.body, what);
      const std::uint64_t next = where.word();
      blocks.emplace_back(place, next, where.word(), what);
    }
  }
  return messages;
}

/// The only message of that kind; nullptr if there is none.
[[gnu::cold]] inline const Hdf5Message* hdf5_find(const Hdf5Place& place, const std::vector<Hdf5Message>& messages,
                                                  Hdf5Message::Kind kind) {
  const Hdf5Message* found = nullptr;
  for (const Hdf5Message& message : messages) {
    if (message.kind != kind) continue;
    if (found) place.fail("its header has two messages of kind " + std::to_string(kind));
    found = &message;
  }
  return found;
}

inline constexpr std::size_t longest_hdf5_name = 255;

/// Whether an object can be called so.
inline bool is_hdf5_name(std::string_view name) {
  return !name.empty() && name != "." && name.size() <= longest_hdf5_name &&
         name.find_first_of(std::string_view("/\0", 2)) == name.npos;
}

/// A name in a group.
struct Hdf5Member {
  std::string_view name;
  std::uint64_t header;  ///< the address of the object's header
  bool soft;             ///< a soft link: there is no header
};

/// Reads all groups of a file, which must form a tree, and no arrays.
class Hdf5Tree {
 public:
  std::uint64_t root = 0;                                   ///< the address of the root group's header
  std::map<std::uint64_t, std::vector<Hdf5Member>> groups;  ///< of each header that is a group's: members by name

  Hdf5Tree(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {
    const Hdf5Place place{bytes_, file_, "/"};
    read_superblock();
    const std::vector<Hdf5Message> messages = hdf5_messages(place, root);
    if (!is_group(place, messages)) place.fail("the root is not a group");
    read_group(place, root, messages, 0);
  }

 private:
  static constexpr int deepest = 32;
  static constexpr std::size_t most_parts = 1 << 20;  ///< names, messages and nodes that are read of one file
  std::string_view bytes_;
  std::string file_;
  std::size_t parts_ = 0;

  [[gnu::cold]] void count(const Hdf5Place& place, std::size_t parts) {
    if ((parts_ += parts) > most_parts) place.fail("the file has more than 2^20 names and messages");
  }

  [[gnu::cold]] void read_superblock() {
    const auto fail = [&](const std::string& what) { throw FormatError(file_ + ": " + what); };
    const std::optional<std::size_t> begin = hdf5_begins(bytes_);
    if (!begin) fail("not an HDF5 file: it begins with " + json_quoted(bytes_.substr(0, 24)));
    if (*begin > 0)
      fail("an HDF5 file behind a user block of " + std::to_string(*begin) + " bytes: save it again with Keras");
    const Hdf5Place place{bytes_, file_, "/"};
    Hdf5Cursor block(place, 0, std::min<std::size_t>(bytes_.size(), 96), "superblock");
    block.take(8);
    if (const int version = block.byte(); version != 0)
      fail("HDF5's superblock of version " + std::to_string(version) + (version > 1 ? ", of its newer format" : "") +
           hdf5_cure);
    block.take(4);
    const int offset_size = block.byte(), length_size = block.byte();
    if (offset_size != 8 || length_size != 8)
      fail("HDF5 with addresses of " + std::to_string(offset_size) + " and lengths of " + std::to_string(length_size) +
           " bytes, expected 8");
    block.take(9);  // sizes of tree nodes, flags
    if (block.word() != 0) fail("HDF5 with a base address, expected 0");
    block.take(8);
    if (const std::uint64_t end = block.word(); end > bytes_.size())
      fail("cut short: it has " + std::to_string(bytes_.size()) + " bytes, and says that it has " +
           std::to_string(end));
    block.take(16);
    root = block.word();
  }

  /// Refuses groups that keep their names in another way, and what only those have: external links.
  [[gnu::cold]] static bool is_group(const Hdf5Place& place, const std::vector<Hdf5Message>& messages) {
    for (const Hdf5Message& message : messages) {
      if (message.kind == Hdf5Message::link) {
        const auto byte = [&](std::size_t i) { return i < message.body.size() ? message.body[i] : 0; };
        constexpr char has_type = 8, external = 64;
        if ((byte(1) & has_type) && byte(2) == external) place.fail("the group holds an external link");
      }
      if (message.kind == Hdf5Message::link || message.kind == Hdf5Message::link_info)
        place.fail(std::string("a group of HDF5's newer format") + hdf5_cure);
    }
    return hdf5_find(place, messages, Hdf5Message::symbol_table) != nullptr;
  }

  [[gnu::cold]] void read_group(const Hdf5Place& place, std::uint64_t header, const std::vector<Hdf5Message>& messages,
                                int depth) {
    if (depth > deepest) place.fail("groups are nested deeper than " + std::to_string(deepest));
    std::vector<Hdf5Member>& members = groups[header];
    Hdf5Cursor table(place, hdf5_find(place, messages, Hdf5Message::symbol_table)->body, "symbol table");
    const std::uint64_t tree = table.word(), heap_address = table.word();

    Hdf5Cursor heap(place, heap_address, 32, "local heap");
    heap.require_signature("HEAP");
    heap.require_version(0);
    heap.take(3);
    const std::uint64_t heap_size = heap.word();
    heap.take(8);
    const std::string_view names = Hdf5Cursor(place, heap.word(), heap_size, "local heap").rest();
    read_node(place, tree, -1, names, members);

    for (const Hdf5Member& member : members) {
      if (member.soft) continue;
      const Hdf5Place below{bytes_, file_, (depth > 0 ? place.path : "") + "/" + std::string(member.name)};
      const std::vector<Hdf5Message> parts = hdf5_messages(below, member.header);
      count(below, parts.size());
      if (!is_group(below, parts)) continue;
      if (groups.contains(member.header)) below.fail("the group is linked twice, here and elsewhere: perhaps a loop");
      read_group(below, member.header, parts, depth + 1);
    }
  }

  /// Appends the names below a node of a group's tree. `level` is the node's above the leaves, -1 for the topmost.
  [[gnu::cold]] void read_node(const Hdf5Place& place, std::uint64_t address, int level, std::string_view names,
                               std::vector<Hdf5Member>& members) {
    Hdf5Cursor node(place, address, 24, "tree");
    node.require_signature("TREE");
    if (node.byte() != 0) place.fail("its tree is not one of names");
    const int found = node.byte();
    if (level >= 0 && found != level) place.fail("its tree is of uneven depth");
    const std::size_t children = node.number<std::uint16_t>();
    count(place, children + 1);
    Hdf5Cursor pairs(place, address + 24, 16 * children + 8, "tree");
    for (std::size_t i = 0; i < children; ++i) {
      pairs.take(8);  // the last name before it
      if (found > 0)
        read_node(place, pairs.word(), found - 1, names, members);
      else
        read_leaf(place, pairs.word(), names, members);
    }
  }

  [[gnu::cold]] void read_leaf(const Hdf5Place& place, std::uint64_t address, std::string_view names,
                               std::vector<Hdf5Member>& members) {
    constexpr const char* what = "list of names";
    Hdf5Cursor head(place, address, 8, what);
    head.require_signature("SNOD");
    head.require_version(1);
    head.take(1);
    const std::size_t symbols = head.number<std::uint16_t>();
    count(place, symbols);
    Hdf5Cursor entries(place, address + 8, 40 * symbols, what);
    for (std::size_t i = 0; i < symbols; ++i) {
      const std::string_view name = read_name(place, names, entries.word());
      const std::uint64_t header = entries.word();
      constexpr std::uint32_t soft_link = 2;
      const bool soft = entries.number<std::uint32_t>() == soft_link;
      entries.take(20);
      if (!members.empty() && members.back().name >= name)
        place.fail("its names are out of order at " + json_quoted(name));
      members.push_back({name, header, soft});
    }
  }

  [[gnu::cold]] static std::string_view read_name(const Hdf5Place& place, std::string_view names, std::uint64_t at) {
    const std::string_view rest =
        names.substr(std::size_t(std::min<std::uint64_t>(at, names.size())), longest_hdf5_name + 1);
    const std::size_t length = rest.find('\0');
    if (length == rest.npos)
      place.fail("a name in it has no end, or is longer than " + std::to_string(longest_hdf5_name));
    const std::string_view name = rest.substr(0, length);
    if (!is_hdf5_name(name)) place.fail("a name in it cannot be one: " + json_quoted(name));
    return name;
  }
};

}  // namespace ferlab::formats::detail
