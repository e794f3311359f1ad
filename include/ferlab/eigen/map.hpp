// SPDX-License-Identifier: MIT
// Eigen at the border: pixels, outputs, weights and data sets as matrices. A row is a sample, a column is a pixel (or
// an output), whatever the order in memory: what is row-major is read in place, what is not is copied. Works with every
// backend.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ferlab/core/error.hpp"
#include "ferlab/data/dataset.hpp"
#include "ferlab/eigen/matrix.hpp"
#include "ferlab/model/predict.hpp"

namespace ferlab {

namespace detail {

inline std::string size_text(Index rows, Index columns) { return std::to_string(rows) + "x" + std::to_string(columns); }

/// Rows one after another in memory: of the matrix itself if it has them so, else of a copy.
template <class Derived>
class ContiguousRows {
 public:
  using Scalar = typename Derived::Scalar;

  explicit ContiguousRows(const Eigen::DenseBase<Derived>& matrix)
      : rows_(matrix.derived()), size_(std::size_t(matrix.size())) {
    if (rows_.rows() > 1 && rows_.outerStride() != rows_.cols()) copy_ = rows_;
  }
  ContiguousRows(const ContiguousRows&) = delete;  // rows_ may be of a copy inside
  std::span<const Scalar> span() const { return {copy_.size() > 0 ? copy_.data() : rows_.data(), size_}; }

 private:
  Eigen::Ref<const RowMajorMatrix<Scalar>> rows_;  // copies what is not row-major
  std::size_t size_;
  RowMajorMatrix<Scalar> copy_;
};

/// Rows and columns of a weight array: the last of its dimensions is the columns. A kernel [in][units] of a dense layer
/// is in x units, one [height][width][channels][filters] of a convolution is (height * width * channels) x filters, and
/// a bias is one row.
inline std::pair<Index, Index> matrix_size(const Parameter& shape) {
  const Index columns = shape.dims[std::size_t(shape.rank > 0 ? shape.rank - 1 : 0)];
  return {Index(shape.size()) / columns, columns};
}

}  // namespace detail

/// predict() for images that are the rows of a matrix: [images][outputs], valid until the workspace's next use.
template <class M, class Derived>
Eigen::Map<const detail::RowMajorMatrix<typename M::Scalar>> predict(const M& model, Workspace<M>& workspace,
                                                                     const Eigen::DenseBase<Derived>& images) {
  static_assert(std::is_same_v<typename Derived::Scalar, std::uint8_t>,
                "ferlab: predict takes pixels from 0 to 255; cast the matrix to std::uint8_t");
  constexpr Eigen::Index size = Eigen::Index(M::input_shape().size());
  if (images.cols() != size)
    throw ArgumentError("predict: expected a matrix with an image of " + to_string(M::input_shape()) + " = " +
                        std::to_string(size) + " pixels in each row, got " +
                        detail::size_text(images.rows(), images.cols()));
  const detail::ContiguousRows<Derived> pixels(images);
  const auto outputs = predict(model, workspace, pixels.span(), int(images.rows()));
  return {outputs.data(), images.rows(), Eigen::Index(M::output_shape().size())};
}

/// The weights of one entry of the parameter table ("dense/kernel") where they are, on a backend whose memory is the
/// host's. The last dimension is the columns. After writing to them, call model.weights_changed(). Throws ArgumentError
/// if there are none of that name.
template <class M>
auto map_weights(M& model, std::string_view name) {
  const std::size_t entry = M::entry(name);
  const auto [rows, columns] = detail::matrix_size(M::parameters()[entry].shape);
  using Matrix = detail::RowMajorMatrix<typename M::Scalar>;
  return Eigen::Map<std::conditional_t<std::is_const_v<M>, const Matrix, Matrix>>(model.weights(entry).data(), rows,
                                                                                  columns);
}

/// A copy of them, from any backend.
template <class M>
detail::RowMajorMatrix<typename M::Scalar> get_weights(const M& model, std::string_view name) {
  const std::size_t entry = M::entry(name);
  const auto [rows, columns] = detail::matrix_size(M::parameters()[entry].shape);
  return Eigen::Map<const detail::RowMajorMatrix<typename M::Scalar>>(model.get_weights(entry).data(), rows, columns);
}

/// Replaces them. Throws ArgumentError, and changes nothing, if the matrix has another size.
template <class M, class Derived>
void set_weights(M& model, std::string_view name, const Eigen::DenseBase<Derived>& weights) {
  static_assert(std::is_same_v<typename Derived::Scalar, typename M::Scalar>,
                "ferlab: set_weights takes the model's type of numbers; cast the matrix to float or double");
  const std::size_t entry = M::entry(name);
  const auto [rows, columns] = detail::matrix_size(M::parameters()[entry].shape);
  if (weights.rows() != rows || weights.cols() != columns)
    throw ArgumentError("set_weights: expected " + std::string(name) + " as " + detail::size_text(rows, columns) +
                        ", got " + detail::size_text(weights.rows(), weights.cols()));
  model.set_weights(entry, detail::ContiguousRows<Derived>(weights).span());
}

namespace data {

/// A data set of your own from a matrix: an image a row, its pixels in the order [height][width][channels]; and a
/// vector of labels, each an index into class_names. Throws ArgumentError where sizes or labels do not fit.
template <class Pixels, class Labels>
Dataset from_matrix(Shape image_shape, const Eigen::DenseBase<Pixels>& images, const Eigen::DenseBase<Labels>& labels,
                    std::vector<std::string> class_names, Usage usage = Usage::unknown) {
  static_assert(std::is_same_v<typename Pixels::Scalar, std::uint8_t>,
                "ferlab: a data set has pixels from 0 to 255; cast the matrix to std::uint8_t");
  static_assert(std::is_integral_v<typename Labels::Scalar>, "ferlab: labels are whole numbers");
  static_assert(Labels::IsVectorAtCompileTime, "ferlab: labels are a vector, one for each row of the matrix");
  if (std::size_t(images.cols()) != image_shape.size())
    throw ArgumentError("from_matrix: expected an image of " + to_string(image_shape) + " = " +
                        std::to_string(image_shape.size()) + " pixels in each row, got " +
                        ferlab::detail::size_text(images.rows(), images.cols()));
  if (labels.size() != images.rows())
    throw ArgumentError("from_matrix: " + std::to_string(images.rows()) + " images, " + std::to_string(labels.size()) +
                        " labels");
  std::vector<std::uint8_t> pixels(std::size_t(images.size())), classes;
  ferlab::detail::as_matrix(pixels.data(), images.rows(), images.cols()) = images.derived();
  for (Eigen::Index i = 0; i < labels.size(); ++i) {
    const auto label = labels.derived()(i);
    if (std::cmp_less(label, 0) || std::cmp_greater_equal(label, class_names.size()))
      throw ArgumentError("from_matrix: row " + std::to_string(i) + " has label " + std::to_string(label) +
                          ", there are " + std::to_string(class_names.size()) + " classes");
    classes.push_back(std::uint8_t(label));
  }
  return Dataset::from_memory(image_shape, std::move(pixels), std::move(classes), std::move(class_names), usage);
}

/// The images of a data set, one in each row, in the order [height][width][channels].
inline ferlab::detail::RowMajorMatrix<std::uint8_t> to_matrix(const Dataset& dataset) {
  ferlab::detail::RowMajorMatrix<std::uint8_t> images(Eigen::Index(dataset.size()),
                                                      Eigen::Index(dataset.shape().size()));
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const auto image = dataset.image(std::size_t(i));
    std::copy(image.begin(), image.end(), images.row(i).data());
  }
  return images;
}

/// Their labels; no_label (255) where there is none.
inline Eigen::VectorXi labels_of(const Dataset& dataset) {
  Eigen::VectorXi labels(Eigen::Index(dataset.size()));
  for (Eigen::Index i = 0; i < labels.size(); ++i) labels[i] = dataset.label(std::size_t(i));
  return labels;
}

}  // namespace data

}  // namespace ferlab
