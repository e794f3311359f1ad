# SPDX-License-Identifier: MIT
# Finds cuDNN: CUDNN_FOUND, CUDNN_VERSION, target CUDNN::cudnn. Looks where CUDNN_ROOT or CUDNN_PATH say, then beside the
# CUDA toolkit. (Neither cuDNN nor CMake comes with such a module.)
find_package(CUDAToolkit QUIET)
set(_places HINTS ${CUDNN_ROOT} ENV CUDNN_ROOT ENV CUDNN_PATH)
find_path(CUDNN_INCLUDE_DIR cudnn_version.h ${_places} PATHS ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include)
find_library(CUDNN_LIBRARY NAMES cudnn libcudnn.so.9 ${_places} PATHS ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64 lib/x64)
unset(_places)

if(CUDNN_INCLUDE_DIR)
  file(STRINGS "${CUDNN_INCLUDE_DIR}/cudnn_version.h" _lines REGEX "^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) +[0-9]+")
  string(REGEX REPLACE ".*MAJOR +([0-9]+).*MINOR +([0-9]+).*PATCHLEVEL +([0-9]+).*" "\\1.\\2.\\3" CUDNN_VERSION "${_lines}")
  unset(_lines)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CUDNN REQUIRED_VARS CUDNN_LIBRARY CUDNN_INCLUDE_DIR VERSION_VAR CUDNN_VERSION
  REASON_FAILURE_MESSAGE "install cuDNN 9 for this CUDA toolkit, or pip's nvidia-cudnn and set CUDNN_ROOT to its folder")
mark_as_advanced(CUDNN_INCLUDE_DIR CUDNN_LIBRARY)
if(CUDNN_FOUND AND NOT TARGET CUDNN::cudnn)
  add_library(CUDNN::cudnn UNKNOWN IMPORTED)
  set_target_properties(CUDNN::cudnn PROPERTIES IMPORTED_LOCATION "${CUDNN_LIBRARY}"
                                                INTERFACE_INCLUDE_DIRECTORIES "${CUDNN_INCLUDE_DIR}")
endif()
