// SPDX-License-Identifier: MIT
// fer2013 demo: faces of a camera, a video or pictures, live in a window or annotated into files.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <opencv2/core/utils/logger.hpp>

#include "classifier.hpp"
#include "commands.hpp"
#include "face_detector.hpp"
#include "face_tracker.hpp"
#include "frame_sink.hpp"
#include "frame_source.hpp"
#include "overlay.hpp"

namespace fer2013 {

namespace {

Rectangle with_margin(const Rectangle& box, float margin) {
  const int dx = int(margin * float(box.width)), dy = int(margin * float(box.height));
  return {box.x - dx, box.y - dy, box.width + 2 * dx, box.height + 2 * dy};
}

Rectangle scaled(const Rectangle& box, int times) {
  return {box.x * times, box.y * times, box.width * times, box.height * times};
}

Picture grey_picture(const cv::Mat& grey) {
  Picture image{grey.cols, grey.rows, 1, {}};
  for (int y = 0; y < grey.rows; ++y) image.pixels.insert(image.pixels.end(), grey.ptr(y), grey.ptr(y) + grey.cols);
  return image;
}

/// Frames a second, averaged over the last ten or so.
class RateMeter {
 public:
  double tick() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    mean_ = mean_ == 0 ? seconds : 0.9 * mean_ + 0.1 * seconds;
    return 1 / std::max(mean_, 1e-6);
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  double mean_ = 0;
};

}  // namespace

int demo(const DemoOptions& options) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const auto classifier = Classifier::load(options);
  const auto& names = classifier->class_names();
  FaceDetector detector(options.detector);
  FrameSource source(options);
  FrameSink sink(options, source.rate());
  const bool pictures = source.has_pictures(), whole = options.detector == "whole";
  FaceTracker tracker(options.smoothing);
  RateMeter meter;

  cv::Mat frame, grey;
  int frames = 0, found = 0;
  while ((options.max_frames == 0 || frames < options.max_frames) && source.next(frame)) {
    cv::cvtColor(frame, grey, cv::COLOR_BGR2GRAY);
    const Picture image = grey_picture(grey);
    const int times = enlargement(frame);
    cv::Mat canvas = canvas_of(frame, times, whole);
    if (pictures) tracker = FaceTracker(0);  // one picture says nothing about the next
    tracker.begin_frame();

    const auto boxes = detector.find(grey);
    nlohmann::json faces = nlohmann::json::array();
    for (const Rectangle& box : boxes) {
      const auto input = to_face(image, with_margin(box, whole ? 0 : options.margin));
      const auto& probabilities = tracker.update(box, classifier->predict(input)).probabilities;
      const auto best =
          std::size_t(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
      const std::string label = probabilities[best] < options.threshold ? "unsure" : names[best];
      draw_face(canvas, scaled(box, times), label, probabilities, names);
      nlohmann::json face{{"box", {box.x, box.y, box.width, box.height}}, {"label", label}};
      for (std::size_t c = 0; c < names.size(); ++c) face["probabilities"][names[c]] = probabilities[c];
      faces.push_back(face);
    }
    found += int(boxes.size());
    const double rate = meter.tick();
    if (!pictures) draw_rate(canvas, rate);
    if (options.json) {
      nlohmann::json line{{"frame", frames}, {"faces", faces}, {"fps", rate}};
      if (pictures) line["image"] = source.picture();
      std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    }
    if (pictures && boxes.empty()) std::fprintf(stderr, "%s: no face found\n", source.picture().c_str());
    ++frames;
    if (!sink.show(canvas, source.picture(), pictures && options.max_frames == 0)) break;
  }
  if (frames == 0)
    throw ferlab::FormatError(options.video.empty() ? "the camera gives no picture"
                                                    : options.video + ": no frame could be read");
  std::fprintf(stderr, "%d frame%s, %d face%s%s%s\n", frames, frames == 1 ? "" : "s", found, found == 1 ? "" : "s",
               options.output.empty() ? "" : ", written to ", options.output.c_str());
  return 0;
}

}  // namespace fer2013
