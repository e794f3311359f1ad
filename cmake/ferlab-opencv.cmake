# SPDX-License-Identifier: MIT
# ferlab::opencv: pictures of any format (ferlab/opencv.hpp). Used by the project itself and, installed, by
# find_package(ferlab COMPONENTS opencv). Without OpenCV there is no such target.
if(NOT TARGET ferlab::opencv)
  list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})  # FindOpenCV.cmake, for this one call
  find_package(OpenCV QUIET COMPONENTS core imgcodecs)
  list(POP_FRONT CMAKE_MODULE_PATH)
  if(OpenCV_FOUND)
    add_library(ferlab_opencv INTERFACE)
    add_library(ferlab::opencv ALIAS ferlab_opencv)
    target_link_libraries(ferlab_opencv INTERFACE ferlab::ferlab ${OpenCV_LIBS})
    # The folder above, which may hold the user's program, must see OpenCV's targets too.
    get_property(ferlab_imported DIRECTORY PROPERTY IMPORTED_TARGETS)
    list(FILTER ferlab_imported INCLUDE REGEX "^(opencv_|ocv\\.)")
    if(ferlab_imported)
      set_target_properties(${ferlab_imported} PROPERTIES IMPORTED_GLOBAL TRUE)
    endif()
  endif()
endif()
