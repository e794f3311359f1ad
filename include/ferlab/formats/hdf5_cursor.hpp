// SPDX-License-Identifier: MIT
// Reading blocks of an HDF5 file: nothing is read that has not been checked to be there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"
#include "ferlab/formats/little_endian.hpp"

namespace ferlab::formats::detail {

inline constexpr std::uint64_t hdf5_undefined = ~std::uint64_t(0);  ///< the address of what is not stored
inline constexpr const char* hdf5_cure =
    ": save it again with Keras, or rewrite it with h5repack --layout=CONTI --filter=NONE";

/// What is being read, for errors: an object of a file.
struct Hdf5Place {
  std::string_view bytes;  ///< of the whole file
  std::string file;        ///< its name
  std::string path;        ///< inside the file: "/model_weights/conv2d"

  [[noreturn, gnu::cold]] void fail(const std::string& what) const {
    throw FormatError(file + ": " + path + ": " + what);
  }
};

/// Reads a block from front to back.
class Hdf5Cursor {
 public:
  /// The whole of `block`; `what` names it in errors: "object header".
  Hdf5Cursor(const Hdf5Place& place, std::string_view block, const char* what)
      : place_(&place), rest_(block), what_(what) {}
  /// `size` bytes of the file from `address` on.
  Hdf5Cursor(const Hdf5Place& place, std::uint64_t address, std::uint64_t size, const char* what)
      : place_(&place), what_(what) {
    if (address > place.bytes.size() || size > place.bytes.size() - address)
      place.fail(std::string("its ") + what + " lies outside the file: " + std::to_string(size) + " bytes from byte " +
                 std::to_string(address) + " on, the file has " + std::to_string(place.bytes.size()));
    rest_ = place.bytes.substr(std::size_t(address), std::size_t(size));
  }

  std::string_view rest() const { return rest_; }

  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) place_->fail(std::string("its ") + what_ + " is cut short");
    const std::string_view taken = rest_.substr(0, std::size_t(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// The same with what fills it up to a multiple of 8, which may be missing at the end.
  std::string_view take_padded(std::uint64_t size) {
    const std::string_view taken = take(size);
    rest_.remove_prefix(std::min<std::size_t>(rest_.size(), (8 - taken.size() % 8) % 8));
    return taken;
  }
  template <class T>
  T number() {
    return read_little_endian<T>(take(sizeof(T)).data());
  }
  std::uint8_t byte() { return number<std::uint8_t>(); }
  std::uint64_t word() { return number<std::uint64_t>(); }

  void require_signature(std::string_view signature) {
    if (rest_.substr(0, signature.size()) != signature)
      place_->fail(std::string("its ") + what_ + " does not begin with " + std::string(signature));
    rest_.remove_prefix(signature.size());
  }
  /// The next byte is the version of what is read.
  void require_version(std::uint8_t version) {
    if (const std::uint8_t found = byte(); found != version)
      place_->fail(std::string("its ") + what_ + " is of version " + std::to_string(found) + ", expected " +
                   std::to_string(version) + hdf5_cure);
  }

 private:
  const Hdf5Place* place_;
  std::string_view rest_;
  const char* what_;
};

}  // namespace ferlab::formats::detail
