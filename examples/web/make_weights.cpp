// SPDX-License-Identifier: MIT
// make_weights MODEL OUTPUT: the compact net's model file with its kernels in 8 bits, for the page to load.
#include <cstdio>

#include "../fer2013/nets.hpp"

int main(int count, char** words) {
  if (count != 3) return std::fputs("usage: make_weights MODEL OUTPUT\n", stderr), 2;
  try {
    ferlab::Model model{fer2013::compact_net(), ferlab::Cpu{1}};
    ferlab::load_model(words[1], model);
    ferlab::save_model(words[2], model, {.half = true, .int8 = true});
  } catch (const ferlab::Error& error) {
    std::fprintf(stderr, "make_weights: %s\n", error.what());
    return 1;
  }
}
