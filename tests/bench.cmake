# SPDX-License-Identifier: Apache-2.0
# For tests/bench/memory.
add_executable(bench_inits bench/inits.c)

# The programs of tests/bench/run and neighbour. Quantiles come from GSL, which nothing else needs: without it there is no benchmark.
pkg_check_modules(GSL IMPORTED_TARGET gsl)
if(GSL_FOUND)
  add_executable(bench_read bench/bench.c bench/compare.c bench/reader.c bench/report.c bench/source.c)
  target_include_directories(bench_read PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(bench_read PRIVATE PkgConfig::GLIB PkgConfig::JSON_GLIB PkgConfig::GSL m)
  add_executable(bench_nullfs bench/nullfs.c)
  target_link_libraries(bench_nullfs PRIVATE PkgConfig::GLIB PkgConfig::FUSE)
  add_executable(bench_noise bench/noise.c)
  target_link_libraries(bench_noise PRIVATE Threads::Threads)
  add_executable(bench_render bench/render.c golden/fixture.c)
  target_include_directories(bench_render PRIVATE ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_LIST_DIR})
  target_compile_definitions(bench_render PRIVATE FIXTURES="${CMAKE_CURRENT_LIST_DIR}/fixtures")
  target_link_libraries(bench_render PRIVATE containers PkgConfig::CMOCKA PkgConfig::GSL m)
else()
  message(STATUS "tests/bench is left out: it needs libgsl-dev")
endif()

procvirt_unit(bench/test_compare.c LINK PkgConfig::GLIB)
target_sources(bench_test_compare PRIVATE bench/compare.c)
target_include_directories(bench_test_compare PRIVATE ${PROJECT_SOURCE_DIR})
procvirt_unit(bench/test_source.c LINK PkgConfig::GLIB)
target_sources(bench_test_source PRIVATE bench/source.c)
target_include_directories(bench_test_source PRIVATE ${PROJECT_SOURCE_DIR})
