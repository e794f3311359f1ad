// SPDX-License-Identifier: MIT
// Pictures a person looks at after a run, as PNG files.
#pragma once

#include <ferlab/data/dataset.hpp>
#include <ferlab/metrics/confusion_matrix.hpp>
#include <ferlab/train/history.hpp>

#include <span>
#include <string>
#include <vector>

namespace fer2013 {

/// Loss and accuracy by epoch, of training and validation.
void draw_curves(const std::string& path, const ferlab::History& history);

/// Counts, shaded by the share of each true class.
void draw_confusion_matrix(const std::string& path, const ferlab::ConfusionMatrix& matrix,
                           const std::vector<std::string>& names);

/// The wrong answers given with the highest probability: each face with "true > predicted" under it.
void draw_mistakes(const std::string& path, const ferlab::data::Dataset& data, std::span<const float> probabilities,
                   const std::vector<std::string>& names, int count = 24);

}  // namespace fer2013
