// SPDX-License-Identifier: MIT
// Model: the fer2013 program's classifier. What files it reads is decided in Classifier::load.
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <ferlab/metrics/confusion_matrix.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "arrays.hpp"
#include "classifier.hpp"
#include "module.hpp"

namespace ferlab_python {

using namespace nb::literals;
using fer2013::Classifier;
using ferlab::data::Preprocessing;

namespace {

class Model {
 public:
  Model(const std::string& path, int threads, const std::string& preprocessing) {
    fer2013::Common options;
    options.model = path;
    options.threads = threads;
    options.preprocessing = preprocessing;
    classifier_ = Classifier::load(options);
  }

  /// For what never changes.
  const Classifier* operator->() const { return classifier_.get(); }

  /// work(classifier), while Python's other threads go on. A classifier serves one of them at a time.
  template <class Work>
  auto run(const Work& work) {
    const nb::gil_scoped_release others_may_run;
    const std::lock_guard one_at_a_time(mutex_);
    return work(*classifier_);
  }

 private:
  std::unique_ptr<Classifier> classifier_;
  std::mutex mutex_;
};

std::unique_ptr<Model> load(const std::filesystem::path& path, int threads, const std::string& preprocessing) {
  const nb::gil_scoped_release others_may_run;
  return std::make_unique<Model>(path.string(), threads, preprocessing);
}

nb::object describe(const Model& model) {
  std::size_t weights = 0;
  for (const ferlab::ParameterInfo& info : model->parameters()) weights += info.size();
  return nb::str("<ferlab.Model: net {}, {:,} parameters, {}>").format(model->net(), weights, model->device());
}

nb::object describe(const Preprocessing& p) {
  return nb::str("<ferlab.Preprocessing: {}, pixel * {:g} + {:g}>").format(p.name, p.scale, p.offset);
}

auto predict(Model& model, nb::handle faces) {
  const auto pixels = to_pixels(faces);
  auto found = model.run([&](Classifier& classifier) { return classifier.predict(pixels); });
  const std::size_t classes = model->class_names().size();
  const std::size_t count = found.size() / classes;
  return to_numpy(std::move(found), {count, classes});
}

std::pair<double, double> evaluate(Model& model, nb::handle faces, nb::handle labels) {
  const auto& names = model->class_names();
  auto pixels = to_pixels(faces);
  auto truth = to_labels(labels, nb::len(faces), names.size());
  const auto data = ferlab::data::Dataset::from_memory({48, 48, 1}, std::move(pixels), std::move(truth), names);
  const auto found = model.run([&](Classifier& classifier) { return classifier.score(data); });
  return {found.loss, found.accuracy};
}

auto confusion_matrix(Model& model, nb::handle faces, nb::handle labels) {
  const auto pixels = to_pixels(faces);
  const std::size_t classes = model->class_names().size();
  const auto truth = to_labels(labels, nb::len(faces), classes);
  const auto outputs = model.run([&](Classifier& classifier) { return classifier.predict(pixels); });
  auto matrix = ferlab::confusion_matrix(std::span<const float>(outputs), std::span(truth), int(classes));
  return to_numpy(std::move(matrix.counts), {classes, classes});
}

std::vector<std::size_t> shape_of(const ferlab::ParameterInfo& info) {
  return {info.shape.dims.begin(), info.shape.dims.begin() + info.shape.rank};
}

nb::dict weights(Model& model) {
  const auto parameters = model->parameters();
  auto arrays = model.run([&](const Classifier& classifier) {
    std::vector<std::vector<float>> all;
    for (std::size_t i = 0; i < parameters.size(); ++i) all.push_back(classifier.get_weights(i));
    return all;
  });
  nb::dict named;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    named[nb::str(parameters[i].name.text.data())] = to_numpy(std::move(arrays[i]), shape_of(parameters[i]));
  return named;
}

void set_weights(Model& model, const nb::dict& weights) {
  const auto parameters = model->parameters();
  std::vector<std::vector<float>> arrays;
  nb::set names;
  for (const ferlab::ParameterInfo& info : parameters) {
    const char* const name = info.name.text.data();
    if (!weights.contains(name)) throw ferlab::ArgumentError(std::string("set_weights: ") + name + " is missing");
    arrays.push_back(to_floats(weights[name], shape_of(info), name));
    names.add(name);
  }
  for (const nb::handle name : weights.keys())
    if (!names.contains(name))
      throw ferlab::ArgumentError(std::string("set_weights: the model has no weights named ") + nb::repr(name).c_str());
  model.run([&](Classifier& classifier) {
    for (std::size_t i = 0; i < parameters.size(); ++i) classifier.set_weights(i, arrays[i]);
  });
}

void save(Model& model, const std::filesystem::path& path, bool half) {
  model.run([&](Classifier& classifier) { classifier.save(path.string(), half); });
}

}  // namespace

void add_model(nb::module_& module) {
  nb::class_<Preprocessing>(module, "Preprocessing", "What a network sees of a pixel, 0..255: pixel * scale + offset.")
      .def_ro("name", &Preprocessing::name, "raw, rescale or standardize.")
      .def_ro("scale", &Preprocessing::scale)
      .def_ro("offset", &Preprocessing::offset)
      .def("__repr__", [](const Preprocessing& p) { return describe(p); });

  nb::class_<Model>(module, "Model", R"(A trained network of the fer2013 program: see ferlab.load.

It takes pixels as they are, and prepares them as in its training. Threads may share it: one computes, the others
wait.)")
      .def_prop_ro(
          "net", [](const Model& model) { return model->net(); }, "compact or tutorial.")
      .def_prop_ro(
          "class_names", [](const Model& model) { return model->class_names(); }, "What labels 0, 1, ... mean.")
      .def_prop_ro(
          "preprocessing", [](const Model& model) { return model->preprocessing(); }, "What it does to pixels first.")
      .def_prop_ro(
          "notes", [](const Model& model) { return model->notes(); }, "What else its file says of it, by name.")
      .def(
          "summary", [](const Model& model) { return model->summary(); },
          "Keras's table of its layers, their output shapes and parameters.")
      .def(
          "predict", predict, "faces"_a,
          nb::sig("def predict(self, faces: numpy.typing.NDArray[numpy.uint8]) -> numpy.typing.NDArray[numpy.float32]"),
          R"(The probabilities of faces, uint8 [n, 48, 48]: float32 [n, 7], in the order of class_names.)")
      .def("evaluate", evaluate, "faces"_a, "labels"_a,
           nb::sig("def evaluate(self, faces: numpy.typing.NDArray[numpy.uint8], labels: numpy.typing.ArrayLike) -> "
                   "tuple[float, float]"),
           R"((loss, accuracy) on faces, uint8 [n, 48, 48], with labels, whole numbers [n] of 0 to 6.

The loss is the mean categorical crossentropy, and the net's L2 penalties, if it has any.)")
      .def("confusion_matrix", confusion_matrix, "faces"_a, "labels"_a,
           nb::sig("def confusion_matrix(self, faces: numpy.typing.NDArray[numpy.uint8], labels: "
                   "numpy.typing.ArrayLike) -> numpy.typing.NDArray[numpy.int64]"),
           R"(How many faces of each class (row) are taken for which (column): int64 [7, 7].

The arguments are those of evaluate.)")
      .def("weights", weights, nb::sig("def weights(self) -> dict[str, numpy.typing.NDArray[numpy.float32]]"),
           R"(Copies of all weights by name ("conv2d_1/kernel"), in Keras's layouts.

The kernel of a Conv2D is [height, width, in, out], that of a Dense [in, out]. BatchNorm's moving statistics are among
them.)")
      .def("set_weights", set_weights, "weights"_a,
           nb::sig("def set_weights(self, weights: dict[str, numpy.typing.NDArray[typing.Any]]) -> None"),
           R"(Replaces all weights by those of a dict like that of weights().

Where a name or a shape is wrong, nothing changes.)")
      .def("save", save, "path"_a, "half"_a = false,
           nb::sig("def save(self, path: str | os.PathLike[str], half: bool = False) -> None"),
           R"(Writes a model file, whole or not at all, that ferlab.load and the fer2013 program read.

half: the weights as float16. Raises IoError.)")
      .def("__repr__", [](const Model& model) { return describe(model); });

  module.def("load", load, "path"_a, "threads"_a, "preprocessing"_a);
}

}  // namespace ferlab_python
