# SPDX-License-Identifier: MIT
# ferlab::eigen: the Eigen backend and Eigen matrices at the border (ferlab/eigen.hpp). Used by the project itself and, installed, by
# find_package(ferlab COMPONENTS eigen). Without Eigen there is no such target.
if(NOT TARGET Eigen3::Eigen)
  find_package(Eigen3 3.4 QUIET NO_MODULE)
  if(TARGET Eigen3::Eigen)  # the folder above, which may hold the user's program, must see it too
    set_target_properties(Eigen3::Eigen PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
endif()
if(TARGET Eigen3::Eigen AND NOT TARGET ferlab::eigen)
  add_library(ferlab_eigen INTERFACE)
  add_library(ferlab::eigen ALIAS ferlab_eigen)
  target_link_libraries(ferlab_eigen INTERFACE ferlab::ferlab Eigen3::Eigen)
  # Where the user turns OpenMP on, Eigen would allocate in every product. One setting for the whole program, or its functions differ.
  target_compile_definitions(ferlab_eigen INTERFACE EIGEN_DONT_PARALLELIZE)
endif()
