# SPDX-License-Identifier: MIT
# cmake -DPORT_FOLDER=... -DFOLDER=... -P vcpkg.cmake: runs the port's portfile with stand-ins for what vcpkg gives it. They configure
# and install as vcpkg does; so the options and the paths of the portfile are tested, vcpkg itself is not.
cmake_minimum_required(VERSION 3.22)
set(PORT ferlab)
set(CURRENT_PACKAGES_DIR ${FOLDER}/packages)
set(build ${FOLDER}/build)
file(REMOVE_RECURSE ${FOLDER})

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${build} -DCMAKE_BUILD_TYPE=Release ${arg_OPTIONS}
                  COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET ERROR_VARIABLE warnings)
  if(warnings)  # of options that there are not, among others
    message(FATAL_ERROR "${warnings}")
  endif()
endfunction()

function(vcpkg_cmake_install)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} --prefix ${CURRENT_PACKAGES_DIR} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" CONFIG_PATH "")
  file(GLOB files ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*)
  file(COPY ${files} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT})
  file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/share/cmake)
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

include(${PORT_FOLDER}/portfile.cmake)
file(GLOB found RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/* ${CURRENT_PACKAGES_DIR}/share/*)
if(NOT found STREQUAL "include;share;share/ferlab;share/pkgconfig")  # what vcpkg allows a port of headers to have
  message(FATAL_ERROR "installed are ${found}")
endif()
foreach(file copyright usage ferlab-config.cmake ferlab-config-version.cmake ferlab-targets.cmake kernels/ferlab.cu)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/share/ferlab/${file})
    message(FATAL_ERROR "share/ferlab/${file} is missing")
  endif()
endforeach()
