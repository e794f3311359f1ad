# SPDX-License-Identifier: MIT
# `cmake --install`: the headers, the kernels, and a package that find_package(ferlab 0.1) and pkg-config find. Before 1.0 a minor version
# may break.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_DATADIR}/cmake/ferlab)

install(DIRECTORY include/ferlab DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY kernels DESTINATION ${CMAKE_INSTALL_DATADIR}/ferlab FILES_MATCHING PATTERN "*.cu*" PATTERN "*.hpp")
install(FILES cmake/ferlab-cuda.cmake cmake/ferlab-eigen.cmake cmake/ferlab-opencv.cmake cmake/FindCUBLASLt.cmake cmake/FindCUDNN.cmake
              cmake/FindOpenCV.cmake
        DESTINATION ${package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/ferlab)
install(TARGETS ferlab EXPORT ferlab)
install(EXPORT ferlab NAMESPACE ferlab:: DESTINATION ${package} FILE ferlab-targets.cmake)
configure_package_config_file(cmake/ferlab-config.cmake.in ferlab-config.cmake INSTALL_DESTINATION ${package}
                              PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(ferlab-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ferlab-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/ferlab-config-version.cmake
        DESTINATION ${package})

# ferlab.pc says where things are from where it lies itself, so that the installed tree may be moved.
set(pc_folder ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig)
file(RELATIVE_PATH to_headers ${pc_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/ferlab.pc.in ferlab.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ferlab.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
