# SPDX-License-Identifier: MIT
# An overlay port of the tree that it lies in: vcpkg install ferlab --overlay-ports=<ferlab>/packaging/vcpkg
set(VCPKG_BUILD_TYPE release)  # headers only: there is nothing to debug
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
vcpkg_cmake_configure(SOURCE_PATH ${source}
                      OPTIONS -DFERLAB_EXAMPLES=OFF -DFERLAB_TESTS=OFF -DFERLAB_BENCHES=OFF -DFERLAB_CUDA=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ferlab)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/share/doc)
file(INSTALL ${CMAKE_CURRENT_LIST_DIR}/usage DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT})
vcpkg_install_copyright(FILE_LIST ${source}/LICENSE)
