// SPDX-License-Identifier: MIT
#include "ops/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_LIST_TEST_CASE("accuracy counts greatest outputs, the first of equals", "", InFloatAndDouble) {
  using T = typename TestType::Scalar;
  for (const auto& [rows, classes] : {std::pair{1, 1}, {7, 3}, {5003, 7}, {300, 200}}) {
    INFO(rows << " x " << classes);
    const auto values = integers<T>(std::size_t(rows * classes), 2, 1);  // few distinct: many tie
    Operands<TestType> m(rows);
    m.labels = labels(std::size_t(rows), std::min(classes, 3), 2);
    m.metrics = {.loss_sum = 3, .seen = 4, .sums = {5, 6, 7}};
    double hits = 0;
    for (int r = 0; r < rows; ++r) {
      int best = 0;
      for (int k = 1; k < classes; ++k)
        if (values[std::size_t(r * classes + k)] > values[std::size_t(r * classes + best)]) best = k;
      hits += best == m.labels[std::size_t(r)];
    }
    m.run(ops::Accuracy{.y = m.value({1, 1, classes}, values), .target = {}, .hits = {1}});
    CHECK(m.metrics.sums == std::array<double, ops::max_metrics>{5, 6 + hits, 7});
    CHECK((m.metrics.loss_sum == 3 && m.metrics.seen == 4));  // the loss counts them
  }
}
