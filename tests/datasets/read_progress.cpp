// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <ferlab/datasets/read_progress.hpp>

#include "support/catch.hpp"

using namespace ferlab;
using namespace ferlab::datasets;

namespace {

// What `body` writes to standard error, which is a terminal meanwhile.
template <class Body>
std::string on_terminal(const Body& body) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(terminal >= 0);
  REQUIRE((::grantpt(terminal) == 0 && ::unlockpt(terminal) == 0));
  const int end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  const int standard_error = ::dup(2);
  ::dup2(end, 2);
  body();
  ::dup2(standard_error, 2);
  for (int file : {end, standard_error}) ::close(file);
  std::string all;
  char text[4096];  // the system hands over in pieces, and fails once all is read and nobody can write any more
  for (ssize_t size; (size = ::read(terminal, text, sizeof text)) > 0;) all.append(text, std::size_t(size));
  ::close(terminal);
  return all;
}

}  // namespace

TEST_CASE("a bar shows how far reading is, and goes when it is done") {
  const std::string shown = on_terminal([] {
    const detail::ReadProgress progress("faces.csv", true, 0);
    progress(1, 4);
    progress(1, 4);  // no change, no output
    progress(4, 4);
  });
  CHECK(shown ==
        "\rfaces.csv [======                   ]  25 %"
        "\rfaces.csv [=========================] 100 %"
        "\r\033[K");
}

TEST_CASE("what is quick or unwanted shows nothing") {
  CHECK(on_terminal([] { detail::ReadProgress("x", true, 1000)(1, 2); }).empty());
  CHECK(on_terminal([] { detail::ReadProgress("x", false, 0)(1, 2); }).empty());
}
