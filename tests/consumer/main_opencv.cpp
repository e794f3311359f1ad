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
  for (const char* name : {"light", "dark"}) {
    const std::string folder = std::string("pictures/train/") + name;
    std::filesystem::create_directories(folder);
    cv::imwrite(folder + "/1.png", cv::Mat(8, 8, CV_8UC1, cv::Scalar(*name == 'l' ? 200 : 50)));
  }
  const data::Dataset all =
      datasets::read_image_folder("pictures", {.shape = {4, 4, 1}, .decoder = decode_with_opencv});
  std::printf("%zu pictures; the first is %s, %d\n", all.size(), all.class_names()[all.label(0)].c_str(),
              int(all.image(0)[0]));
  return all.size() == 2 && all.image(0)[0] == 50 && all.image(1)[15] == 200 ? EXIT_SUCCESS : EXIT_FAILURE;
}
