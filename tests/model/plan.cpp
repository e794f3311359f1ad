// SPDX-License-Identifier: MIT
// The plan at compile time: parameters, stages, and memory that is reused but never while it is needed.
#include <ferlab/ferlab.hpp>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

constexpr Sequential chain{Input<8, 8, 1>{}, Conv2D<4, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},
                           Flatten{},        Dense<10>{},    ReLU{}, Dense<3>{},  Softmax{}};
using Chain = Plan<std::remove_const_t<decltype(chain)>, Cpu>;
using Unfused1 = Plan<std::remove_const_t<decltype(chain)>, Unfused<Cpu>>;

// Names, shapes, offsets.
static_assert(Chain::parameter_count == (9 * 4 + 4) + 4 * 4 + (64 * 10 + 10) + (10 * 3 + 3));
static_assert(Chain::trainable_count == Chain::parameter_count - 8);
static_assert(Chain::parameters.entries[0].name == "conv2d/kernel");
static_assert(Chain::parameters.entries[6].name == "dense/kernel" &&
              Chain::parameters.entries[8].name == "dense_1/kernel");
static_assert(Chain::parameters.entries[6].shape.dims[0] == 64 && Chain::parameters.entries[6].shape.dims[1] == 10);
static_assert(Chain::parameters.entries[1].offset % 16 == 0 && Chain::parameters.entries[1].offset >= 36);

// Conv2D+ReLU, BatchNorm+MaxPool+Dropout, Flatten, Dense+ReLU, Dense, Softmax.
static_assert(Chain::stage_count == 6);
static_assert(Unfused1::stage_count == 10);
static_assert(Chain::stages[1].count == 3 && Chain::stages[1].first == 2);

// A backend that stores less between the layers needs less memory there.
struct Narrow {
  template <class T>
  using Buffer = AlignedBuffer<T>;
  template <class T>
  using Value = std::uint16_t;
  template <class T>
  using HostBuffer = AlignedBuffer<T>;
  static constexpr bool in_host_memory = false;
};
static_assert(Backend<Narrow> && Backend<Cpu> && Backend<Unfused<Cpu>>);
constexpr Sequential pools{Input<64, 64, 16>{}, AveragePool<2>{}, ReLU{}, Residual{AveragePool<1>{}, Dropout{0.5f}},
                           Flatten{}};
using Pools = std::remove_const_t<decltype(pools)>;
static_assert(2 * Plan<Pools, Narrow>::inference_bytes_a_sample == Plan<Pools, Cpu>::inference_bytes_a_sample);
static_assert(2 * Plan<Pools, Narrow>::training_bytes_a_sample == Plan<Pools, Cpu>::training_bytes_a_sample);
static_assert(Plan<Pools, Narrow, double>::training_bytes_a_sample == Plan<Pools, Narrow>::training_bytes_a_sample);

// Inference needs two neighbours at a time, not the sum of all.
static_assert(Chain::inference_bytes_a_sample <= 4 * (8 * 8 * 4 + 8 * 8 * 4) &&
              Chain::inference_bytes_a_sample >= 4 * 8 * 8 * 4);
static_assert(Chain::training_bytes_a_sample > Chain::inference_bytes_a_sample);
static_assert(Chain::training_bytes_a_sample < Unfused1::training_bytes_a_sample);

/// Every pair of parts of the arena that live at one time must not overlap: checked on the planner's own lifetimes.
template <class Net, class B>
void check_lifetimes(bool training) {
  auto planner = detail::make_planner<Net, B, float>(training);
  planner.result();
  const auto arena = place(planner.lives);
  for (std::size_t i = 0; i < planner.lives.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Lifetime &a = planner.lives[i], &b = planner.lives[j];
      if (a.bytes == 0 || b.bytes == 0 || !a.overlaps(b)) continue;
      INFO("parts " << i << " and " << j);
      const bool apart = arena.offset[i] + a.bytes <= arena.offset[j] || arena.offset[j] + b.bytes <= arena.offset[i];
      CHECK(apart);
      CHECK(arena.offset[i] % arena_alignment == 0);
    }
}

}  // namespace

TEST_CASE("parts of the arena that live together lie apart") {
  using Net = std::remove_const_t<decltype(chain)>;
  const Sequential branched{Input<8, 8, 2>{},
                            Conv2D<4, 3>{},
                            Residual{Conv2D<4, 3>{}, ReLU{}, Residual{Conv2D<4, 1>{}, BatchNorm{}}},
                            ReLU{},
                            Residual{Conv2D<6, 3>{}, Projection{Conv2D<6, 1>{}}},
                            MaxPool<2>{},
                            Flatten{},
                            Dense<3>{},
                            Softmax{}};
  using Branched = std::remove_const_t<decltype(branched)>;
  for (bool training : {false, true}) {
    check_lifetimes<Net, Cpu>(training);
    check_lifetimes<Net, Unfused<Cpu>>(training);
    check_lifetimes<Branched, Cpu>(training);
    check_lifetimes<Branched, Unfused<Cpu>>(training);
  }
}

TEST_CASE("A bias and ReLU are run backward by the stage after, where that can and alone reads what they made") {
  const Sequential net{Input<8, 8, 2>{}, Conv2D<4, 3>{}, ReLU{},
                       BatchNorm{},  // takes the ReLU
                       Conv2D<4, 3>{},   ReLU{},         BatchNorm{},
                       MaxPool<2>{},     Dropout{},                              // so does this stage
                       Conv2D<4, 3>{},   ReLU{},         Residual{BatchNorm{}},  // the sum reads it too
                       Conv2D<4, 3>{},   ReLU{},         MaxPool<2>{},
                       BatchNorm{},  // before it is no ReLU
                       Flatten{},        Dense<3>{},     ReLU{},
                       Dropout{},        BatchNorm{}};  // before it is Dropout
  using Net = std::remove_const_t<decltype(net)>;
  const auto taken = []<class Backend>(On<Backend>) {
    std::vector<std::pair<int, int>> pairs;  // a stage, and the one whose ReLU it takes
    using P = Plan<Net, Backend>;
    for (std::size_t s = 0; s < P::stage_count; ++s) {
      const int of = P::backward[s].relu_of;
      if (of >= 0) pairs.emplace_back(int(s), of);
      if (of >= 0) CHECK(P::backward[std::size_t(of)].relu_is_done);
    }
    return pairs;
  };
  CHECK(taken(On<Cpu>{}) == std::vector<std::pair<int, int>>{{1, 0}, {3, 2}});
  CHECK(taken(On<Unfused<Cpu>>{}).empty());
}

TEST_CASE("A convolution finds the statistics for the BatchNorm right after it") {
  const Sequential net{Input<8, 8, 2>{}, Conv2D<4, 3>{}, ReLU{},      BatchNorm{}, Conv2D<4, 3>{}, BatchNorm{},
                       MaxPool<2>{},     Dropout{},      BatchNorm{}, Flatten{},   Dense<3>{},     BatchNorm{}};
  using Net = std::remove_const_t<decltype(net)>;
  const auto found = []<class Backend>(On<Backend>) {
    std::vector<int> stages;  // those whose statistics the stage before finds
    for (std::size_t s = 0; s < Plan<Net, Backend>::stage_count; ++s)
      if (statistics_come_before(Plan<Net, Backend>::stages, s)) stages.push_back(int(s));
    return stages;
  };
  CHECK(found(On<Cpu>{}) == std::vector<int>{1, 3});
  CHECK(found(On<Unfused<Cpu>>{}) == std::vector<int>{4});  // after the first convolution comes its ReLU
}

TEST_CASE("place() reuses what is free and nothing else") {
  constexpr std::array<Lifetime, 4> lives{{{100, 0, 1}, {100, 1, 2}, {100, 2, 3}, {10, 0, 3}}};
  constexpr auto arena = place(lives);
  static_assert(arena.bytes == 128 + 128 + 64);
  static_assert(arena.offset[0] == arena.offset[2]);
  CHECK(arena.offset[0] != arena.offset[1]);
}

TEST_CASE("summary prints Keras's table") {
  const Model model{chain, Cpu{1}};
  const std::string text = summary(model);
  for (const char* part :
       {"conv2d ", "(batch, 8, 8, 4)", "batch_norm", "dense_1", "(batch, 3)", "Total parameters: 739", "Trainable: 731",
        "Not trainable: 8", "Memory a sample: ", "Stages after fusion: 6"}) {
    INFO(text << "\nexpected: " << part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("initial weights: the seed decides, and their spread is what the names promise") {
  const Sequential net{Input<1, 1, 300>{}, Dense<200>{.kernel_initializer = he_normal},
                       Dense<100>{.bias_initializer = ones}};
  const Model a{net, Cpu{1}, {.seed = 1}}, same{net, Cpu{1}, {.seed = 1}}, other{net, Cpu{1}, {.seed = 2}};
  CHECK(std::equal(a.trainable.begin(), a.trainable.end(), same.trainable.begin()));
  CHECK_FALSE(std::equal(a.trainable.begin(), a.trainable.end(), other.trainable.begin()));
  const auto moments = [&](const char* name) {
    double sum = 0, squares = 0, most = 0;
    const auto weights = a.weights(name);
    for (float w : weights)
      sum += double(w), squares += double(w) * double(w), most = std::max(most, std::abs(double(w)));
    return std::array{sum / double(weights.size()), std::sqrt(squares / double(weights.size())), most};
  };
  const auto he = moments("dense/kernel"), glorot = moments("dense_1/kernel");
  CHECK(he[0] == Approx(0).margin(0.002));
  CHECK(he[1] == Approx(std::sqrt(2 / 300.0)).epsilon(0.02));
  CHECK(he[2] <= 2.0 * std::sqrt(2 / 300.0) / 0.879);
  CHECK(glorot[1] == Approx(std::sqrt(2 / 300.0)).epsilon(0.02));
  CHECK(glorot[2] <= std::sqrt(6 / 300.0));
  CHECK(a.weights("dense/bias")[7] == 0);
  CHECK(a.weights("dense_1/bias")[7] == 1);
  CHECK_THROWS_AS(a.weights("dense_2/bias"), ArgumentError);
}
