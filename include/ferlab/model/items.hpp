// SPDX-License-Identifier: MIT
// A growing array for constant expressions. std::vector would do, but costs g++ three times as much there, and older
// compilers cannot evaluate it.
#pragma once

#include <cstddef>
#include <utility>

namespace ferlab::detail {

/// Of plain data. What push_back appends must not be one of these.
template <class T>
class Items {
 public:
  constexpr Items() = default;
  constexpr Items(std::size_t size, const T& value) { resize(size, value); }
  constexpr Items(Items&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        room_(std::exchange(other.room_, 0)) {}
  constexpr Items& operator=(Items&& other) noexcept {
    std::swap(data_, other.data_), std::swap(size_, other.size_), std::swap(room_, other.room_);
    return *this;
  }
  constexpr ~Items() { delete[] data_; }

  constexpr void push_back(const T& value) {
    if (size_ == room_) grow(2 * room_ + 32);
    data_[size_++] = value;
  }
  constexpr void resize(std::size_t size, const T& value) {
    if (size > room_) grow(size);
    while (size_ < size) data_[size_++] = value;
    size_ = size;
  }

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* data() { return data_; }
  constexpr const T* data() const { return data_; }
  constexpr T& operator[](std::size_t i) { return data_[i]; }
  constexpr const T& operator[](std::size_t i) const { return data_[i]; }
  constexpr T* begin() { return data_; }
  constexpr T* end() { return data_ + size_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }

 private:
  constexpr void grow(std::size_t room) {
    T* const wider = new T[room];
    for (std::size_t i = 0; i < size_; ++i) wider[i] = data_[i];
    delete[] data_;
    data_ = wider, room_ = room;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace ferlab::detail
