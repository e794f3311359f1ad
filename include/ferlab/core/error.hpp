// SPDX-License-Identifier: MIT
// Every exception ferlab throws derives from Error. A message says what was expected, what came, and where.
#pragma once

#include <stdexcept>
#include <string>

namespace ferlab {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A value handed to the library makes no sense (batch size 0, two sizes that differ ...).
struct ArgumentError : Error {
  using Error::Error;
};

/// The operating system refused to open, read or write a file. The message names the path.
struct IoError : Error {
  using Error::Error;
};

/// A data set is malformed. The message names file and line.
struct DataError : Error {
  using Error::Error;
};

/// A file that ferlab or another program wrote (checkpoint, image) is not what it claims to be or does not fit the
/// model.
struct FormatError : Error {
  using Error::Error;
};

/// Training cannot go on (the loss became NaN or infinite).
struct TrainingError : Error {
  using Error::Error;
};

/// A backend cannot do what was asked (no device, out of memory).
struct BackendError : Error {
  using Error::Error;
};

}  // namespace ferlab
