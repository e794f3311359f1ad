// SPDX-License-Identifier: MIT
// Implementation of safetensors.hpp. What runs once a file is marked cold: the compiler then spends less time on it.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "ferlab/formats/atomic_file.hpp"
#include "ferlab/formats/json.hpp"
#include "ferlab/formats/safetensors.hpp"

namespace ferlab::formats {

inline constexpr std::size_t most_header_bytes = 100'000'000;  // as the reference implementation

[[gnu::cold]] inline void write_safetensors(const std::string& path, std::span<const TensorView> tensors,
                                            const Metadata& metadata) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : tensors) order.push_back(&tensor);
  // Widest elements first, so that each one is aligned; then by name.
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    const std::size_t x = info(a->dtype).size, y = info(b->dtype).size;
    return x != y ? x > y : a->name < b->name;
  });
  std::string text = "{";
  const auto member = [&](std::string_view name) {
    if (text.back() != '{') text += ',';
    text += json_quoted(name);
    text += ':';
  };
  if (!metadata.empty()) {
    member("__metadata__");
    text += '{';
    for (const auto& [key, value] : metadata) {
      member(key);
      text += json_quoted(value);
    }
    text += '}';
  }
  std::vector<std::string_view> names;
  std::size_t offset = 0;
  for (const TensorView* tensor : order) {
    if (tensor->name == "__metadata__") throw ArgumentError(path + ": no tensor can be called \"__metadata__\"");
    names.push_back(tensor->name);
    const std::size_t range[] = {offset, offset += tensor->bytes()};
    member(tensor->name);
    text += '{';
    member("dtype");
    text += json_quoted(info(tensor->dtype).name);
    member("shape");
    text += to_string(tensor->shape);
    member("data_offsets");
    text += to_string(range);
    text += '}';
  }
  text += "}";
  std::sort(names.begin(), names.end());
  if (const auto twin = std::adjacent_find(names.begin(), names.end()); twin != names.end())
    throw ArgumentError(path + ": two tensors are called \"" + std::string(*twin) + "\"");
  text.resize((text.size() + 7) / 8 * 8, ' ');
  unsigned char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(std::uint64_t(text.size()) >> (8 * i));

  AtomicFile file(path);
  file.write(length, sizeof length);
  file.write(text.data(), text.size());
  for (const TensorView* tensor : order) file.write(tensor->data, tensor->bytes());
  file.commit();
}

inline SafetensorsFile::SafetensorsFile(const std::string& path) : name_(path), file_(path) { parse(file_->text()); }

inline SafetensorsFile::SafetensorsFile(std::string_view bytes, const std::string& name) : name_(name) { parse(bytes); }

namespace detail {

/// What came in the place of something else, for an error.
[[gnu::cold]] inline std::string shown(const Json* value) {
  if (!value) return "nothing";
  switch (value->kind) {
    case Json::Kind::string:
      return json_quoted(std::string_view(value->text).substr(0, 60));
    case Json::Kind::array:
      return "an array of " + std::to_string(value->items.size());
    case Json::Kind::object:
      return "an object";
    default:
      return value->text.substr(0, 60);
  }
}

/// Readers differ in which of two they take: what one has checked, another would not see.
[[gnu::cold]] inline void refuse_twins(const SafetensorsFile& file, const Json& object, const std::string& where) {
  std::vector<std::string_view> names;
  for (const Json::Member& member : object.members) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) file.fail(where + " names \"" + std::string(*twin) + "\" twice");
}

/// The tensor that an entry of the header describes, once it is known to lie inside `data`.
[[gnu::cold]] inline TensorView read_entry(const SafetensorsFile& file, const std::string& name, const Json& entry,
                                           std::string_view data) {
  const std::string where = "tensor \"" + name + "\": ";
  const auto whole = [&](const Json& number, const char* what) {
    std::size_t value = 0;
    const char *first = number.text.data(), *last = first + number.text.size();
    const auto [end, error] = std::from_chars(first, last, value);
    if (!number.is(Json::Kind::number) || error != std::errc{} || end != last)
      file.fail(where + what + " is not a whole number: " + shown(&number));
    return value;
  };
  const Json *dtype = entry.find("dtype"), *shape = entry.find("shape"), *offsets = entry.find("data_offsets");
  if (!dtype || !dtype->is(Json::Kind::string)) file.fail(where + "expected a dtype, got " + shown(dtype));
  if (!shape || !shape->is(Json::Kind::array)) file.fail(where + "expected a shape, got " + shown(shape));
  if (!offsets || !offsets->is(Json::Kind::array) || offsets->items.size() != 2)
    file.fail(where + "expected data_offsets [begin, end], got " + shown(offsets));
  const auto* type =
      std::find_if(std::begin(dtypes), std::end(dtypes), [&](const DTypeInfo& d) { return d.name == dtype->text; });
  if (type == std::end(dtypes)) file.fail(where + "unknown dtype " + shown(dtype));

  TensorView tensor{name, type->type, {}, nullptr};
  std::size_t size = type->size;
  for (const Json& dim : shape->items) {
    tensor.shape.push_back(whole(dim, "a dimension"));
    if (__builtin_mul_overflow(size, tensor.shape.back(), &size))
      file.fail(where + "its size overflows at dimension " + std::to_string(tensor.shape.size()) + ", " + dim.text);
  }
  const std::size_t range[] = {whole(offsets->items[0], "an offset"), whole(offsets->items[1], "an offset")};
  if (range[0] > range[1] || range[1] > data.size())
    file.fail(where + "its data lies outside the file: data_offsets " + to_string(range) + ", there are " +
              std::to_string(data.size()) + " bytes");
  if (range[1] - range[0] != size)
    file.fail(where + "its data_offsets and its shape disagree: " + to_string(range) + " for " + std::to_string(size) +
              " bytes");
  tensor.data = data.data() + range[0];
  return tensor;
}

/// Every byte of `data` belongs to one tensor.
[[gnu::cold]] inline void require_cover(const SafetensorsFile& file, std::string_view data) {
  std::vector<const TensorView*> order;
  for (const TensorView& tensor : file.tensors()) order.push_back(&tensor);
  const auto begin = [&](const TensorView* t) { return std::size_t(static_cast<const char*>(t->data) - data.data()); };
  std::sort(order.begin(), order.end(), [&](const TensorView* a, const TensorView* b) {
    return begin(a) != begin(b) ? begin(a) < begin(b) : a->bytes() < b->bytes();
  });
  std::size_t at = 0;
  for (const TensorView* tensor : order) {
    if (begin(tensor) != at)
      file.fail("tensor \"" + tensor->name + "\" begins at byte " + std::to_string(begin(tensor)) +
                " of the data: " + (begin(tensor) < at ? "two tensors overlap" : "there is a gap between tensors") +
                ", expected " + std::to_string(at));
    at += tensor->bytes();
  }
  if (at != data.size())
    file.fail("the tensors end at byte " + std::to_string(at) + " of the data, the file has " +
              std::to_string(data.size()));
}

}  // namespace detail

[[gnu::cold]] inline void SafetensorsFile::parse(std::string_view bytes) {
  if (bytes.size() < 8)
    fail("not a safetensors file: it has " + std::to_string(bytes.size()) + " bytes, expected at least 8");
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(bytes[std::size_t(i)]);
  if (length > most_header_bytes || length > bytes.size() - 8)
    fail("not a safetensors file, or cut short: the header claims " + std::to_string(length) + " bytes, the file has " +
         std::to_string(bytes.size()));
  const std::string_view text = bytes.substr(8, std::size_t(length)), data = bytes.substr(8 + std::size_t(length));

  Json header;
  if (!parse_json(text, header) || !header.is(Json::Kind::object)) fail("the header is not a JSON object of tensors");
  detail::refuse_twins(*this, header, "the header");
  for (const auto& [name, entry] : header.members) {
    if (!entry.is(Json::Kind::object))
      fail("the header's entry \"" + name + "\" is not an object but " + detail::shown(&entry));
    detail::refuse_twins(*this, entry, "the header's entry \"" + name + "\"");
    if (name != "__metadata__") {
      tensors_.push_back(detail::read_entry(*this, name, entry, data));
      continue;
    }
    for (const auto& [key, value] : entry.members) {
      if (!value.is(Json::Kind::string)) fail("metadata \"" + key + "\" is not a string but " + detail::shown(&value));
      metadata_[key] = value.text;
    }
  }
  detail::require_cover(*this, data);
}

inline const TensorView& SafetensorsFile::require(std::string_view name, std::span<const std::size_t> shape) const {
  const TensorView* tensor = find(name);
  if (!tensor) fail("expected a tensor \"" + std::string(name) + "\" of shape " + to_string(shape) + ", there is none");
  if (!std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end()))
    fail("tensor \"" + std::string(name) + "\": expected shape " + to_string(shape) + ", got " +
         to_string(tensor->shape));
  return *tensor;
}

inline const std::string& SafetensorsFile::require_metadata(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) fail("expected metadata \"" + key + "\", there is none");
  return found->second;
}

template <class T>
void convert(const SafetensorsFile& file, const TensorView& tensor, std::span<T> out) {
  convert_elements(file, "tensor \"" + tensor.name + "\"", tensor.dtype, tensor.shape, tensor.data, out);
}

}  // namespace ferlab::formats
