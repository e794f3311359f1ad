// SPDX-License-Identifier: MIT
// Implementation of hdf5.hpp. What runs once a file is marked cold: the compiler then spends less time on it.
#pragma once

#include <algorithm>
#include <utility>

#include "ferlab/formats/hdf5.hpp"
#include "ferlab/formats/hdf5_types.hpp"

namespace ferlab::formats {

namespace detail {

/// The part of an object's header that must be there, in place.
[[gnu::cold]] inline std::string_view require_hdf5_message(const Hdf5Place& place,
                                                           const std::vector<Hdf5Message>& messages,
                                                           Hdf5Message::Kind kind, const char* what) {
  const Hdf5Message* message = hdf5_find(place, messages, kind);
  if (!message) place.fail(std::string("expected a dataset, but it has no ") + what);
  if (message->shared)
    place.fail(std::string("its ") + what + " is a committed (shared) one, expected its own: save it again with Keras");
  return message->body;
}

/// Where a dataset's bytes are: nullptr if it has none.
[[gnu::cold]] inline const void* hdf5_data(const Hdf5Place& place, std::string_view layout, std::size_t bytes) {
  Hdf5Cursor block(place, layout, "layout");
  const unsigned version = block.byte(), kind = block.byte();
  constexpr unsigned compact = 0, contiguous = 1, chunked = 2, virtual_data = 3;
  if (version >= 3 && kind == virtual_data) place.fail("virtual data, which lie in other files, are not read");
  if (version >= 3 && kind == chunked) place.fail(std::string("its data are chunked, expected contiguous") + hdf5_cure);
  if (version >= 3 && kind == compact) place.fail(std::string("its data are compact, expected contiguous") + hdf5_cure);
  if (version != 3 || kind != contiguous)
    place.fail("its layout is of version " + std::to_string(version) + ", expected 3" + hdf5_cure);
  const std::uint64_t address = block.word(), stored = block.word();
  if (stored != bytes)
    place.fail("its shape needs " + std::to_string(bytes) + " bytes, it has " + std::to_string(stored));
  if (bytes == 0) return nullptr;
  if (address == hdf5_undefined) place.fail("its " + std::to_string(bytes) + " bytes are not stored in the file");
  return Hdf5Cursor(place, address, bytes, "data").rest().data();
}

/// The attribute that a message describes, whose cursor is behind the name.
[[gnu::cold]] inline Hdf5Attribute read_hdf5_attribute(const Hdf5Place& place, std::string_view name, Hdf5Cursor block,
                                                       std::size_t type_size, std::size_t shape_size) {
  const Hdf5Type type = read_hdf5_type(place, block.take_padded(type_size));
  Hdf5Attribute attribute;
  attribute.name = name;
  attribute.shape = read_hdf5_shape(place, block.take_padded(shape_size));
  attribute.is_string = type.kind != Hdf5Type::Kind::number;
  std::size_t bytes = 0;
  if (!byte_size(type.size, attribute.shape, bytes) || bytes > block.rest().size())
    place.fail("its shape " + to_string(attribute.shape) + " is larger than its data of " +
               std::to_string(block.rest().size()) + " bytes");
  Hdf5Texts texts(place);
  for (std::string_view data = block.take(bytes); !data.empty(); data.remove_prefix(type.size)) {
    const std::string_view element = data.substr(0, type.size);
    if (type.kind == Hdf5Type::Kind::number)
      attribute.numbers.push_back(read_element(type.dtype, element.data()));
    else if (type.kind == Hdf5Type::Kind::variable_text)
      attribute.strings.emplace_back(texts.read(element));
    else
      attribute.strings.emplace_back(element.substr(0, element.find('\0')));
  }
  return attribute;
}

}  // namespace detail

inline Hdf5File::Hdf5File(const std::string& path)
    : name_(path), file_(path), bytes_(file_->text()), tree_(bytes_, name_) {}

inline Hdf5File::Hdf5File(std::string_view bytes, const std::string& name)
    : name_(name), bytes_(bytes), tree_(bytes_, name_) {}

inline bool Hdf5File::looks_like_hdf5(std::string_view bytes) { return detail::hdf5_begins(bytes).has_value(); }

[[gnu::cold]] inline std::optional<Hdf5Attribute> Hdf5File::attribute(const std::string& path, std::uint64_t header,
                                                                      std::string_view name) const {
  using detail::Hdf5Message;
  const detail::Hdf5Place object = place(path);
  const detail::Hdf5Place here = place(path + ": attribute \"" + std::string(name) + "\"");
  std::optional<Hdf5Attribute> found;
  for (const Hdf5Message& message : detail::hdf5_messages(object, header)) {
    if (message.kind == Hdf5Message::attribute_info)
      object.fail(std::string("its attributes are of HDF5's newer format") + detail::hdf5_cure);
    if (message.kind != Hdf5Message::attribute) continue;
    if (message.shared) object.fail("one of its attributes is a shared one: save it again with Keras");
    detail::Hdf5Cursor block(here, message.body, "message");
    block.require_version(1);
    block.take(1);
    const std::size_t name_size = block.number<std::uint16_t>();
    const std::size_t type_size = block.number<std::uint16_t>(), shape_size = block.number<std::uint16_t>();
    const std::string_view its_name = block.take_padded(name_size);
    if (its_name.substr(0, its_name.find('\0')) != name) continue;
    if (found) here.fail("there are two of that name");
    found = detail::read_hdf5_attribute(here, name, block, type_size, shape_size);
  }
  return found;
}

inline std::vector<std::string> Hdf5Group::names() const {
  std::vector<std::string> names;
  for (const detail::Hdf5Member& member : file_->tree_.groups.at(header_)) names.emplace_back(member.name);
  return names;
}

[[gnu::cold]] inline std::optional<Hdf5Group::Found> Hdf5Group::find(std::string_view relative_path) const {
  Found found{path_, header_, true};
  while (found.is_group) {
    const std::string_view name = relative_path.substr(0, relative_path.find('/'));
    const std::vector<detail::Hdf5Member>& members = file_->tree_.groups.at(found.header);
    const auto member = std::lower_bound(members.begin(), members.end(), name,
                                         [](const detail::Hdf5Member& a, std::string_view b) { return a.name < b; });
    if (member == members.end() || member->name != name) return std::nullopt;
    if (found.path.back() != '/') found.path += '/';
    found.path += name;
    if (member->soft) file_->place(found.path).fail("a soft link, expected what it leads to: save it again with Keras");
    found.header = member->header;
    found.is_group = file_->tree_.groups.contains(member->header);
    if (name.size() == relative_path.size()) return found;
    relative_path.remove_prefix(name.size() + 1);
  }
  return std::nullopt;  // an array has no members
}

inline std::optional<Hdf5Group> Hdf5Group::group(std::string_view relative_path) const {
  const std::optional<Found> found = find(relative_path);
  if (!found || !found->is_group) return std::nullopt;
  return Hdf5Group(*file_, found->path, found->header);
}

[[gnu::cold]] inline std::optional<Hdf5Dataset> Hdf5Group::dataset(std::string_view relative_path) const {
  using detail::Hdf5Message;
  const std::optional<Found> found = find(relative_path);
  if (!found || found->is_group) return std::nullopt;
  const detail::Hdf5Place place = file_->place(found->path);
  const std::vector<Hdf5Message> messages = detail::hdf5_messages(place, found->header);
  if (detail::hdf5_find(place, messages, Hdf5Message::external_files))
    place.fail("external data, which lie in other files, are not read");
  if (detail::hdf5_find(place, messages, Hdf5Message::filters))
    place.fail(std::string("its data are filtered (compressed), expected plain") + detail::hdf5_cure);
  const auto message = [&](Hdf5Message::Kind kind, const char* what) {
    return detail::require_hdf5_message(place, messages, kind, what);
  };
  const std::string_view layout = message(Hdf5Message::layout, "layout");
  const detail::Hdf5Type type = detail::read_hdf5_type(place, message(Hdf5Message::datatype, "datatype"));
  if (type.kind != detail::Hdf5Type::Kind::number) place.fail("its elements are strings, expected numbers");
  Hdf5Dataset dataset{found->path, type.dtype, {}, nullptr, file_, found->header};
  dataset.shape = detail::read_hdf5_shape(place, message(Hdf5Message::dataspace, "dataspace"));
  std::size_t bytes = 0;
  if (!byte_size(type.size, dataset.shape, bytes))
    place.fail("the size of its shape " + to_string(dataset.shape) + " overflows");
  if (bytes > file_->bytes_.size())
    place.fail("its shape " + to_string(dataset.shape) + " needs " + std::to_string(bytes) + " bytes, the file has " +
               std::to_string(file_->bytes_.size()));
  dataset.data = detail::hdf5_data(place, layout, bytes);
  return dataset;
}

inline std::optional<Hdf5Attribute> Hdf5Group::attribute(std::string_view name) const {
  return file_->attribute(path_, header_, name);
}

inline std::optional<Hdf5Attribute> Hdf5Dataset::attribute(std::string_view name) const {
  return file->attribute(path, header, name);
}

}  // namespace ferlab::formats
