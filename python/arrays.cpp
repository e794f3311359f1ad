// SPDX-License-Identifier: MIT
#include "arrays.hpp"

#include <ferlab/core/error.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

namespace ferlab_python {

namespace {

/// "uint8 (3, 48, 48)"; of what is no array, its type.
std::string describe(nb::handle object) {
  const bool is_array = nb::hasattr(object, "dtype") && nb::hasattr(object, "shape");
  const nb::object text = is_array ? nb::str("{} {}").format(object.attr("dtype"), object.attr("shape"))
                                   : nb::object(object.type().attr("__name__"));
  return nb::cast<std::string>(text);
}

[[noreturn]] void refuse(const std::string& name, const std::string& expected, nb::handle came) {
  throw nb::type_error((name + ": expected " + expected + ", got " + describe(came)).c_str());
}

}  // namespace

std::vector<std::uint8_t> to_pixels(nb::handle faces) {
  nb::ndarray<const std::uint8_t, nb::shape<-1, 48, 48>, nb::device::cpu> array;
  const bool convert = false;  // pixels of 0..1 would all become 0
  if (!nb::try_cast(faces, array, convert)) refuse("faces", "uint8 [n, 48, 48]", faces);
  const auto view = array.view();
  std::vector<std::uint8_t> pixels;
  pixels.reserve(array.size());
  for (std::size_t i = 0; i < view.shape(0); ++i)
    for (std::size_t y = 0; y < view.shape(1); ++y)
      for (std::size_t x = 0; x < view.shape(2); ++x) pixels.push_back(view(i, y, x));
  return pixels;
}

std::vector<std::uint8_t> to_labels(nb::handle labels, std::size_t count, std::size_t classes) {
  std::vector<std::int64_t> numbers;
  if (!nb::try_cast(labels, numbers)) refuse("labels", "whole numbers [n]", labels);
  if (numbers.size() != count)
    throw ferlab::ArgumentError("labels: expected " + std::to_string(count) + ", one a face, got " +
                                std::to_string(numbers.size()));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] < 0 || numbers[i] >= std::int64_t(classes))
      throw ferlab::ArgumentError("labels: expected 0 to " + std::to_string(classes - 1) + ", got " +
                                  std::to_string(numbers[i]) + " at place " + std::to_string(i));
  return {numbers.begin(), numbers.end()};
}

std::vector<float> to_floats(nb::handle array, const std::vector<std::size_t>& shape, const char* name) {
  nb::ndarray<const float, nb::c_contig, nb::device::cpu> found;
  const bool is_array = nb::try_cast(array, found);
  if (!is_array || std::vector<std::size_t>(found.shape_ptr(), found.shape_ptr() + found.ndim()) != shape)
    refuse(name, std::string("float32 ") + nb::str(nb::cast(shape)).c_str(), array);
  return {found.data(), found.data() + found.size()};
}

}  // namespace ferlab_python
