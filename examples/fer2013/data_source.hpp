// SPDX-License-Identifier: MIT
// Where images come from: the CSV or the folder that was given, or the built-in faces.
#pragma once

#include <ferlab/data/dataset.hpp>

#include "commands.hpp"

namespace fer2013 {

/// Is --data a folder?
bool is_folder(const Common& options);

/// Says on standard error what was skipped, left out, passed over or resized. Throws as read_fer2013 and
/// read_image_folder do.
ferlab::data::Dataset open_data(const Common& options, bool allow_unlabelled = false);

/// The rows of one Usage, or all rows where none is named. Throws ArgumentError for an unknown word, DataError for no
/// rows.
ferlab::data::Dataset rows_of(const ferlab::data::Dataset& all, const Common& options);

}  // namespace fer2013
