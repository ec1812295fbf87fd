# SPDX-License-Identifier: Apache-2.0
# Every captured host of fixtures/ × every file that its container sees (see fixtures/README.md).
procvirt_unit(golden.c LINK containers)
target_sources(golden PRIVATE
  golden/agree.c
  golden/agree_cpus.c
  golden/agree_disks.c
  golden/agree_host.c
  golden/agree_memory.c
  golden/agree_nodes.c
  golden/agree_times.c
  golden/agree_tree.c
  golden/agree_zones.c
  golden/fixture.c)
target_include_directories(golden PRIVATE ${CMAKE_CURRENT_LIST_DIR})

# The same figures computed a second time, from the captured files alone. Debian's own python3, no modules.
find_program(DEBIAN_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
add_test(NAME golden_check COMMAND ${DEBIAN_PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/fixtures/check.py
  ${CMAKE_CURRENT_LIST_DIR}/fixtures)
set_tests_properties(golden_check PROPERTIES LABELS unit TIMEOUT 60)
