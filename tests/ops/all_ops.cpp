// SPDX-License-Identifier: MIT
// Every op of include/ferlab/ops has a run() on every host backend.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "ops/all_ops.hpp"
#include "ops/backends.hpp"
#include "support/catch.hpp"

using namespace ferlab;
using namespace op_test;

namespace {

template <class... Hosts>
constexpr bool all_run_all(std::tuple<Hosts...>*) {
  return (all_run<typename Hosts::Backend, typename Hosts::Scalar>(AllOps{}) && ...);
}
static_assert(all_run_all(static_cast<InFloatAndDouble*>(nullptr)));

template <class... Ops>
std::set<std::string> names(ops::OpTypes<Ops...>) {
  return {Ops::name...};
}

}  // namespace

TEST_CASE("the list of ops above is whole") {
  std::set<std::string> declared;
  const std::regex name("static constexpr const char\\* name = \"(.*)\"");
  for (const auto& file : std::filesystem::directory_iterator(FERLAB_INCLUDE_DIR "/ferlab/ops")) {
    std::ifstream in(file.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) declared.insert((*it)[1]);
  }
  declared.erase("pack_weights");  // asked for where a backend packs
  CHECK(declared == names(AllOps{}));
}
