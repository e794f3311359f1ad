# SPDX-License-Identifier: MIT
# FERLAB_CUDA=AUTO|ON|OFF: is there a CUDA toolkit to compile the kernels with? Sets FERLAB_NVCC, empty if not.
set_property(CACHE FERLAB_CUDA PROPERTY STRINGS AUTO ON OFF)
set(FERLAB_NVCC "")
if(FERLAB_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(FERLAB_NVCC ${CMAKE_CUDA_COMPILER})
  elseif(FERLAB_CUDA STREQUAL AUTO)
    message(STATUS "No CUDA toolkit found (nvcc): the kernels are tested on the CPU only")
  else()
    message(FATAL_ERROR "FERLAB_CUDA=ON, but there is no nvcc: install the CUDA toolkit, or set CUDACXX to its nvcc")
  endif()
endif()

if(FERLAB_NVCC AND NOT PROJECT_IS_TOP_LEVEL)  # a project around this one that asked for CUDA: it links ferlab::cuda
  set(FERLAB_KERNELS_ROOT ${PROJECT_SOURCE_DIR})
  include(${CMAKE_CURRENT_LIST_DIR}/ferlab-cuda.cmake)
endif()
