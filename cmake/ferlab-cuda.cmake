# SPDX-License-Identifier: MIT
# The target ferlab::cuda: ferlab with the CUDA backend, whose kernels nvcc compiles in the project that links it (one file
# for each target that does). FERLAB_KERNELS_ROOT: the folder that has kernels/. Wants CUDA enabled by the project, or
# enables it.
include_guard(GLOBAL)
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90)  # the last one with PTX, which newer devices compile
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)
find_package(CUDNN 9 REQUIRED)
find_package(CUBLASLt REQUIRED)

add_library(ferlab_cuda INTERFACE)
add_library(ferlab::cuda ALIAS ferlab_cuda)
target_sources(ferlab_cuda INTERFACE ${FERLAB_KERNELS_ROOT}/kernels/ferlab.cu)
target_include_directories(ferlab_cuda INTERFACE ${FERLAB_KERNELS_ROOT})
target_link_libraries(ferlab_cuda INTERFACE ferlab::ferlab CUDNN::cudnn CUBLASLt::cublasLt CUDA::cudart)
# CMake 3.25 does not know the standards of nvcc 13.
target_compile_options(ferlab_cuda INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--expt-relaxed-constexpr>")
