// SPDX-License-Identifier: MIT
// A program outside ferlab that writes a folder of pictures with OpenCV and reads it as a data set.
#include <cstdio>
#include <cstdlib>
#include <ferlab/datasets/image_folder.hpp>
#include <ferlab/opencv.hpp>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>  // the user's own

int main() {
  using namespace ferlab;
  for (const char* name : {"tulips", "roses"}) {
    const std::string folder = std::string("flowers/") + name;
    std::filesystem::create_directories(folder);
    cv::imwrite(folder + "/1.png", cv::Mat(80, 100, CV_8UC1, cv::Scalar(*name == 't' ? 200 : 50)));
  }
  const auto flowers = datasets::read_image_folder("flowers", {.shape = {64, 64, 3}, .decoder = decode_with_opencv});
  std::printf("%zu pictures; the first is of %s\n", flowers.size(), flowers.class_names()[flowers.label(0)].c_str());
  const bool right = flowers.size() == 2 && flowers.image(0)[0] == 50 && flowers.image(1)[64 * 64 * 3 - 1] == 200;
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
