// SPDX-License-Identifier: MIT
// fer2013 describe, summary and faces: what the data is, what a net is, and the built-in faces as a CSV.
#include <ferlab/datasets/faces.hpp>
#include <ferlab/datasets/fer2013_writer.hpp>

#include <iostream>

#include "commands.hpp"
#include "data_source.hpp"
#include "nets.hpp"

namespace fer2013 {

int describe(const Common& options) {
  std::cout << to_string(data::describe(rows_of(open_data(options, true), options)));
  return 0;
}

int summary(const std::string& net) {
  if (net == "compact")
    std::cout << ferlab::summary(Model{compact_net(), Cpu{1}});
  else
    std::cout << ferlab::summary(Model{tutorial_net(), Cpu{1}});
  return 0;
}

int faces(const Common& options) {
  const auto drawn = datasets::make_faces({.count = std::size_t(options.faces), .seed = options.seed});
  datasets::write_fer2013(options.output, drawn);
  std::cout << options.output << ": " << drawn.size() << " faces\n";
  return 0;
}

}  // namespace fer2013
