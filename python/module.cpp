// SPDX-License-Identifier: MIT
// The Python module ferlab._ferlab, whose names ferlab/__init__.py hands on.
#include "module.hpp"

NB_MODULE(_ferlab, module) {
  ferlab_python::add_errors();
  ferlab_python::add_datasets(module);
  ferlab_python::add_model(module);
}
