// SPDX-License-Identifier: MIT
// Every op that kernels.hpp declares is made by ferlab.cu: else this program does not link.
#include "kernels/kernels.hpp"

#include <set>

#include "support/catch.hpp"

using namespace ferlab::kernels;

namespace {

template <class Op>
using Launcher = void (*)(cudaStream_t, const Op&);
using Addresses = std::set<const void*>;

template <class... Ops>
void add_runs(Addresses& all) {
  (all.insert(reinterpret_cast<const void*>(static_cast<Launcher<Ops>>(&run))), ...);
}
template <class... Ops>
void add_direct(Addresses& all) {
  (all.insert(reinterpret_cast<const void*>(static_cast<Launcher<Ops>>(&conv2d_direct))), ...);
}
template <class... Ops>
void add_tensor(Addresses& all) {
  (all.insert(reinterpret_cast<const void*>(static_cast<Launcher<Ops>>(&conv2d_tensor))), ...);
}

template <class S>
void add_of_type(Addresses& all) {
  add_runs<Accuracy<S>, Add<S>, AveragePool<S>, AveragePoolBackward<S>, MaxPool<S>, MaxPoolBackward<S>,
           BatchStatistics<S>, BatchNorm<S>, BatchNormInference<S>, BatchNormBackward<S>, BatchNormMaxPoolDropout<S>,
           BatchNormMaxPoolDropoutBackward<S>, BatchNormMaxPoolInference<S>, BiasAdd<S>, BiasBackward<S>, ReLU<S>,
           ReLUBackward<S>, ReLUBiasBackward<S>, Dropout<S>, Softmax<S>, SoftmaxBackward<S>, SoftmaxCrossentropy<S>,
           Crossentropy<S>, Adam<S>, SGD<S>, ClipByGlobalNorm<S>, FillBatch<S>, AugmentBatch<S>, ScalePixels<S>>(all);
  add_direct<Conv2D<S>, Conv2DBackwardFilter<S>, Conv2DBackwardData<S>>(all);
}

}  // namespace

TEST_CASE("A program links with every kernel that the headers declare") {
  Addresses all;
  add_of_type<float>(all);
  add_of_type<ferlab::bfloat16>(all);
  add_tensor<Conv2D<ferlab::bfloat16>, Conv2DBackwardFilter<ferlab::bfloat16>, Conv2DBackwardData<ferlab::bfloat16>>(
      all);
  add_runs<Convert<float, ferlab::bfloat16>, Convert<ferlab::bfloat16, float>, AddPenalties, BeginStep, AdamStepSize,
           CheckLoss, EndStep>(all);
  REQUIRE(all.size() == 2 * 32 + 3 + 7);
}
