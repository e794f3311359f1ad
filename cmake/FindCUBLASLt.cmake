# SPDX-License-Identifier: MIT
# Finds cuBLASLt: CUBLASLt_FOUND, target CUBLASLt::cublasLt; and CUBLASLt::cublas, where cuBLAS is beside it. Looks where CUBLAS_ROOT says, in the CUDA toolkit, then beside
# cuDNN as pip lays them out (nvidia/cudnn, nvidia/cublas, nvidia/cu13), where libraries have no name without a version.
find_package(CUDAToolkit QUIET)
set(_places HINTS ${CUBLAS_ROOT} ENV CUBLAS_ROOT)
foreach(_root IN ITEMS "${CUDNN_ROOT}" "$ENV{CUDNN_ROOT}")
  if(_root)
    list(APPEND _beside ${_root}/../cublas ${_root}/../cu13)
  endif()
endforeach()
find_path(CUBLASLt_INCLUDE_DIR cublasLt.h ${_places} PATHS ${CUDAToolkit_INCLUDE_DIRS} ${_beside} PATH_SUFFIXES include)
find_library(CUBLASLt_LIBRARY NAMES cublasLt libcublasLt.so.13 libcublasLt.so.12 ${_places}
             PATHS ${CUDAToolkit_LIBRARY_DIR} ${_beside} PATH_SUFFIXES lib lib64 lib/x64)
unset(_places)
unset(_beside)
get_filename_component(_folder "${CUBLASLt_LIBRARY}" DIRECTORY)
find_library(CUBLASLt_CUBLAS_LIBRARY NAMES cublas libcublas.so.13 libcublas.so.12 HINTS ${_folder} NO_DEFAULT_PATH)
unset(_folder)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CUBLASLt REQUIRED_VARS CUBLASLt_LIBRARY CUBLASLt_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install the CUDA toolkit's libcublas development package, or pip's nvidia-cublas and set CUBLAS_ROOT to its folder")
mark_as_advanced(CUBLASLt_INCLUDE_DIR CUBLASLt_LIBRARY CUBLASLt_CUBLAS_LIBRARY)
if(CUBLASLt_FOUND AND NOT TARGET CUBLASLt::cublasLt)
  add_library(CUBLASLt::cublasLt UNKNOWN IMPORTED)
  set_target_properties(CUBLASLt::cublasLt PROPERTIES IMPORTED_LOCATION "${CUBLASLt_LIBRARY}"
                                                      INTERFACE_INCLUDE_DIRECTORIES "${CUBLASLt_INCLUDE_DIR}")
endif()
if(CUBLASLt_CUBLAS_LIBRARY AND NOT TARGET CUBLASLt::cublas)
  add_library(CUBLASLt::cublas UNKNOWN IMPORTED)
  set_target_properties(CUBLASLt::cublas PROPERTIES IMPORTED_LOCATION "${CUBLASLt_CUBLAS_LIBRARY}"
                                                    INTERFACE_INCLUDE_DIRECTORIES "${CUBLASLt_INCLUDE_DIR}")
endif()
