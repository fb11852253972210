# ntkc_library(NAME [PRIVATE_DEPENDS ...] [DEPENDS ...]): one library per folder, from the .cpp files directly in it and in
# its folder of layers, if it has one.
# What a folder may include is said in docs/architecture.md and checked by tests/docs/test_includes.cpp.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# What shared libraries export is what public headers declare: these ask for default visibility.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(ntkc_options INTERFACE)
target_include_directories(ntkc_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
# -ffp-contract=off: whether a*b+c is fused would otherwise depend on the compiler's mood; machine code of kernels
# asks for fused operations where they are proven (compiler/codegen).
# NOTE: -Wno-restrict: g++ 12 warns without cause on "text" + std::string at -O3 (GCC bug 105651).
target_compile_options(ntkc_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -ffp-contract=off
                                              $<$<BOOL:${NTKC_STRICT}>:-Werror>)

function(ntkc_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/layers/*.cpp)
  add_library(${name} STATIC ${sources})
  # Warnings and the folder of the sources are for ntkc itself, not for who links it.
  target_link_libraries(${name} PRIVATE ntkc_options PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY NTKC_LIBRARIES ${name})
endfunction()

# ntkc_test(NAME [BLAS] DEPENDS ...): a doctest program from the .cpp files of the current folder, one CTest entry per
# case. BLAS: what it computes goes through BLAS; its cases have the label `blas` (.ci/run).
function(ntkc_test name)
  cmake_parse_arguments(ARG "BLAS" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT TARGET ntkc_test_main)
    add_library(ntkc_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/main.cpp)
    target_link_libraries(ntkc_test_main PRIVATE ntkc_options doctest::doctest)
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ntkc_options ntkc_test_main doctest::doctest ${ARG_DEPENDS})
  # What is tested is optimised; the tests themselves are half of all code, and compile in 60 % of the time so.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  # Only where they are used: a path on the command line keeps ccache from sharing objects between clones.
  foreach(source ${sources})
    file(STRINGS ${source} uses REGEX "NTKC_(SOURCE|BINARY)_DIR")
    if(uses)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS NTKC_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                                        NTKC_BINARY_DIR="${PROJECT_BINARY_DIR}")
    endif()
  endforeach()
  set(properties TIMEOUT 300)
  if(ARG_BLAS)
    list(APPEND properties LABELS blas)
  endif()
  doctest_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
