// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace ferlab::detail {

/// n zeros of a plain type, at an address that is a multiple of 64 bytes: a cache line, and the widest vector.
template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* p) const { ::operator delete(p, alignment); }
  };

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t n)
      : data_(n > 0 ? static_cast<T*>(::operator new(n * sizeof(T), alignment)) : nullptr), size_(n) {
    if (n > 0) std::memset(static_cast<void*>(data_.get()), 0, n * sizeof(T));
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace ferlab::detail
