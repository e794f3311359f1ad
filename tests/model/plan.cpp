// SPDX-License-Identifier: MIT
// The plan at compile time: parameters, ops, and memory that is reused but never while it is needed.
#include <ferlab/cpu/cpu.hpp>
#include <ferlab/layers/layers.hpp>
#include <ferlab/model/model.hpp>

#include <map>

#include "support/catch.hpp"

using namespace ferlab;

namespace {

constexpr Sequential chain{Input<8, 8, 1>{}, Conv2D<4, 3>{}, ReLU{}, BatchNorm{}, MaxPool<2>{}, Dropout{0.5f},
                           Flatten{},        Dense<10>{},    ReLU{}, Dense<3>{},  Softmax{}};
using Chain = std::remove_const_t<decltype(chain)>;
using Fused = Plan<Chain, Cpu>;
using Plain = Plan<Chain, Unfused<Cpu>>;

// Names, shapes, offsets.
static_assert(Fused::parameter_count == (9 * 4 + 4) + 4 * 4 + (64 * 10 + 10) + (10 * 3 + 3));
static_assert(Fused::trainable_count == Fused::parameter_count - 8);
static_assert(Fused::parameters.entries[0].name == "conv2d/kernel");
static_assert(Fused::parameters.entries[6].name == "dense/kernel" &&
              Fused::parameters.entries[8].name == "dense_1/kernel");
static_assert(Fused::parameters.entries[6].shape.dims[0] == 64 && Fused::parameters.entries[6].shape.dims[1] == 10);
static_assert(Fused::parameters.entries[1].offset % 16 == 0 && Fused::parameters.entries[1].offset >= 36);

// Inference needs two neighbours at a time, not the sum of all.
static_assert(Fused::Inference::size.sample_bytes <= 4 * (8 * 8 * 4 + 8 * 8 * 4) &&
              Fused::Inference::size.sample_bytes >= 4 * 8 * 8 * 4);
static_assert(Fused::Training::size.sample_bytes > Fused::Inference::size.sample_bytes);
static_assert(Fused::Training::size.sample_bytes <= Plain::Training::size.sample_bytes);

// A backend that stores less between ops needs less memory there.
struct Narrow {
  template <class T>
  using Buffer = detail::AlignedBuffer<T>;
  template <class T>
  using Element = std::uint16_t;
  template <class T>
  using HostBuffer = detail::AlignedBuffer<T>;
  static constexpr bool in_host_memory = false;
  static constexpr ops::Rewrites<> rewrites{};
};
void run(const Narrow&, const auto& op, const auto& memory);
static_assert(Backend<Narrow> && Backend<Cpu> && Backend<Unfused<Cpu>>);
using Pools = decltype(Sequential{Input<64, 64, 16>{}, AveragePool<2>{}, ReLU{},
                                  Residual{AveragePool<1>{}, Dropout{0.5f}}, Flatten{}});
static_assert(2 * inference_bytes_per_sample<Pools, Narrow> == inference_bytes_per_sample<Pools, Unfused<Cpu>>);
static_assert(2 * detail::Program<detail::ForwardBackward<Pools>, Narrow, std::uint16_t, float>::size.sample_bytes ==
              detail::Program<detail::ForwardBackward<Pools>, Unfused<Cpu>, float, float>::size.sample_bytes);
static_assert(training_bytes_per_sample<Pools, Narrow, double> == training_bytes_per_sample<Pools, Narrow>);

// What the rewrites do.
using Ops = Fused::Training;
static_assert(Ops::count<ops::Conv2DStatistics>() == 1 && Ops::count<ops::Conv2D>() == 0 &&
              Ops::count<ops::BatchNormMaxPoolDropout>() == 1 && Ops::count<ops::MaxPool>() == 0);
static_assert(Ops::count<ops::SoftmaxCrossentropy>() == 1 && Ops::count<ops::Softmax>() == 0);
static_assert(Plain::Training::count<ops::SoftmaxCrossentropy>() == 1);  // a matter of numbers, not of speed
static_assert(Plain::Training::count<ops::ReLU>() == 2 && Plain::Training::count<ops::ReLUBackward>() == 2);

// The first layer's gradient with respect to its input: nobody reads it.
static_assert(Ops::count<ops::Conv2DBackwardData>() == 0 && Plain::Training::count<ops::Conv2DBackwardData>() == 0);
static_assert(Ops::count<ops::Conv2DBackwardFilter>() == 1 && Ops::count<ops::DenseBackwardData>() == 2);

/// When a tensor lives, and where, found from the ops alone.
struct Life {
  int birth = 1 << 30, death = -1;
  int over = -1;  ///< whose place it took
  void touch(int time) { birth = std::min(birth, time), death = std::max(death, time); }
};
struct Notes {
  std::map<int, Life>& lives;
  int time;
  void reads(auto ref) { touch(ref.id); }
  void writes(auto ref) { touch(ref.id); }
  void changes(auto ref) { touch(ref.id); }
  void scratch(auto ref) { touch(ref.id); }
  void reports() {}
  void writes_over(auto ref, auto old) {
    touch(ref.id);
    if (ref.id >= 0) lives[ref.id].over = old.id;
  }
  void touch(int id) {
    if (id >= 0) lives[id].touch(time);
  }
};

/// Tensors that live at one time must not overlap, but for a result in the place of what its op reads last. Returns how
/// many results stand in such a place.
template <class Program, class T>
int check_places(bool training) {
  std::map<int, Life> lives;
  const int ops = int(Program::size.ops);
  for (int i = 0; i < ops; ++i)
    Program::visit(i, [&](const auto& op) {
      Notes notes{lives, i};
      op.operands(op, notes);
    });
  lives[Program::input.id].touch(-1);
  if (!training) lives[Program::output.id].touch(ops);
  int in_place = 0;
  for (const auto& [a, life] : lives)
    for (const auto& [b, other] : lives) {
      const detail::Tensor &x = Program::tensors[std::size_t(a)], &y = Program::tensors[std::size_t(b)];
      const bool shared = x.region == detail::Region::sample || x.region == detail::Region::batch;
      if (a == b || !shared || x.region != y.region || x.count == 0 || y.count == 0) continue;
      const auto bytes = [](const detail::Tensor& t) {
        return t.count * (t.element == detail::Element::byte ? 1 : sizeof(T));
      };
      INFO("tensors " << a << " and " << b);
      CHECK(x.offset % detail::alignment == 0);
      if (x.region == detail::Region::sample)
        CHECK(x.offset + bytes(x) <= Program::size.sample_bytes);
      else
        CHECK(x.offset + bytes(x) <= Program::size.batch_bytes);
      if (life.birth > other.death || other.birth > life.death) continue;
      const bool apart = x.offset + bytes(x) <= y.offset || y.offset + bytes(y) <= x.offset;
      const bool over = life.over == b && life.birth == other.death && x.offset == y.offset && bytes(x) == bytes(y);
      const bool under = other.over == a && other.birth == life.death && x.offset == y.offset;
      CHECK((apart || over || under));
      in_place += !apart && over;
    }
  return in_place;
}

template <class Net, class B>
void check_net() {
  CHECK(check_places<detail::Program<detail::ForwardBackward<Net>, B, double, double>, double>(true) > 0);
  CHECK(check_places<typename Plan<Net, B>::Training, float>(true) > 0);
  check_places<typename Plan<Net, B>::Inference, float>(false);
}

}  // namespace

TEST_CASE("tensors that live together lie apart") {
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
  check_net<Chain, Cpu>();
  check_net<Chain, Unfused<Cpu>>();
  check_net<Branched, Cpu>();
  check_net<Branched, Unfused<Cpu>>();
}

TEST_CASE("place() reuses what is free and nothing else") {
  detail::Items<detail::Lifetime> lives(4, {});
  lives[0] = {100, 0, 1}, lives[1] = {100, 1, 2}, lives[2] = {100, 2, 3}, lives[3] = {10, 0, 3};
  detail::Items<std::size_t> offset(4, 0);
  CHECK(detail::place(lives, offset) == 128 + 128 + 64);
  CHECK(offset[0] == offset[2]);
  CHECK(offset[0] != offset[1]);
}

TEST_CASE("a bias and ReLU are run backward by the op after, where that can and alone reads what they made") {
  using Net = decltype(Sequential{Input<8, 8, 2>{}, Conv2D<4, 3>{},
                                  ReLU{},           BatchNorm{},  // takes the ReLU
                                  Conv2D<4, 3>{},   ReLU{},
                                  BatchNorm{},      MaxPool<2>{},
                                  Dropout{},  // so does this run of three
                                  Conv2D<4, 3>{},   ReLU{},
                                  Conv2D<4, 3>{},                           // and the second convolution
                                  ReLU{},           Residual{BatchNorm{}},  // the sum reads it too
                                  Conv2D<4, 3>{},   ReLU{},
                                  MaxPool<2>{},     BatchNorm{},  // before it is no ReLU
                                  Flatten{},        Dense<3>{},
                                  ReLU{},           Dropout{},
                                  BatchNorm{}});  // before it is Dropout
  using Program = detail::Program<detail::ForwardBackward<Net>, Cpu, float, float>;
  int norms = 0, pooled = 0;
  for (int i = 0; i < int(Program::size.ops); ++i)
    Program::visit(i, [&]<class Op>(const Op& op) {
      if constexpr (std::is_same_v<Op, ops::BatchNormBackward>) norms += bool(op.drelu_bias);
      if constexpr (std::is_same_v<Op, ops::BatchNormMaxPoolDropoutBackward>) pooled += bool(op.norm.drelu_bias);
    });
  CHECK(norms == 1);
  CHECK(pooled == 1);
  CHECK(Program::count<ops::Conv2DBackwardDataReLUBias>() == 1);
  CHECK(Program::count<ops::ReLUBiasBackward>() == 2);  // before the sum and before the last pool
  CHECK(Program::count<ops::DropoutReLUBiasBackward>() == 1);
  CHECK(Program::count<ops::BiasBackward>() + Program::count<ops::ReLUBackward>() == 0);
}

TEST_CASE("a convolution finds the statistics for the batch norm right after it") {
  using Net = decltype(Sequential{Input<8, 8, 2>{}, Conv2D<4, 3>{}, ReLU{}, BatchNorm{}, Conv2D<4, 3>{}, BatchNorm{},
                                  MaxPool<2>{}, Dropout{}, BatchNorm{}, Flatten{}, Dense<3>{}, BatchNorm{}});
  CHECK(detail::Program<detail::ForwardBackward<Net>, Cpu, float, float>::count<ops::Conv2DStatistics>() == 2);
  CHECK(detail::Program<detail::ForwardBackward<Net>, Cpu, float, float>::count<ops::BatchStatistics>() == 2);
  CHECK(detail::Program<detail::ForwardBackward<Net>, Unfused<Cpu>, float, float>::count<ops::BatchStatistics>() == 4);
}

TEST_CASE("initial weights: the seed decides, and their spread is what the names promise") {
  const Sequential net{Input<1, 1, 300>{}, Dense<200>{.kernel_initializer = Initializer::he_normal},
                       Dense<100>{.bias_initializer = Initializer::ones}};
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
