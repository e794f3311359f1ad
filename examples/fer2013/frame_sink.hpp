// SPDX-License-Identifier: MIT
// Where the demo's annotated frames go: into a window, into files, or (for --json alone) nowhere.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <ferlab/core/error.hpp>
#include <ferlab/formats/atomic_file.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <set>
#include <string>

#include "commands.hpp"

namespace fer2013 {

class FrameSink {
 public:
  /// `rate`: of the video that is written or shown. Throws ferlab::IoError where there is neither display nor --output.
  FrameSink(const DemoOptions& options, double rate) : folder_(options.output), rate_(rate) {
    if (!folder_.empty()) {
      ferlab::formats::create_parent_folders(folder_ + "/");
    } else if (window_opens()) {
      window_ = true;
    } else if (!options.json) {
      throw ferlab::IoError(
          "there is no display for a window; use --output DIR for an annotated video or pictures, or --json");
    }
  }

  /// `picture`: the file a frame was read from, empty for a frame of a video. `wait`: for a key, before the next
  /// picture. False when the user wants to stop.
  bool show(const cv::Mat& frame, const std::string& picture, bool wait) {
    if (window_) return show_in_window(frame, picture.empty(), wait);
    if (folder_.empty()) return true;
    if (!picture.empty()) {
      write_picture(frame, picture);
      return true;
    }
    if (!writer_.isOpened()) {
      const std::string path = folder_ + "/demo.avi";
      if (!writer_.open(path, cv::CAP_OPENCV_MJPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), rate_, frame.size()))
        throw ferlab::IoError("cannot write " + path);
    }
    writer_.write(frame);
    return true;
  }

 private:
  static constexpr const char* title = "fer2013";

  /// Qt ends the whole program where it finds no display, so a child process tries first.
  static bool window_opens() {
    const pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
      const rlimit no_core{0, 0};
      setrlimit(RLIMIT_CORE, &no_core);
      const int nowhere = open("/dev/null", O_WRONLY);
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
      try {
        cv::namedWindow(title);
      } catch (...) {
        _exit(1);
      }
      _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  bool show_in_window(const cv::Mat& frame, bool video, bool wait) {
    cv::imshow(title, frame);
    // A video is shown at its own speed, a camera sets its own, and a picture stays until a key is pressed.
    using namespace std::chrono;
    const auto due = last_shown_ + duration<double>(video ? 1 / rate_ : 0);
    do {
      const double left = duration<double, std::milli>(due - steady_clock::now()).count();
      const int key = cv::waitKey(wait ? 50 : std::max(1, int(left)));
      if (key == 'q' || key == 27 || cv::getWindowProperty(title, cv::WND_PROP_VISIBLE) < 1) return false;
      if (key >= 0) break;
    } while (wait);
    last_shown_ = steady_clock::now();
    return true;
  }

  /// As "name-demo.png", so that a picture is never written over, and two of one name both stay.
  void write_picture(const cv::Mat& frame, const std::string& picture) {
    const std::string stem = folder_ + "/" + std::filesystem::path(picture).stem().string() + "-demo";
    std::string path = stem + ".png";
    for (int n = 2; !written_.insert(path).second; ++n) path = stem + "-" + std::to_string(n) + ".png";
    bool done = false;
    try {
      done = cv::imwrite(path, frame);
    } catch (const cv::Exception&) {
    }
    if (!done) throw ferlab::IoError("cannot write " + path);
  }

  std::string folder_;
  double rate_;
  bool window_ = false;
  cv::VideoWriter writer_;
  std::set<std::string> written_;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> last_shown_{};
};

}  // namespace fer2013
