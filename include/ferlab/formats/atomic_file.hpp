// SPDX-License-Identifier: MIT
// Writing a file so that nobody ever reads half of it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "ferlab/core/error.hpp"

namespace ferlab::formats {

namespace detail {

/// The system calls that can fail half-way; tests put failing ones in their place.
struct FileCalls {
  ssize_t (*write)(int, const void*, std::size_t) = ::write;
  int (*fsync)(int) = ::fsync;
};
inline FileCalls file_calls;

[[noreturn]] inline void io_failure(const char* what, const std::string& path, int error) {
  throw IoError(std::string(what) + " " + path + ": " + std::strerror(error));
}

inline std::string parent_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// The file that a symbolic link leads to: renaming over the link itself would leave that file as it was.
inline std::string without_links(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (!real) return path;  // nothing there yet
  const std::string found = real;
  std::free(real);
  return found;
}

}  // namespace detail

/// Makes every missing folder above `path`. Throws IoError.
inline void create_parent_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      detail::io_failure("cannot create folder", folder, errno);
  }
}

/// Writes to a temporary file beside `path`; commit() syncs it and renames it over `path`. Until then, and after any
/// failure, what was at `path` is untouched; a temporary that is not committed is removed (one whose program is killed
/// stays: `<path>.tmp.<process>.<number>`). Symbolic links are followed; what is there and no regular file (a folder, a
/// pipe, /dev/null) is refused. Throws IoError.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path) : path_(detail::without_links(path)) {
    struct stat there {};
    if (::stat(path_.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
      throw IoError("cannot write " + path_ + ": what is there is not a regular file");
    static std::atomic<unsigned> serial{0};
    do {  // a name may be taken: by what a killed program left, if this one has the same number (as in containers)
      temporary_ = path_ + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(serial++);
      file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) detail::io_failure("cannot write", path_, errno);
  }
  ~AtomicFile() {
    if (file_ >= 0) ::close(file_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t size) {
    const char* from = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t written = detail::file_calls.write(file_, from, size);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) detail::io_failure("cannot write", path_, written < 0 ? errno : ENOSPC);
      from += written;
      size -= std::size_t(written);
    }
  }

  void commit() {
    if (detail::file_calls.fsync(file_) != 0) detail::io_failure("cannot sync", path_, errno);
    const int closed = ::close(file_);
    file_ = -1;
    if (closed != 0) detail::io_failure("cannot close", path_, errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) detail::io_failure("cannot rename into place", path_, errno);
    temporary_.clear();
    // The new name is durable once the folder is. A file system that cannot sync folders has nothing to add.
    const int folder = ::open(detail::parent_folder(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
      detail::file_calls.fsync(folder);
      ::close(folder);
    }
  }

 private:
  std::string path_, temporary_;
  int file_ = -1;
};

/// Writes a whole file, and the folders above it that are missing. Throws IoError.
inline void write_file(const std::string& path, std::string_view bytes) {
  create_parent_folders(path);
  AtomicFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace ferlab::formats
