// SPDX-License-Identifier: MIT
// A model file of another program (Keras, ONNX, PyTorch) as one of this example's nets.
#pragma once

#include <string>
#include <string_view>

#include <ferlab/data/preprocessing.hpp>
#include <ferlab/exchange/network.hpp>

namespace fer2013 {

/// "raw", "rescale" or "SCALE,OFFSET". Throws ferlab::ArgumentError.
ferlab::data::Preprocessing parse_preprocessing(const std::string& text);

/// Which of this example's nets has the layers and shapes of `network`, which came from `path`: "compact" or
/// "tutorial". Throws ferlab::FormatError that says why each does not.
std::string net_of(const ferlab::exchange::Network& network, const std::string& path);

/// Does the file say how its input is prepared?
bool says_preprocessing(const ferlab::exchange::Network& network);

}  // namespace fer2013
