// SPDX-License-Identifier: MIT
// Every number that decides how a run goes is compared at a resume, and named where it differs.
#include "small_training.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace ferlab;

namespace {

auto net(float epsilon = 1e-3f, float momentum = 0.99f, float rate = 0.25f, float l2 = 0.01f) {
  return Sequential{Input<6, 6, 1>{}, Conv2D<2, 3>{.kernel_regularizer = L2{l2}},
                    ReLU{},           BatchNorm{.momentum = momentum, .epsilon = epsilon},
                    Dropout{rate},    Flatten{},
                    Dense<3>{},       Softmax{}};
}
auto other_net() {
  return Sequential{Input<6, 6, 1>{}, Conv2D<2, 3>{.kernel_regularizer = L2{0.01f}},
                    ReLU{},           BatchNorm{},
                    Flatten{},        Dropout{0.25f},
                    Dense<3>{},       Softmax{}};
}
struct Hits : Accuracy {
  static constexpr const char* name = "hits";
};

const data::Dataset train = test::old_bars(30, 1), validation = test::old_bars(9, 2), more = test::old_bars(31, 1);

struct Options {
  int batch_size = 8;
  std::uint64_t seed = 0;
  bool shuffle = true;
  data::Augmentation augmentation{};
  const data::Dataset *train = &::train, *validation = &::validation;
};

/// f(training) for a run that has not begun.
template <class Optimizer = Adam, class Net = decltype(net()), class... Ms>
void with_training(auto&& f, const Optimizer& optimizer = {}, const Options& o = {}, const Net& network = net(),
                   const CategoricalCrossentropy& loss = {}, Metrics<Ms...> = {}) {
  Model model{network, Cpu{1}};
  Training<decltype(model), Optimizer, CategoricalCrossentropy, Ms...> t(model, optimizer, loss, *o.train,
                                                                         *o.validation, o.batch_size);
  t.seed = o.seed;
  t.shuffles = o.shuffle;
  t.augment(o.augmentation);
  f(t);
}
using Usual = Metrics<Accuracy>;

struct Saved {
  test::TemporaryFolder folder;
  std::string path = folder / "run";
  explicit Saved(const auto& optimizer) {
    with_training([&](auto& t) { save_training(path, t, detail::CallbackList<>()); }, optimizer, {}, net(), {},
                  Usual{});
  }

  /// What a run that differs is told: "beta_1 0.9, this one has 0.5".
  std::string refusal(const auto&... parts) const {
    std::string message = "not refused";
    with_training(
        [&](auto& t) {
          t.moment(0)[0] = 7;
          const auto weights = test::bits(t.model);
          try {
            load_training(path, t, detail::CallbackList<>());
          } catch (const FormatError& error) {
            const std::string text = error.what(), begin = path + ": cannot resume: the run had ";
            message = text.starts_with(begin) ? text.substr(begin.size()) : text;
          }
          CHECK(weights == test::bits(t.model));
          CHECK((t.moment(0)[0] == 7 || message == "not refused"));
        },
        parts...);
    return message;
  }
};

}  // namespace

TEST_CASE("each number of a run that is changed is named when it is resumed") {
  const Saved saved(Adam{});
  const auto options = [&](Options changed) {
    return saved.refusal(Adam{}, changed, net(), CategoricalCrossentropy{}, Usual{});
  };
  const auto adam = [&](Adam changed) {
    return saved.refusal(changed, Options{}, net(), CategoricalCrossentropy{}, Usual{});
  };
  const auto layers = [&](auto changed) {
    return saved.refusal(Adam{}, Options{}, changed, CategoricalCrossentropy{}, Usual{});
  };
  CHECK(options({}) == "not refused");
  CHECK(options({.batch_size = 16}) == "batch_size 8, this one has 16");
  CHECK(options({.seed = 1}) == "seed 0, this one has 1");
  CHECK(options({.shuffle = false}) == "shuffle 1, this one has 0");
  CHECK(options({.train = &more}) == "training_images 30, this one has 31");
  const data::Dataset others = test::old_bars(30, 3);
  CHECK(options({.train = &others}) == "other training images or labels, as many as these");
  CHECK(options({.validation = &more}) == "validation_images 9, this one has 31");
  CHECK(options({.augmentation = {.mirror = true}}) == "augmentation/mirror 0, this one has 1");
  CHECK(options({.augmentation = {.shift = 0.25f}}) == "augmentation/shift 0, this one has 0.25");
  CHECK(options({.augmentation = {.rotate = 5}}) == "augmentation/rotate 0, this one has 5");
  CHECK(options({.augmentation = {.zoom = 0.1f}}) == "augmentation/zoom 0, this one has 0.1");
  CHECK(options({.augmentation = {.erase = 0.5f}}) == "augmentation/erase 0, this one has 0.5");
  CHECK(options({.augmentation = {.erase_size = 0.5f}}) == "augmentation/erase_size 0.4, this one has 0.5");
  CHECK(adam({.learning_rate = 0.5f}) == "learning_rate 0.001, this one has 0.5");
  CHECK(adam({.learning_rate = ExponentialDecay{}}) == "learning_rate 0.001, this one has exponential_decay");
  CHECK(adam({.beta_1 = 0.5f}) == "optimizer/beta_1 0.9, this one has 0.5");
  CHECK(adam({.beta_2 = 0.5f}) == "optimizer/beta_2 0.999, this one has 0.5");
  CHECK(adam({.epsilon = 0.5f}) == "optimizer/epsilon 1e-07, this one has 0.5");
  CHECK(adam({.weight_decay = 0.5f}) == "optimizer/weight_decay 0, this one has 0.5");
  CHECK(adam({.global_clipnorm = 0.5f}) == "optimizer/global_clipnorm 0, this one has 0.5");
  CHECK(layers(net(0.5f)) == "batch_norm/epsilon 0.001, this one has 0.5");
  CHECK(layers(net(1e-3f, 0.5f)) == "batch_norm/momentum 0.99, this one has 0.5");
  CHECK(layers(net(1e-3f, 0.99f, 0.5f)) == "dropout/rate 0.25, this one has 0.5");
  CHECK(layers(net(1e-3f, 0.99f, 0.25f, 0.5f)) == "conv2d/kernel/l2 0.01, this one has 0.5");
  CHECK(layers(other_net()) == "layer_4 dropout, this one has flatten");
  CHECK(saved.refusal(Adam{}, Options{}, net(), CategoricalCrossentropy{.label_smoothing = 0.5f}, Usual{}) ==
        "loss/label_smoothing 0, this one has 0.5");
  CHECK(saved.refusal(SGD{}, Options{}, net(), CategoricalCrossentropy{}, Usual{}) ==
        "optimizer adam, this one has sgd");
  CHECK(saved.refusal(Adam{}, Options{}, net(), CategoricalCrossentropy{}, Metrics{Accuracy{}, Hits{}}) ==
        "metrics accuracy, this one has accuracy, hits");
  CHECK(test::read_file(saved.path).find("\"identity.ranks\":\"1\"") != std::string::npos);
}

TEST_CASE("each number of a schedule that is changed is named when its run is resumed") {
  const auto refusal = [](auto from, auto to) {
    return Saved(Adam{.learning_rate = from})
        .refusal(Adam{.learning_rate = to}, Options{}, net(), CategoricalCrossentropy{}, Usual{});
  };
  const ExponentialDecay falling{};
  CHECK(refusal(falling, falling) == "not refused");
  CHECK(refusal(falling, 0.5f) == "learning_rate exponential_decay, this one has 0.5");
  CHECK(refusal(falling, ExponentialDecay{.initial_learning_rate = 0.5f}) ==
        "learning_rate/initial_learning_rate 0.001, this one has 0.5");
  CHECK(refusal(falling, ExponentialDecay{.decay_steps = 5}) == "learning_rate/decay_steps 1000, this one has 5");
  CHECK(refusal(falling, ExponentialDecay{.decay_rate = 0.5f}) == "learning_rate/decay_rate 0.96, this one has 0.5");
  CHECK(refusal(falling, ExponentialDecay{.staircase = true}) == "learning_rate/staircase 0, this one has 1");
  const CosineDecay cosine{};
  CHECK(refusal(cosine, CosineDecay{.initial_learning_rate = 0.5f}).starts_with("learning_rate/initial_learning_rate"));
  CHECK(refusal(cosine, CosineDecay{.decay_steps = 5}) == "learning_rate/decay_steps 1000, this one has 5");
  CHECK(refusal(cosine, CosineDecay{.alpha = 0.5f}) == "learning_rate/alpha 0, this one has 0.5");
  CHECK(refusal(cosine, CosineDecay{.warmup_target = 0.5f}) == "learning_rate/warmup_target 0, this one has 0.5");
  CHECK(refusal(cosine, CosineDecay{.warmup_steps = 5}) == "learning_rate/warmup_steps 0, this one has 5");
  const PiecewiseConstantDecay pieces{{10, 20}, {3, 2, 1}};
  CHECK(refusal(pieces, PiecewiseConstantDecay{{10, 25}, {3, 2, 1}}) ==
        "learning_rate/boundaries 10 20, this one has 10 25");
  CHECK(refusal(pieces, PiecewiseConstantDecay{{10, 20}, {3, 2, 0.5f}}) ==
        "learning_rate/values 3 2 1, this one has 3 2 0.5");
}
