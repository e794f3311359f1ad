// SPDX-License-Identifier: MIT
// A layer lowers to an op that its lowers_to does not name.
// error: ferlab: a layer, loss, metric or optimizer lowers to an op that its `lowers_to` does not name
// errors: 1
// gcc: with Op = ops::ReLU
// clang: Graph<ops::Add, ops::Dense
#include "ferlab/cpu/cpu.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/model/predict.hpp"
using namespace ferlab;

struct Rectify {
#ifdef MISTAKE
  using lowers_to = ops::OpTypes<ops::Add>;
#else
  using lowers_to = ops::OpTypes<ops::ReLU>;
#endif
  constexpr ops::Value lower(auto& g, ops::Value x) const {
    const auto y = g.value(x.shape);
    g.run(ops::ReLU{.x = x, .y = y});
    return y;
  }
};

void use() {
  Model model{Sequential{Input<4, 4, 1>{}, Rectify{}, Flatten{}, Dense<2>{}, Softmax{}}, Cpu{}};
  Workspace workspace(model, 1);
}
