# The installed package: shared libraries made of the static ones, public headers, and what find_package and pkg-config
# read. docs/embedding.md says how they are used; tests/consumer/ uses them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ntkc_shared_library(NAME HEADERS DIRECTORY FOLDERS ... [USES ...] [SYMBOLS FILE]): libntkc_NAME.so of all libraries in
# these folders, installed with its public headers. USES: shared libraries of ours that it is linked to. SYMBOLS: a version
# script of what it exports.
function(ntkc_shared_library name)
  cmake_parse_arguments(ARG "" "HEADERS;SYMBOLS" "FOLDERS;USES" ${ARGN})
  get_property(libraries GLOBAL PROPERTY NTKC_LIBRARIES)
  set(target ntkc_${name}_shared)
  # What exports C alone has no use for the C++ headers of the others.
  set(visibility PUBLIC)
  set(symbols cmake/exports.map)
  if(ARG_SYMBOLS)
    set(visibility PRIVATE)
    set(symbols ${ARG_SYMBOLS})
  endif()
  add_library(${target} SHARED)
  foreach(library ${libraries})
    get_target_property(folder ${library} SOURCE_DIR)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    string(REGEX REPLACE "/.*" "" folder ${folder})
    if(folder IN_LIST ARG_FOLDERS)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${library}>)
      list(APPEND own ${library})
    endif()
  endforeach()
  foreach(used ${ARG_USES})
    target_link_libraries(${target} ${visibility} ntkc_${used}_shared)
  endforeach()
  # Behind the objects and the shared libraries, for what these need besides; nothing of that is exported.
  target_link_libraries(${target} PRIVATE ${own})
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,defs -Wl,-z,now)
  target_link_options(${target} PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/${symbols})
  target_compile_features(${target} INTERFACE cxx_std_20)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  # Of a version 0.x the interface may change with x.
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ntkc_${name} EXPORT_NAME ${name} LINKER_LANGUAGE CXX
                        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
                        INSTALL_RPATH $ORIGIN)
  install(TARGETS ${target} EXPORT ntkc-targets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libraries NAMELINK_COMPONENT development)
  install(DIRECTORY ${ARG_HEADERS}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
endfunction()

ntkc_shared_library(runtime HEADERS runtime/include FOLDERS runtime)
ntkc_shared_library(compiler HEADERS compiler/include FOLDERS compiler grammar USES runtime)
ntkc_shared_library(simulator HEADERS simulator/include FOLDERS simulator USES compiler)
ntkc_shared_library(c HEADERS bindings/c/include FOLDERS bindings USES compiler SYMBOLS bindings/c/ntkc.symbols)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/ntkc)
install(EXPORT ntkc-targets NAMESPACE ntkc:: DESTINATION ${package_directory} COMPONENT development)
file(WRITE ${PROJECT_BINARY_DIR}/ntkc-config.cmake "include(\${CMAKE_CURRENT_LIST_DIR}/ntkc-targets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ntkc-config-version.cmake COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH prefix_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/ntkc.pc.in ${PROJECT_BINARY_DIR}/ntkc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ntkc-config.cmake ${PROJECT_BINARY_DIR}/ntkc-config-version.cmake
        DESTINATION ${package_directory} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/ntkc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
