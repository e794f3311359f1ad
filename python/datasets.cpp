// SPDX-License-Identifier: MIT
// Labelled faces as arrays.
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013.hpp>

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>

#include "arrays.hpp"
#include "module.hpp"

namespace ferlab_python {

using namespace nb::literals;
using ferlab::data::Dataset;

namespace {

nb::tuple to_arrays(const Dataset& data) {
  std::vector<std::uint8_t> pixels, labels;
  pixels.reserve(data.size() * data.shape().size());
  nb::list usages;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto image = data.image(i);
    pixels.insert(pixels.end(), image.begin(), image.end());
    labels.push_back(data.label(i));
    usages.append(std::string(to_string(data.usage(i))));
  }
  const std::size_t height = std::size_t(data.shape().height), width = std::size_t(data.shape().width);
  return nb::make_tuple(to_numpy(std::move(pixels), {data.size(), height, width}),
                        to_numpy(std::move(labels), {data.size()}),
                        nb::module_::import_("numpy").attr("array")(usages, "dtype"_a = "U"));
}

nb::tuple read_fer2013(const std::filesystem::path& path, bool allow_unlabelled, bool skip_bad_rows,
                       std::vector<std::string> meanings) {
  Dataset data;
  {
    const nb::gil_scoped_release others_may_run;
    ferlab::datasets::ReadOptions options;
    options.allow_unlabelled = allow_unlabelled;
    options.skip_bad_rows = skip_bad_rows;
    options.labels = std::move(meanings);
    data = ferlab::datasets::read_fer2013(path.string(), options);
  }
  return to_arrays(data);
}

nb::tuple draw_faces(std::size_t count, std::uint64_t seed) {
  Dataset data;
  {
    const nb::gil_scoped_release others_may_run;
    data = ferlab::datasets::make_faces({.count = count, .seed = seed});
  }
  return to_arrays(data);
}

}  // namespace

void add_datasets(nb::module_& module) {
  module.def("read_fer2013", read_fer2013, "path"_a, nb::kw_only(), "allow_unlabelled"_a = false,
             "skip_bad_rows"_a = false, "labels"_a = std::vector<std::string>(),
             nb::sig("def read_fer2013(path: str | os.PathLike[str], *, allow_unlabelled: bool = False, skip_bad_rows: "
                     "bool = False, labels: collections.abc.Sequence[str] = ()) -> "
                     "tuple[numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.uint8], "
                     "numpy.typing.NDArray[numpy.str_]]"),
             R"(Kaggle's fer2013.csv as (images, labels, usages), a row of each for every row of the file.

images: uint8 [n, 48, 48]
labels: uint8 [n], 0 to 6, the places in Model.class_names
usages: str [n], "Training", "PublicTest", "PrivateTest" or "unknown"

allow_unlabelled: a file without emotion column is taken, too; its labels are 255
skip_bad_rows: malformed rows are left out instead of being an error
labels: what the file's labels 0, 1, ... mean, if not what they mean in FER2013: names of classes, "-" for rows that are
    left out

Raises IoError, or DataError where the file is malformed.)");
  module.def("draw_faces", draw_faces, "count"_a, "seed"_a = 42,
             nb::sig("def draw_faces(count: int, seed: int = 42) -> tuple[numpy.typing.NDArray[numpy.uint8], "
                     "numpy.typing.NDArray[numpy.uint8], numpy.typing.NDArray[numpy.str_]]"),
             R"(Faces of people who do not exist, for trying things out, as (images, labels, usages): see read_fer2013.

Those that `fer2013 faces` writes for the same count and seed.)");
}

}  // namespace ferlab_python
