// SPDX-License-Identifier: MIT
#include "ferlab/cpu/add.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

TEMPLATE_TEST_CASE("add and accumulate", "", float, double) {
  for (std::size_t n : {1u, 3u, 1000u, 100003u}) {
    const auto a = integers<TestType>(n, 1000, 1), b = integers<TestType>(n, 1000, 2);
    std::vector<TestType> sum(n);
    for (std::size_t i = 0; i < n; ++i) sum[i] = a[i] + b[i];
    const auto size = std::ptrdiff_t(n);
    CHECK(same_on_any_threads([&](const Cpu& cpu) {
            auto y = poison<TestType>(n);
            add(cpu, size, a.data(), b.data(), y.data());
            return y;
          }) == sum);
    CHECK(same_on_any_threads([&](const Cpu& cpu) {
            auto y = b;
            accumulate(cpu, size, a.data(), y.data());
            return y;
          }) == sum);
  }
}
