// SPDX-License-Identifier: MIT
#include <ferlab/core/error.hpp>

#include <exception>

#include "module.hpp"

namespace ferlab_python {

namespace {

void raise(const char* name, const ferlab::Error& error) {
  const auto type = nanobind::module_::import_("ferlab.errors").attr(name);
  PyErr_SetString(type.ptr(), error.what());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ferlab::ArgumentError& error) {
    raise("ArgumentError", error);
  } catch (const ferlab::IoError& error) {
    raise("IoError", error);
  } catch (const ferlab::DataError& error) {
    raise("DataError", error);
  } catch (const ferlab::FormatError& error) {
    raise("FormatError", error);
  } catch (const ferlab::Error& error) {
    raise("Error", error);
  }
}

}  // namespace

void add_errors() { nanobind::register_exception_translator(translate); }

}  // namespace ferlab_python
