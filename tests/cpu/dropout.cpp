// SPDX-License-Identifier: MIT
#include "ferlab/cpu/dropout.hpp"

#include "cpu/op_test.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

const RandomStream stream{.seed = 42, .index = 7, .purpose = Purpose::dropout, .step = 1'000'000'007};

template <class T>
std::vector<T> dropped(const Cpu& cpu, int batch, std::ptrdiff_t features, float rate, const std::vector<T>& x) {
  auto y = poison<T>(x.size());
  dropout_forward(cpu, batch, features, rate, stream, x.data(), y.data());
  return y;
}

}  // namespace

TEMPLATE_TEST_CASE("dropout keeps what the stream's words say", "", float, double) {
  for (const auto& [batch, features] : {std::pair{1, 1}, {3, 7}, {5, 1027}, {7, 14001}}) {
    for (float rate : {0.0f, 0.25f, 0.5f, 0.9f}) {
      const auto x = integers<TestType>(std::size_t(batch) * std::size_t(features), 50, 3);
      std::vector<TestType> expected(x.size());
      for (std::size_t i = 0; i < x.size(); ++i)
        expected[i] = stream.word(i) >= std::uint32_t(double(rate) * 0x1p32) ? x[i] * (1 / (1 - TestType(rate))) : 0;
      const auto y = same_on_any_threads([&](const Cpu& cpu) { return dropped(cpu, batch, features, rate, x); });
      REQUIRE(y == expected);
    }
  }
}

TEST_CASE("every instruction set draws the stream's words, any number of them") {
  for (Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
    if (isa > best_isa()) continue;
    INFO("instruction set " << int(isa));
    for (int count : {1, 4, 33, simd::philox_chunk}) {
      std::uint32_t words[simd::philox_chunk] = {};
      simd::philox_words(stream, 0xFFFFFF00u, count, words, isa);
      for (std::uint64_t i = 0; i < std::uint64_t(count); ++i)
        REQUIRE(words[i] == stream.block(0xFFFFFF00u + std::uint32_t(i / 4))[i % 4]);
    }
  }
}

TEST_CASE("dropout drops the asked part and keeps the mean") {
  const int n = 1 << 20;
  const auto y = dropped(Cpu(), 1, n, 0.4f, std::vector<float>(n, 3.0f));
  double zeros = 0, sum = 0;
  for (float value : y) zeros += value == 0, sum += double(value);
  CHECK(zeros / n == Approx(0.4).margin(0.002));
  CHECK(sum / n == Approx(3).margin(0.02));
}

TEST_CASE("dropout's backward pass uses the mask of the forward pass, in place too") {
  const int batch = 5, features = 2003;
  const Cpu cpu(2);
  std::vector<float> ones(batch * features, 1.0f), gradient = integers(batch * features, 100, 9);
  const auto mask = dropped(cpu, batch, features, 0.5f, ones);
  auto dx = poison(gradient.size());
  dropout_backward(cpu, batch, features, 0.5f, stream, gradient.data(), dx.data());
  for (std::size_t i = 0; i < dx.size(); ++i) REQUIRE(dx[i] == mask[i] * gradient[i]);
  dropout_backward(cpu, batch, features, 0.5f, stream, gradient.data(), gradient.data());
  REQUIRE(gradient == dx);
}
