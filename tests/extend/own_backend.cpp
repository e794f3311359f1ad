// SPDX-License-Identifier: MIT
#include "examples/extend/own_backend.hpp"

#include "support/gradient_check.hpp"
#include "support/small_run.hpp"

using namespace ferlab;

namespace {
auto net() {
  return Sequential{
      Input<12, 12, 1>{}, Conv2D<4, 3>{},      BatchNorm{}, ReLU{},   Residual{Conv2D<4, 3>{}, BatchNorm{}}, ReLU{},
      MaxPool<2>{},       GlobalAveragePool{}, Dense<3>{},  Softmax{}};
}
}  // namespace

TEST_CASE("a backend with an op of the user's runs it, and gives the same bits as Cpu") {
  static_assert(Backend<mine::OwnCpu>);
  const FitOptions options{.epochs = 2, .batch_size = 20, .progress = Progress::none};
  Model own{net(), mine::OwnCpu{1}, {.seed = 3}};
  fit(own, Adam{}, CategoricalCrossentropy{}, test::bars(60), options);
  CHECK(own.backend.relus == 6);  // one ReLU in each of 2 * 3 steps: the other went into the Add
  CHECK(own.backend.add_relus == 6);

  Model plain{net(), Cpu{1}, {.seed = 3}};
  fit(plain, Adam{}, CategoricalCrossentropy{}, test::bars(60), options);
  CHECK(test::bits(own) == test::bits(plain));
}

TEST_CASE("a rewrite of the user's: only where it fits, and not where nothing is fused") {
  Model unfused{net(), Unfused{mine::OwnCpu{1}}, {.seed = 3}};
  Workspace workspace(unfused, 1);
  predict(unfused, workspace, std::vector<std::uint8_t>(144, 9));
  CHECK(unfused.backend.relus == 2);
  CHECK(unfused.backend.add_relus == 0);

  test::check_gradients(Sequential{Input<4, 4, 2>{}, test::Shift{}, ReLU{}, Residual{Conv2D<2, 3>{}}, ReLU{},
                                   Residual{Conv2D<2, 3>{}}, ReLU{}},
                        3, mine::OwnCpu{1});
}
