# SPDX-License-Identifier: MIT
# OpenCV by its own package file, or, where that is not installed, by its headers and libraries: Debian and Ubuntu put the
# package file into libopencv-dev, which pulls in twice of what the modules we use need.
# find_package(OpenCV COMPONENTS core imgproc ...) then gives the targets opencv_core, opencv_imgproc, ... and OpenCV_LIBS.
find_package(OpenCV QUIET CONFIG COMPONENTS ${OpenCV_FIND_COMPONENTS})
if(NOT OpenCV_FOUND)
  find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
  mark_as_advanced(OpenCV_INCLUDE_DIR)
  set(OpenCV_LIBS "")
  foreach(component ${OpenCV_FIND_COMPONENTS})
    find_library(OpenCV_${component}_LIBRARY opencv_${component})
    mark_as_advanced(OpenCV_${component}_LIBRARY)
    if(OpenCV_INCLUDE_DIR AND OpenCV_${component}_LIBRARY AND EXISTS ${OpenCV_INCLUDE_DIR}/opencv2/${component}.hpp)
      set(OpenCV_${component}_FOUND TRUE)
      list(APPEND OpenCV_LIBS opencv_${component})
      if(NOT TARGET opencv_${component})
        add_library(opencv_${component} UNKNOWN IMPORTED)
        set_target_properties(opencv_${component} PROPERTIES IMPORTED_LOCATION ${OpenCV_${component}_LIBRARY}
                                                             INTERFACE_INCLUDE_DIRECTORIES ${OpenCV_INCLUDE_DIR})
      endif()
    endif()
  endforeach()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(OpenCV REQUIRED_VARS OpenCV_INCLUDE_DIR HANDLE_COMPONENTS)
endif()
