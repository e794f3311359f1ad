// SPDX-License-Identifier: MIT
// A metric that compares with another kind of target than the loss.
// error: ferlab: this metric takes another kind of target than the loss
// errors: 1
// gcc: metric_fits_loss() [with Loss = CategoricalCrossentropy; Metric = Nearness]
// clang: metric_fits_loss<CategoricalCrossentropy, Nearness>
#include "ferlab/cpu/cpu.hpp"
#include "ferlab/layers/layers.hpp"
#include "ferlab/train/fit.hpp"
using namespace ferlab;

struct Nearness {
  static constexpr const char* name = "nearness";
  static constexpr bool higher_is_better = true;
#ifdef MISTAKE
  using Target = OutputVector;
#else
  using Target = ClassIndex;
#endif
  using lowers_to = ops::OpTypes<ops::Accuracy>;
  constexpr void lower(auto& g, ops::Value y, ops::MetricSum sum) const {
    g.run(ops::Accuracy{.y = y, .target = {}, .hits = sum});
  }
};

void use(const data::Dataset& faces) {
  Model model{Sequential{Input<4, 4, 1>{}, Flatten{}, Dense<2>{}, Softmax{}}, Cpu{}};
  fit(model, Adam{}, CategoricalCrossentropy{}, faces, faces, {.epochs = 1}, Metrics{Nearness{}});
}
