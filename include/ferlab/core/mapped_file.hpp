// SPDX-License-Identifier: MIT
// A whole file as text, mapped and not copied.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "ferlab/core/error.hpp"

namespace ferlab {

/// Read-only view of a file. Pipes (`/dev/stdin`, `<(zcat x)`) cannot be mapped and are read into memory instead.
/// Another program that cuts the file short while it is mapped ends this one with SIGBUS: replace files by renaming.
class MappedFile {
 public:
  /// Throws IoError with path and reason.
  explicit MappedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path, "cannot open", errno);
    const int error = load(file);
    ::close(file);
    if (error != 0) fail(path, "cannot read", error);
  }
  MappedFile(MappedFile&& other) noexcept
      : mapped_(std::exchange(other.mapped_, nullptr)),
        mapped_size_(std::exchange(other.mapped_size_, 0)),
        copy_(std::exchange(other.copy_, {})) {}
  MappedFile& operator=(MappedFile other) noexcept {
    std::swap(mapped_, other.mapped_), std::swap(mapped_size_, other.mapped_size_), copy_.swap(other.copy_);
    return *this;
  }
  ~MappedFile() {
    if (mapped_) ::munmap(mapped_, mapped_size_);
  }

  std::string_view text() const {
    return mapped_ ? std::string_view(static_cast<const char*>(mapped_), mapped_size_) : std::string_view(copy_);
  }

 private:
  [[noreturn]] static void fail(const std::string& path, const char* what, int error) {
    throw IoError(std::string(what) + " " + path + ": " + std::strerror(error));
  }

  int load(int file) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return errno;
    if (S_ISDIR(info.st_mode)) return EISDIR;
    if (!S_ISREG(info.st_mode)) return read_all(file);
    if (info.st_size == 0) return 0;  // an empty file cannot be mapped
    void* memory = ::mmap(nullptr, std::size_t(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    if (memory == MAP_FAILED) return errno;
    ::madvise(memory, std::size_t(info.st_size), MADV_SEQUENTIAL);
    mapped_ = memory, mapped_size_ = std::size_t(info.st_size);
    return 0;
  }

  int read_all(int file) {
    constexpr std::size_t piece = 1 << 20;
    for (std::size_t size = 0;;) {
      copy_.resize(size + piece);
      const ssize_t got = ::read(file, copy_.data() + size, piece);
      if (got < 0 && errno != EINTR) return errno;
      if (got > 0) size += std::size_t(got);
      copy_.resize(size);
      if (got == 0) return 0;
    }
  }

  void* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  std::string copy_;
};

}  // namespace ferlab
