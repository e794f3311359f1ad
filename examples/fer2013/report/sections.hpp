// SPDX-License-Identifier: MIT
// The parts of report.html, each a piece of HTML.
#pragma once

#include <string>

#include "report.hpp"

namespace fer2013::sections {

std::string header(const Report& report);          ///< title, the score in a sentence, key figures
std::string curves(const Curves& curves);          ///< loss, accuracy and learning rate by epoch
std::string classes(const Score& score);           ///< confusion matrix; precision, recall, F1
std::string calibration(const Score& score);       ///< reliability diagram and its error
std::string mistakes(const Score& score);          ///< the pictures
std::string layers(const Report& report);          ///< the net
std::string facts(const std::vector<Facts>& all);  ///< settings, data, versions

}  // namespace fer2013::sections
