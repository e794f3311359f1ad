// SPDX-License-Identifier: MIT
// fer2013 demo: faces of a camera, a video or pictures, live in a window or annotated into files.
#include <ferlab/io/atomic_file.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "classifier.hpp"
#include "commands.hpp"
#include "face_detector.hpp"
#include "face_tracker.hpp"
#include "overlay.hpp"

namespace fer2013 {

namespace {

/// The frames one after another, wherever they come from.
class Source {
 public:
  explicit Source(const DemoOptions& options) : images_(options.images) {
    if (!images_.empty()) return;
    if (!options.video.empty()) {
      if (!std::filesystem::exists(options.video))
        throw ferlab::IoError("cannot open " + options.video + ": no such file");
      capture_.open(options.video);
      if (!capture_.isOpened()) throw ferlab::FormatError(options.video + ": not a video that OpenCV can read");
    } else {
      capture_.open(options.camera);
      if (!capture_.isOpened())
        throw ferlab::IoError("cannot open camera " + std::to_string(options.camera) +
                              "; try another --camera N, or --video FILE or --images FILE...");
    }
  }
  bool has_pictures() const { return !images_.empty(); }
  const std::string& name() const { return name_; }
  double rate() const {
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    return rate > 0 && rate < 1000 ? rate : 25;
  }
  bool next(cv::Mat& frame) {
    if (!has_pictures()) return capture_.read(frame) && !frame.empty();
    if (next_ == images_.size()) return false;
    name_ = images_[next_++];
    if (!std::filesystem::exists(name_)) throw ferlab::IoError("cannot open " + name_ + ": no such file");
    frame = cv::imread(name_, cv::IMREAD_COLOR);
    if (frame.empty()) throw ferlab::FormatError(name_ + ": not a picture that OpenCV can read");
    return true;
  }

 private:
  std::vector<std::string> images_;
  std::size_t next_ = 0;
  std::string name_;
  cv::VideoCapture capture_;
};

/// A window, or files in --output.
class Sink {
 public:
  Sink(const DemoOptions& options, double rate) : folder_(options.output), rate_(rate) {
    if (!folder_.empty()) {
      ferlab::io::create_parent_folders(folder_ + "/");
    } else if (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY") && !std::getenv("QT_QPA_PLATFORM")) {
      throw ferlab::IoError("there is no display for a window; use --output DIR for an annotated video or pictures");
    }
  }
  /// False when the user wants to stop.
  bool show(const cv::Mat& frame, const std::string& picture, bool wait) {
    if (folder_.empty()) {
      cv::imshow("fer2013", frame);
      const int key = cv::waitKey(wait ? 0 : 1);
      return key != 'q' && key != 27;
    }
    if (!picture.empty()) {
      const std::string path = folder_ + "/" + std::filesystem::path(picture).stem().string() + ".png";
      if (!cv::imwrite(path, frame)) throw ferlab::IoError("cannot write " + path);
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
  std::string folder_;
  double rate_;
  cv::VideoWriter writer_;
};

Rectangle with_margin(const Rectangle& box, float margin) {
  const int dx = int(margin * float(box.width)), dy = int(margin * float(box.height));
  return {box.x - dx, box.y - dy, box.width + 2 * dx, box.height + 2 * dy};
}

}  // namespace

int demo(const DemoOptions& options) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const auto classifier = Classifier::load(options.model, options.threads);
  const auto& names = classifier->class_names();
  FaceDetector detector(options.detector);
  Source source(options);
  Sink sink(options, source.rate());
  FaceTracker tracker(source.has_pictures() ? 0.0f : options.smoothing);
  const float margin = options.detector == "whole" ? 0.0f : options.margin;

  cv::Mat frame, grey;
  double rate = 0;
  int count = 0, faces_seen = 0;
  auto last = std::chrono::steady_clock::now();
  while ((options.max_frames == 0 || count < options.max_frames) && source.next(frame)) {
    cv::cvtColor(frame, grey, cv::COLOR_BGR2GRAY);
    GreyImage image{grey.cols, grey.rows, {}};
    for (int y = 0; y < grey.rows; ++y) image.pixels.insert(image.pixels.end(), grey.ptr(y), grey.ptr(y) + grey.cols);

    if (source.has_pictures()) tracker = FaceTracker(0.0f);
    tracker.begin_frame();
    nlohmann::json faces = nlohmann::json::array();
    for (const Rectangle& box : detector.find(grey)) {
      const TrackedFace& face = tracker.update(box, classifier->predict(to_face(image, with_margin(box, margin))));
      const auto best = std::size_t(std::max_element(face.probabilities.begin(), face.probabilities.end()) -
                                    face.probabilities.begin());
      const std::string label = face.probabilities[best] < options.threshold ? "unsure" : names[best];
      draw_face(frame, box, label, face.probabilities, names);
      ++faces_seen;
      if (!options.json) continue;
      nlohmann::json entry{{"box", {box.x, box.y, box.width, box.height}}, {"label", label}};
      for (std::size_t c = 0; c < names.size(); ++c) entry["probabilities"][names[c]] = face.probabilities[c];
      faces.push_back(entry);
    }
    const auto now = std::chrono::steady_clock::now();
    const double current = 1 / std::max(std::chrono::duration<double>(now - last).count(), 1e-6);
    rate = rate == 0 ? current : 0.9 * rate + 0.1 * current;
    last = now;
    if (!source.has_pictures()) draw_rate(frame, rate);
    if (options.json) {
      nlohmann::json line{{"frame", count}, {"faces", faces}, {"fps", rate}};
      if (source.has_pictures()) line["image"] = source.name();
      std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    } else if (source.has_pictures() && faces_seen == 0) {
      std::fprintf(stderr, "%s: no face found\n", source.name().c_str());
    }
    ++count;
    if (!sink.show(frame, source.name(), source.has_pictures() && options.max_frames == 0)) break;
    if (source.has_pictures()) faces_seen = 0;
  }
  if (count == 0)
    throw ferlab::FormatError("no frame could be read from the " +
                              std::string(options.video.empty() ? "camera" : "video " + options.video));
  std::fprintf(stderr, "%d frames%s%s\n", count, options.output.empty() ? "" : ", written to ", options.output.c_str());
  return 0;
}

}  // namespace fer2013
