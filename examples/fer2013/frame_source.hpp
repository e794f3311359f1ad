// SPDX-License-Identifier: MIT
// The demo's frames one after another, wherever they come from: a camera, a video file, picture files.
#pragma once

#include <ferlab/core/error.hpp>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

#include "commands.hpp"
#include "face_image.hpp"

namespace fer2013 {

class FrameSource {
 public:
  /// Throws ferlab::IoError or FormatError where there is no such camera or video.
  explicit FrameSource(const DemoOptions& options) : pictures_(options.images) {
    if (has_pictures()) return;
    if (options.video.empty()) {
      if (!open([&] { return capture_.open(options.camera); }))
        throw ferlab::IoError("cannot open camera " + std::to_string(options.camera) +
                              "; try another --camera N, or --video FILE or --images FILE...");
      return;
    }
    if (!std::filesystem::exists(options.video))
      throw ferlab::IoError("cannot open " + options.video + ": no such file");
    if (!open([&] { return capture_.open(options.video); }))
      throw ferlab::FormatError(options.video + ": not a video that OpenCV can read");
  }

  bool has_pictures() const { return !pictures_.empty(); }
  /// The file of the present picture.
  const std::string& picture() const { return picture_; }
  /// Frames a second, 25 where the source does not say.
  double rate() const {
    const double rate = has_pictures() ? 0 : capture_.get(cv::CAP_PROP_FPS);
    return rate > 0 && rate < 1000 ? rate : 25;
  }

  /// False at the end. Throws ferlab::IoError or FormatError for a picture that cannot be read.
  bool next(cv::Mat& frame) {
    if (!has_pictures()) return open([&] { return capture_.read(frame) && !frame.empty(); });
    if (next_ == pictures_.size()) return false;
    picture_ = pictures_[next_++];
    check_picture_size(picture_);
    if (!open([&] { return !(frame = cv::imread(picture_, cv::IMREAD_COLOR)).empty(); }))
      throw ferlab::FormatError(picture_ + ": not a picture that OpenCV can read");
    warn_if_tiny(picture_, frame.cols, frame.rows);
    return true;
  }

 private:
  /// OpenCV says no by a result or by an exception of many lines: both are no.
  template <class Call>
  static bool open(Call&& call) {
    try {
      return call();
    } catch (const cv::Exception&) {
      return false;
    }
  }

  std::vector<std::string> pictures_;
  std::size_t next_ = 0;
  std::string picture_;
  cv::VideoCapture capture_;
};

}  // namespace fer2013
