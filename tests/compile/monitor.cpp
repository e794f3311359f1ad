// SPDX-License-Identifier: MIT
// A monitor is a typed value: a misspelt one does not compile, and the compiler names the right one.
// error: 'val_los'
// gcc: 'val_los' was not declared in this scope
// clang: did you mean 'val_loss'
#include "ferlab/metrics/accuracy.hpp"
#include "ferlab/train/history.hpp"
using namespace ferlab;

struct Watches {
  Monitor monitor = val_loss;
};
#ifdef MISTAKE
Watches callback{.monitor = val_los};
#else
Watches callback{.monitor = val(Accuracy{})};
#endif
