// SPDX-License-Identifier: MIT
// The tutorial's net trains and is scored on every precision, with all that the backend fuses and with nothing of it:
// every op of those programs has its run().
#include "ferlab/cuda.hpp"
using namespace ferlab;

inline const Sequential net{Input<48, 48, 1>{},
                            Conv2D<64, 3, Padding::valid>{.kernel_regularizer = L2{0.01f}},
                            ReLU{},
                            Conv2D<64, 3>{},
                            ReLU{},
                            BatchNorm{},
                            MaxPool<2>{},
                            Dropout{0.5f},
                            Conv2D<128, 3>{},
                            ReLU{},
                            BatchNorm{},
                            Conv2D<128, 3>{},
                            ReLU{},
                            BatchNorm{},
                            MaxPool<2>{},
                            Dropout{0.5f},
                            Flatten{},
                            Dense<512>{},
                            ReLU{},
                            Dropout{0.4f},
                            Dense<7>{},
                            Softmax{}};

template <class Backend>
double train(const Backend& backend, const data::Dataset& data) {
  Model model{net, backend};
  fit(model, Adam{}, CategoricalCrossentropy{}, data, data, {.epochs = 1});
  fit(model, SGD{.momentum = 0.9f, .global_clipnorm = 1}, CategoricalCrossentropy{}, data, {.epochs = 1});
  const auto [loss, accuracy] = evaluate(model, data);
  return loss + accuracy + double(predict(model, data)[0]);
}

double all(const data::Dataset& data) {
  const Cuda<Precision::bf16> bf16;
  const Cuda<Precision::tf32> tf32;
  const Cuda<Precision::fp32> fp32;
  return train(bf16, data) + train(tf32, data) + train(fp32, data) + train(Unfused{bf16}, data) +
         train(Unfused{tf32}, data) + train(Unfused{fp32}, data);
}
