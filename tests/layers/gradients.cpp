// SPDX-License-Identifier: MIT
// Every layer's gradients, over a sweep of shapes. A Shift in front shows the gradient with respect to the input.
#include "support/gradient_check.hpp"

using namespace ferlab;
using test::check_gradients;
using test::Shift;

TEST_CASE("Conv2D: gradients") {
  check_gradients(Sequential{Input<5, 6, 2>{}, Shift{}, Conv2D<3, 3>{}});
  check_gradients(Sequential{Input<5, 6, 2>{}, Shift{}, Conv2D<3, 3, Padding::valid>{}});
  check_gradients(Sequential{Input<7, 5, 1>{}, Shift{}, Conv2D<4, 3, Padding::same, 2>{}});
  check_gradients(Sequential{Input<8, 8, 3>{}, Shift{}, Conv2D<2, 5, Padding::valid, 2>{}});
  check_gradients(Sequential{Input<6, 6, 2>{}, Shift{}, Conv2D<3, 2, Padding::same, 3>{}});
  check_gradients(Sequential{Input<4, 4, 17>{}, Shift{}, Conv2D<19, 1, Padding::same, 1, Bias::no>{}});
}

TEST_CASE("Dense: gradients") {
  check_gradients(Sequential{Input<1, 1, 5>{}, Shift{}, Dense<7>{}});
  check_gradients(Sequential{Input<1, 1, 33>{}, Shift{}, Dense<17, Bias::no>{}}, 5);
  check_gradients(Sequential{Input<1, 1, 1>{}, Shift{}, Dense<1>{}}, 1);
}

TEST_CASE("BatchNorm: gradients") {
  check_gradients(Sequential{Input<4, 3, 5>{}, Shift{}, BatchNorm{}});
  check_gradients(Sequential{Input<1, 1, 6>{}, Shift{}, BatchNorm{.epsilon = 0.1f}}, 8);
  check_gradients(Sequential{Input<3, 3, 2>{}, BatchNorm{}});  // the first layer: nobody needs dx
}

TEST_CASE("MaxPool: gradients") {
  check_gradients(Sequential{Input<6, 6, 3>{}, Shift{}, MaxPool<2>{}});
  check_gradients(Sequential{Input<5, 7, 2>{}, Shift{}, MaxPool<2>{}});
  check_gradients(Sequential{Input<7, 7, 2>{}, Shift{}, MaxPool<3, 2>{}});
  check_gradients(Sequential{Input<7, 7, 2>{}, Shift{}, MaxPool<3, 2, Padding::same>{}});
}

TEST_CASE("AveragePool and GlobalAveragePool: gradients") {
  check_gradients(Sequential{Input<6, 6, 3>{}, Shift{}, AveragePool<2>{}});
  check_gradients(Sequential{Input<7, 5, 2>{}, Shift{}, AveragePool<3, 2>{}});
  check_gradients(Sequential{Input<7, 5, 2>{}, Shift{}, AveragePool<3, 2, Padding::same>{}});
  check_gradients(Sequential{Input<3, 5, 4>{}, Shift{}, GlobalAveragePool{}});
}

TEST_CASE("ReLU, Dropout, Flatten and Softmax: gradients") {
  check_gradients(Sequential{Input<3, 4, 5>{}, Shift{}, ReLU{}});
  check_gradients(Sequential{Input<3, 4, 5>{}, Shift{}, Dropout{0.3f}});
  check_gradients(Sequential{Input<3, 4, 5>{}, Shift{}, Flatten{}, Dense<3>{}});
  check_gradients(Sequential{Input<1, 1, 7>{}, Shift{}, Softmax{}});
}

TEST_CASE("a network of everything: gradients, fused and unfused") {
  Sequential net{Input<12, 12, 1>{},
                 Conv2D<4, 3, Padding::valid>{},
                 ReLU{},
                 Conv2D<5, 3>{},
                 ReLU{},
                 BatchNorm{},
                 MaxPool<2>{},
                 Dropout{0.25f},
                 Conv2D<6, 3>{},
                 BatchNorm{},
                 ReLU{},
                 AveragePool<2>{},
                 Flatten{},
                 Dense<8>{},
                 ReLU{},
                 Dropout{0.5f},
                 Dense<3>{},
                 Softmax{}};
  check_gradients(net, 4);
  check_gradients(net, 4, Unfused{Cpu{}});
}
