// SPDX-License-Identifier: MIT
// Eigen at the border. A column-major matrix must never be read as if it were row-major.
#include "eigen/strict_eigen.hpp"
#include "support/catch.hpp"
#include "support/small_run.hpp"

using namespace ferlab;
using namespace ferlab::test;

namespace {

using ByRows = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ByColumns = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

ByRows pictures(int count) {
  const auto data = bars(count);
  ByRows rows(count, 144);
  for (int i = 0; i < count; ++i)
    rows.row(i) = Eigen::Map<const Eigen::RowVector<std::uint8_t, 144>>(data.image(std::size_t(i)).data());
  return rows;
}

/// f's message; empty if it throws none.
std::string refusal(const auto& f) {
  try {
    f();
  } catch (const ArgumentError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEMPLATE_TEST_CASE("predict takes matrices of either order, blocks and expressions", "", Cpu, EigenCpu) {
  const Model model{small_net(), TestType{}};
  Workspace workspace{model, 8};
  const ByRows rows = pictures(5);
  const auto flat = predict(model, workspace, std::span(rows.data(), std::size_t(rows.size())), 5);
  const Eigen::MatrixXf expected = Eigen::Map<const detail::RowMajorMatrix<float>>(flat.data(), 5, 3);
  CHECK((predict(model, workspace, rows) == expected));
  CHECK((predict(model, workspace, ByColumns(rows)) == expected));
  CHECK((predict(model, workspace, rows.array()) == expected));

  ByRows wide(7, 200);  // the pictures inside of something larger: rows with a stride
  wide.setConstant(99);
  wide.block(1, 30, 5, 144) = rows;
  CHECK((predict(model, workspace, wide.block(1, 30, 5, 144)) == expected));
  CHECK((predict(model, workspace, ByColumns(wide).block(1, 30, 5, 144)) == expected));
  const ByColumns samples_in_columns = rows.transpose();
  CHECK((predict(model, workspace, samples_in_columns.transpose()) == expected));
  const Eigen::VectorX<std::uint8_t> one = rows.row(2).transpose();
  CHECK(predict(model, workspace, one.transpose()).isApprox(expected.row(2), 1e-5f));  // Eigen sums in another order
  CHECK((predict(model, workspace, rows.template cast<int>().cwiseMin(255).cast<std::uint8_t>()) == expected));
}

TEST_CASE("predict refuses matrices of another size") {
  const Model model{small_net(), EigenCpu{}};
  Workspace workspace{model, 8};
  const ByColumns turned = pictures(5).transpose();
  CHECK(refusal([&] { predict(model, workspace, turned); }) ==
        "predict: expected a matrix with an image of 12x12x1 = 144 pixels in each row, got 144x5");
  CHECK(refusal([&] { predict(model, workspace, pictures(9)); }) ==
        "predict: 9 images, the workspace has room for 1 to 8");
  CHECK(refusal([&] { predict(model, workspace, ByRows(0, 144)); }) ==
        "predict: 0 images, the workspace has room for 1 to 8");
}

TEST_CASE("weights as matrices") {
  Model model{small_net(), EigenCpu{}};
  const auto flat = model.get_weights("dense_1/kernel");  // [16][3]
  const auto kernel = map_weights(model, "dense_1/kernel");
  REQUIRE(kernel.rows() == 16);
  REQUIRE(kernel.cols() == 3);
  CHECK(kernel(5, 2) == flat[5 * 3 + 2]);
  CHECK(kernel.data() == model.weights("dense_1/kernel").data());
  CHECK((get_weights(model, "dense_1/kernel") == kernel));
  CHECK((map_weights(std::as_const(model), "dense_1/kernel") == kernel));
  CHECK(map_weights(model, "conv2d_1/kernel").rows() == 3 * 3 * 8);
  CHECK(map_weights(model, "conv2d_1/kernel").cols() == 8);
  CHECK(map_weights(model, "dense_1/bias").rows() == 1);
  CHECK(map_weights(model, "dense_1/bias").cols() == 3);

  const Eigen::MatrixXf by_columns = Eigen::MatrixXf::Random(16, 3);
  const auto revision = model.revision();
  set_weights(model, "dense_1/kernel", by_columns);
  CHECK((map_weights(model, "dense_1/kernel") == by_columns));
  CHECK(model.revision() != revision);
  const detail::RowMajorMatrix<float> by_rows = 2 * by_columns;
  set_weights(model, "dense_1/kernel", by_rows);
  CHECK((get_weights(model, "dense_1/kernel") == 2 * by_columns));
  set_weights(model, "dense_1/kernel", by_columns + by_rows);
  CHECK((get_weights(model, "dense_1/kernel") == by_columns + by_rows));

  const auto before = model.get_weights();
  CHECK(refusal([&] { set_weights(model, "dense_1/kernel", by_columns.transpose()); }) ==
        "set_weights: expected dense_1/kernel as 16x3, got 3x16");
  CHECK(refusal([&] { map_weights(model, "dense_7/kernel"); }) == "the model has no weights named \"dense_7/kernel\"");
  CHECK(model.get_weights() == before);
}

TEST_CASE("a data set from a matrix of either order") {
  const auto expected = bars(6);
  const ByRows rows = pictures(6);
  const Eigen::VectorXi labels = Eigen::VectorXi::NullaryExpr(6, [](Eigen::Index i) { return int(i) % 3; });
  const std::vector<std::string> names{"top", "middle", "bottom"};
  const auto check = [&](const auto& matrix) {
    const auto data = data::from_matrix({12, 12, 1}, matrix, labels, names);
    REQUIRE(data.size() == 6);
    CHECK(data.class_names() == names);
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(std::ranges::equal(data.image(i), expected.image(i)));
      CHECK(data.label(i) == i % 3);
    }
    CHECK((data::to_matrix(data) == rows));
    CHECK((data::labels_of(data).array() == labels.template cast<int>().array()).all());
  };
  check(rows);
  check(ByColumns(rows));
  check(ByColumns(rows.transpose()).transpose());

  const auto made = [&](const auto& matrix, const auto& classes) {
    return refusal([&] { data::from_matrix({12, 12, 1}, matrix, classes, names); });
  };
  CHECK(made(ByRows(rows.leftCols(100)), labels) ==
        "from_matrix: expected an image of 12x12x1 = 144 pixels in each row, got 6x100");
  CHECK(made(rows, labels.head(4)) == "from_matrix: 6 images, 4 labels");
  CHECK(made(rows, labels.array() - 1) == "from_matrix: row 0 has label -1, there are 3 classes");
  CHECK(made(rows, labels.array() + 1) == "from_matrix: row 2 has label 3, there are 3 classes");
}
