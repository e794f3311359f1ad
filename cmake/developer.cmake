# SPDX-License-Identifier: MIT
# What ferlab's own tests, benches and examples are compiled with. Nothing here reaches a user of ferlab::ferlab.
if(NOT (FERLAB_EXAMPLES OR FERLAB_TESTS OR FERLAB_BENCHES OR FERLAB_FUZZERS))
  return()
endif()

add_library(ferlab_developer INTERFACE)
target_link_libraries(ferlab_developer INTERFACE ferlab::ferlab)
set(warnings -Wall -Wextra -Wshadow -Wnon-virtual-dtor $<$<BOOL:${FERLAB_WERROR}>:-Werror>)
target_compile_options(ferlab_developer INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(ferlab_developer INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)  # false alarms on std::string: gcc.gnu.org/PR105651
endif()
if(FERLAB_SANITIZE)
  target_compile_options(ferlab_developer INTERFACE -fsanitize=${FERLAB_SANITIZE} -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer)
  target_link_options(ferlab_developer INTERFACE -fsanitize=${FERLAB_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # false alarms inside <regex>, which Catch2 includes, once sanitizers change the code
    target_compile_options(ferlab_developer INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
find_program(FERLAB_CCACHE ccache)
if(FERLAB_CCACHE AND PROJECT_IS_TOP_LEVEL)
  # Paths within the tree as relative ones: one clone finds what another has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${FERLAB_CCACHE})
endif()
