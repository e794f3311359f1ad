// SPDX-License-Identifier: MIT
// Faces in a picture, by one of OpenCV's cascades.
#pragma once

#include <ferlab/core/error.hpp>

#include <filesystem>
#include <opencv2/objdetect.hpp>
#include <string>
#include <vector>

#include "face_image.hpp"

namespace fer2013 {

class FaceDetector {
 public:
  /// `file`: a cascade; "whole": every picture is one face; empty: OpenCV's frontal face. Throws ferlab::IoError or
  /// FormatError.
  explicit FaceDetector(const std::string& file) : whole_(file == "whole") {
    if (whole_) return;
    const std::string path = file.empty() ? default_cascade() : file;
    if (!std::filesystem::exists(path))
      throw ferlab::IoError("cannot open the face detector " + path + ": no such file");
    bool loaded = false;
    try {
      loaded = cascade_.load(path);
    } catch (const cv::Exception&) {
    }
    if (!loaded) throw ferlab::FormatError(path + ": not a cascade that OpenCV can read");
  }

  /// Faces of at least 48 pixels, the largest first.
  std::vector<Rectangle> find(const cv::Mat& grey) {
    if (whole_) return {{0, 0, grey.cols, grey.rows}};
    std::vector<cv::Rect> found;
    cascade_.detectMultiScale(grey, found, 1.1, 5, 0, cv::Size(48, 48));
    std::sort(found.begin(), found.end(), [](const cv::Rect& a, const cv::Rect& b) { return a.area() > b.area(); });
    std::vector<Rectangle> faces;
    for (const cv::Rect& r : found) faces.push_back({r.x, r.y, r.width, r.height});
    return faces;
  }

 private:
  static std::string default_cascade() {
    const std::string name = "haarcascades/haarcascade_frontalface_alt2.xml";
    for (const char* folder :
         {"/usr/share/opencv4/", "/usr/local/share/opencv4/", "/usr/share/opencv/", "/opt/homebrew/share/opencv4/"})
      if (std::filesystem::exists(folder + name)) return folder + name;
    throw ferlab::IoError("cannot find OpenCV's " + name +
                          "; install opencv-data, or name a cascade with --detector FILE");
  }

  bool whole_;
  cv::CascadeClassifier cascade_;
};

}  // namespace fer2013
