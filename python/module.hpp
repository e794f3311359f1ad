// SPDX-License-Identifier: MIT
// The parts of the Python module, each in a file of its own.
#pragma once

#include <nanobind/nanobind.h>

namespace ferlab_python {

void add_errors();  ///< ferlab::Error and those derived from it become the exceptions of ferlab/errors.py
void add_datasets(nanobind::module_& module);
void add_model(nanobind::module_& module);

}  // namespace ferlab_python
