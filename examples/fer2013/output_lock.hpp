// SPDX-License-Identifier: MIT
// One training at a time in an output folder.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <ferlab/core/error.hpp>
#include <ferlab/formats/atomic_file.hpp>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace fer2013 {

/// Held as long as this lives, by the system: it ends with the process, however that ends.
class OutputLock {
 public:
  /// Makes the folder where there is none. Throws ferlab::ArgumentError where another process has the lock, and
  /// ferlab::IoError where the folder cannot be made or written to.
  explicit OutputLock(const std::string& folder) {
    const std::string path = folder + "/.lock";
    ferlab::formats::create_parent_folders(path);
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file_ < 0) ferlab::formats::detail::io_failure("cannot write", path, errno);
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      char owner[24] = {};
      const bool known = ::pread(file_, owner, sizeof owner - 1, 0) > 0;
      ::close(file_);
      throw ferlab::ArgumentError(folder + ": another training" +
                                  (known ? " (process " + std::to_string(std::atol(owner)) + ")" : "") +
                                  " is writing to this folder; wait for it, or give another --output");
    }
    // A file system that knows no locks admits everybody, as before. The number is for the message above.
    const std::string me = std::to_string(::getpid()) + "\n";
    [[maybe_unused]] const bool said =
        ::ftruncate(file_, 0) == 0 && ::pwrite(file_, me.data(), me.size(), 0) == ssize_t(me.size());
  }
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;
  ~OutputLock() { ::close(file_); }

 private:
  int file_ = -1;
};

}  // namespace fer2013
