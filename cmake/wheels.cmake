# SPDX-License-Identifier: Apache-2.0
# Only for builds against the ROS 2 wheels of PyPI: tools/setup.sh passes this file as
# CMAKE_PROJECT_INCLUDE. A ROS 2 installation never reads it.

# A sourced ROS 2 installation must not mix with the wheels at run time.
set(EMOREC_ENV_COMMAND "/usr/bin/env -u PYTHONPATH -u PYTHONHOME -u AMENT_PREFIX_PATH \
-u LD_LIBRARY_PATH -u _ROS_WHEELS_BOOTSTRAP_COMPLETE")

# The exported targets of the message wheels name include folders of the machine that built them
# (/opt/python/...), and CMake refuses folders that do not exist.
function(emorec_drop_missing_include_folders)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target ${targets})
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders MATCHES "/opt/python/")
      list(FILTER folders EXCLUDE REGEX "^/opt/python/")
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folders}")
    endif()
  endforeach()
endfunction()

cmake_language(DEFER CALL emorec_drop_missing_include_folders)
