# SPDX-License-Identifier: MIT
# Compiles one file of this folder (syntax only) and looks at what the compiler says.
#   cmake -DCOMPILER=g++ -DID=gcc -DFLAGS="-std=c++20;..." -DSOURCE=dense.cpp -P check.cmake
# The file must compile as it stands. If it names an error, it must not compile with -DMISTAKE, the first error must be
# that one, and every line marked with this compiler's ID must stand in what is printed:
#   // error: text of the first error
#   // gcc: text        // clang: text         (without "ferlab::", which compilers print here and leave out there)
cmake_minimum_required(VERSION 3.22)
set(ENV{LC_ALL} C)

function(compile result output)
  execute_process(COMMAND ${COMPILER} ${FLAGS} ${ARGN} -fsyntax-only ${SOURCE}
                  RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  string(REPLACE "ferlab::" "" text "${text}")
  set(${result} "${status}" PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

compile(status printed)
if(NOT status STREQUAL "0")
  message(FATAL_ERROR "${SOURCE} must compile where there is no mistake:\n${printed}")
endif()

file(READ ${SOURCE} source)
string(REGEX MATCH "\n// error: ([^\n]*)" found "${source}")
if(NOT found)
  return()
endif()
string(REPLACE "ferlab::" "" expected "${CMAKE_MATCH_1}")

compile(status printed -DMISTAKE)
if(status STREQUAL "0")
  message(FATAL_ERROR "${SOURCE} compiles with its mistake; expected: ${expected}")
endif()
string(REGEX MATCH "error: [^\n]*" first "${printed}")
string(FIND "${first}" "${expected}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "Expected as the first error: ${expected}\nThe compiler says:\n${printed}")
endif()
set(looked_for 0)
while(source MATCHES "\n// ${ID}: ([^\n]*)(.*)")
  set(source "${CMAKE_MATCH_2}")
  set(expected "${CMAKE_MATCH_1}")
  string(FIND "${printed}" "${expected}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "Expected in the message: ${expected}\nThe compiler says:\n${printed}")
  endif()
  math(EXPR looked_for "${looked_for} + 1")
endwhile()
if(looked_for EQUAL 0)
  message(FATAL_ERROR "${SOURCE} has no line \"// ${ID}: ...\" that says what must be printed")
endif()
