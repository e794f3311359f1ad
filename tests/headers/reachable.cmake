# SPDX-License-Identifier: MIT
# Every header must be part of <ferlab/ferlab.hpp>, or match the pattern of those that are included by name.
cmake_minimum_required(VERSION 3.22)
set(asked_for "^ferlab/(ferlab\\.hpp|formats/(png|picture|picture_header|netpbm|read_picture|hdf5.*|zip.*|inflate|npy.*|onnx.*|protobuf_reader)\\.hpp|datasets/.*|exchange\\.hpp|exchange/.*)$")

file(WRITE ${FOLDER}/all.cpp "#include <ferlab/ferlab.hpp>\n")
execute_process(COMMAND ${COMPILER} -std=c++20 -I${INCLUDE} -MM ${FOLDER}/all.cpp OUTPUT_VARIABLE reached RESULT_VARIABLE status)
if(NOT status STREQUAL "0")
  message(FATAL_ERROR "<ferlab/ferlab.hpp> cannot be included")
endif()
file(GLOB_RECURSE headers RELATIVE ${INCLUDE} ${INCLUDE}/*.hpp)
list(FILTER headers EXCLUDE REGEX "^ferlab/(cuda|eigen|opencv)[./]")  # for those with a CUDA toolkit, Eigen or OpenCV
foreach(header ${headers})
  string(FIND "${reached}" "/${header}" at)
  if(at EQUAL -1 AND NOT header MATCHES "${asked_for}")
    message(SEND_ERROR "${header} is not reached from ferlab/ferlab.hpp: include it there, or name it in ${CMAKE_CURRENT_LIST_FILE}")
  endif()
endforeach()
