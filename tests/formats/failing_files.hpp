// SPDX-License-Identifier: MIT
// System calls that fail on request, in the place of the real ones while an object of this lives.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "ferlab/formats/atomic_file.hpp"

namespace ferlab::test {

struct FailingFiles {
  static inline std::size_t room = 0;         ///< bytes that can still be written
  static inline std::size_t most_a_call = 0;  ///< a call writes no more than this
  static inline int write_error = 0;          ///< when there is no room; 0: write() returns 0
  static inline int fsync_error = 0;
  static inline int interruptions = 0;  ///< so many calls fail with EINTR first

  FailingFiles() {
    room = most_a_call = std::size_t(-1);
    write_error = ENOSPC, fsync_error = interruptions = 0;
    formats::detail::file_calls = {write, fsync};
  }
  ~FailingFiles() { formats::detail::file_calls = {}; }

  static ssize_t write(int file, const void* data, std::size_t size) {
    if (interruptions > 0) {
      --interruptions;
      errno = EINTR;
      return -1;
    }
    if (room == 0) {
      errno = write_error;
      return write_error == 0 ? 0 : -1;
    }
    const ssize_t written = ::write(file, data, std::min({size, room, most_a_call}));
    if (written > 0) room -= std::size_t(written);
    return written;
  }
  static int fsync(int file) {
    if (fsync_error == 0) return ::fsync(file);
    errno = fsync_error;
    return -1;
  }
};

}  // namespace ferlab::test
