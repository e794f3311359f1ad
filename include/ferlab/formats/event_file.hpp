// SPDX-License-Identifier: MIT
// Event files, which TensorBoard shows. A file of records, each an Event message between two checksums; sources:
// tensorflow core/util/event.proto, core/framework/{summary,tensor}.proto, core/lib/io/record_writer.cc, and
// tensorboard/plugins/{scalar,histogram}/metadata.py for the form of a summary.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ferlab/formats/atomic_file.hpp"
#include "ferlab/formats/crc32c.hpp"
#include "ferlab/formats/protobuf.hpp"

namespace ferlab::formats {

namespace detail {

inline constexpr int histogram_buckets = 30;  // as tensorboard.plugins.histogram

/// left, right, count of equally wide buckets from the least to the greatest value. Values that are not finite have
/// no bucket. Where all values are equal, all buckets are empty but the last, as in TensorBoard.
inline std::array<std::array<double, 3>, histogram_buckets> histogram(std::span<const float> values) {
  std::array<std::array<double, 3>, histogram_buckets> buckets{};
  double least = INFINITY, greatest = -INFINITY;
  for (float value : values)
    if (std::isfinite(value)) least = std::min(least, double(value)), greatest = std::max(greatest, double(value));
  if (least > greatest) return buckets;
  const double width = (greatest - least) / histogram_buckets;
  for (int i = 0; i < histogram_buckets; ++i) {
    buckets[std::size_t(i)][0] = least + i * width;
    buckets[std::size_t(i)][1] = i + 1 < histogram_buckets ? least + (i + 1) * width : greatest;
  }
  for (float value : values)
    if (std::isfinite(value)) {
      const int bucket = width > 0 ? int((double(value) - least) / width) : histogram_buckets - 1;
      buckets[std::size_t(std::min(bucket, histogram_buckets - 1))][2] += 1;
    }
  return buckets;
}

/// TensorProto: the element type (1 float, 2 double), the dimensions, the elements.
inline ProtoMessage tensor_proto(int type, std::initializer_list<int> dims, std::string_view elements) {
  ProtoMessage shape;
  for (int dim : dims) shape.message(2, ProtoMessage().integer(1, dim));
  return ProtoMessage().integer(1, type).message(2, shape).text(4, elements);
}

}  // namespace detail

/// A new event file in `folder`, which is made if need be. What is written stays in memory until flush(), a mebibyte,
/// or the end of this object. Records are only ever appended: a program that is killed leaves whole records, and at
/// most a cut one behind them, which readers skip. For one thread at a time. Throws IoError.
class EventFile {
 public:
  explicit EventFile(const std::string& folder) {
    static std::atomic<unsigned> serial{0};
    create_parent_folders(folder + "/");
    char host[256] = {};
    if (::gethostname(host, sizeof host - 1) != 0 || host[0] == 0) host[0] = '-';
    const std::string seconds = std::to_string(std::time(nullptr));
    const std::string start =
        folder + "/events.out.tfevents." + seconds + "." + host + "." + std::to_string(::getpid()) + ".";
    do {
      path_ = start + std::to_string(serial++);
      file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) detail::io_failure("cannot write", path_, errno);
    append(event().text(3, "brain.Event:2"));
  }
  ~EventFile() {
    try {
      flush();
    } catch (const IoError&) {  // who wants to hear of it calls flush()
    }
    ::close(file_);
  }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  const std::string& path() const { return path_; }

  void scalar(std::string_view tag, std::int64_t step, double value) {
    std::string elements;
    append_little_endian(elements, float(value));
    summary(tag, step, "scalars", 1, detail::tensor_proto(1, {}, elements));
  }

  /// 30 buckets from the least to the greatest value; values that are not finite are left out.
  void histogram(std::string_view tag, std::int64_t step, std::span<const float> values) {
    std::string elements;
    for (const auto& bucket : detail::histogram(values))
      for (double number : bucket) append_little_endian(elements, number);
    summary(tag, step, "histograms", 2, detail::tensor_proto(2, {detail::histogram_buckets, 3}, elements));
  }

  /// Hands everything to the operating system. After an IoError the rest is kept: the next flush goes on where this
  /// one stopped.
  void flush() {
    std::size_t done = 0;
    int error = 0;
    while (done < pending_.size() && error == 0) {
      const ssize_t written = detail::file_calls.write(file_, pending_.data() + done, pending_.size() - done);
      if (written > 0)
        done += std::size_t(written);
      else if (written == 0 || errno != EINTR)
        error = written == 0 ? ENOSPC : errno;
    }
    pending_.erase(0, done);
    if (error != 0) detail::io_failure("cannot write", path_, error);
  }

 private:
  static ProtoMessage event() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::move(ProtoMessage().number(1, std::chrono::duration<double>(now).count()));
  }

  void summary(std::string_view tag, std::int64_t step, std::string_view plugin, int data_class,
               const ProtoMessage& tensor) {
    const ProtoMessage metadata = ProtoMessage().message(1, ProtoMessage().text(1, plugin)).integer(4, data_class);
    const ProtoMessage value = ProtoMessage().text(1, tag).message(9, metadata).message(8, tensor);
    append(event().integer(2, step).message(5, ProtoMessage().message(1, value)));
  }

  void append(const ProtoMessage& event) {
    std::string length;
    append_little_endian(length, std::uint64_t(event.bytes.size()));
    pending_ += length;
    append_little_endian(pending_, masked_crc32c(length));
    pending_ += event.bytes;
    append_little_endian(pending_, masked_crc32c(event.bytes));
    if (pending_.size() >= 1 << 20) flush();
  }

  std::string path_, pending_;
  int file_ = -1;
};

}  // namespace ferlab::formats
