# SPDX-License-Identifier: MIT
# cmake -DPROGRAMS=<a>;<b> -P same_output.cmake: both end well, and print the same.
foreach(program ${PROGRAMS})
  execute_process(COMMAND ${program} OUTPUT_VARIABLE printed_by_${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
list(GET PROGRAMS 0 one)
list(GET PROGRAMS 1 other)
if(NOT printed_by_${one} OR NOT printed_by_${one} STREQUAL printed_by_${other})
  message(FATAL_ERROR "${one} prints\n${printed_by_${one}}\nbut ${other}\n${printed_by_${other}}")
endif()
