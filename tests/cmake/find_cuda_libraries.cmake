# SPDX-License-Identifier: MIT
# cmake -P: cuDNN and cuBLASLt are found as pip lays them out, beside a CUDA toolkit that has neither.
cmake_minimum_required(VERSION 3.22)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/../../cmake)
set(CMAKE_FIND_LIBRARY_PREFIXES lib)
set(CMAKE_FIND_LIBRARY_SUFFIXES .so)
set(CMAKE_FIND_ROOT_PATH "")
set(CMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit TRUE)  # as if it had neither
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH FALSE)
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH FALSE)

function(expect found wanted)
  if(NOT "${found}" STREQUAL "${wanted}")
    message(FATAL_ERROR "expected ${wanted}, got ${found}")
  endif()
endfunction()

set(folder ${CMAKE_CURRENT_BINARY_DIR}/find_cuda_libraries)
file(REMOVE_RECURSE ${folder})
set(CUDNN_ROOT ${folder}/nvidia/cudnn)
find_package(CUDNN 9 QUIET)
find_package(CUBLASLt QUIET)
expect("${CUDNN_FOUND} ${CUBLASLt_FOUND}" "FALSE FALSE")

function(lay_out name header library text)
  file(WRITE ${folder}/nvidia/${name}/include/${header} "${text}")
  file(WRITE ${folder}/nvidia/${name}/lib/${library} "")
endfunction()
lay_out(cudnn cudnn_version.h libcudnn.so.9 "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 19\n#define CUDNN_PATCHLEVEL 0\n")
lay_out(cu13 cublasLt.h libcublasLt.so.13 "")
function(add_library)  # a script has no targets
endfunction()
function(set_target_properties)
endfunction()
find_package(CUDNN 9 REQUIRED)
find_package(CUBLASLt REQUIRED)
expect("${CUDNN_VERSION}" "9.19.0")
get_filename_component(library "${CUBLASLt_LIBRARY}" REALPATH)
expect("${library}" "${folder}/nvidia/cu13/lib/libcublasLt.so.13")
