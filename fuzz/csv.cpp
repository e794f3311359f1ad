// SPDX-License-Identifier: MIT
// The CSV reader on any bytes: it gives a data set or a DataError, and what it says of rows adds up. The first byte
// chooses the options; the rest is the file. Images are 2 x 2 (fast parser) or 1 x 1 (patient parser), to have many
// rows.
#include <ferlab/datasets/fer2013_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace ferlab;
using namespace ferlab::datasets;

static void require(bool truth) {
  if (!truth) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  ReadOptions options;
  options.skip_bad_rows = bytes[0] & 1;
  options.allow_unlabelled = bytes[0] & 2;
  options.shape = bytes[0] & 4 ? Shape{1, 1, 1} : Shape{2, 2, 1};
  if (bytes[0] & 8) options.labels = {"-", "Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"};
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  ReadReport report;
  try {
    const Dataset data = parse_fer2013(text, "fuzz.csv", options, &report,
                                       [](std::size_t done, std::size_t total) { require(done <= total); });
    require(data.size() == report.rows && report.rows > 0);
    require(options.skip_bad_rows || report.bad_rows == 0);
    for (std::size_t i = 0; i < data.size(); ++i) {
      require(data.label(i) < 7 || (options.allow_unlabelled && data.label(i) == no_label));
      require(data.image(i).size() == options.shape.size() && data.line(i) >= 2);
      require(i == 0 || data.line(i) > data.line(i - 1));
    }
  } catch (const DataError& error) {
    require(std::string_view(error.what()).substr(0, 8) == "fuzz.csv");
  }
  require(report.reasons.size() <= report.bad_rows);
  return 0;
}
