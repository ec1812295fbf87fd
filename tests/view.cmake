# SPDX-License-Identifier: Apache-2.0
set(view_tests
  fs/view/test_cpus.c
  fs/view/test_memory.c
  fs/view/test_nodes.c
  fs/view/test_rows.c
  fs/view/test_text.c
  fs/view/proc/test_buddyinfo.c
  fs/view/proc/test_cgroups.c
  fs/view/proc/test_cpuinfo.c
  fs/view/proc/test_diskstats.c
  fs/view/proc/test_interrupts.c
  fs/view/proc/test_loadavg.c
  fs/view/proc/test_meminfo.c
  fs/view/proc/test_partitions.c
  fs/view/proc/test_pressure.c
  fs/view/proc/test_pagetypeinfo.c
  fs/view/proc/test_schedstat.c
  fs/view/proc/test_slabinfo.c
  fs/view/proc/test_stat.c
  fs/view/proc/test_swaps.c
  fs/view/proc/test_sysctl.c
  fs/view/proc/test_uptime.c
  fs/view/proc/test_vmstat.c
  fs/view/proc/test_zoneinfo.c
  fs/view/sys/test_cgroup.c
  fs/view/sys/test_constant.c
  fs/view/sys/test_cpu.c
  fs/view/sys/test_cpu_frequency.c
  fs/view/sys/test_cpu_topology.c
  fs/view/sys/test_disk.c
  fs/view/sys/test_hugepages.c
  fs/view/sys/test_memory.c
  fs/view/sys/test_node.c)
foreach(source IN LISTS view_tests)
  procvirt_unit(${source} LINK views)
endforeach()
target_compile_definitions(fs_view_test_rows PRIVATE
  RELEASED_ROWS="${CMAKE_CURRENT_LIST_DIR}/fs/view/released-rows")

# A source of the renderers that knows libfuse must not compile, and must fail at the wall.
get_target_property(view_options views COMPILE_OPTIONS)
add_test(NAME fs_view_wall
  COMMAND ${CMAKE_C_COMPILER} -D_GNU_SOURCE "-I$<JOIN:$<TARGET_PROPERTY:views,INCLUDE_DIRECTORIES>,;-I>" ${view_options}
    -fsyntax-only ${CMAKE_CURRENT_LIST_DIR}/fs/view/wall_breach.c
  COMMAND_EXPAND_LISTS)
set_tests_properties(fs_view_wall PROPERTIES LABELS unit PASS_REGULAR_EXPRESSION "poisoned")

procvirt_unit(property/test_view_cpus.c LINK views)
procvirt_unit(property/test_view_memory.c LINK views)
procvirt_unit(property/test_view_nodes.c LINK views)

foreach(source IN ITEMS fuzz_view_cgroup.c fuzz_view_cpuinfo.c fuzz_view_cpumaps.c
    fuzz_view_disks.c fuzz_view_interrupts.c fuzz_view_meminfo.c
    fuzz_view_node_meminfo.c fuzz_view_text.c fuzz_view_vmstat.c fuzz_view_zones.c)
  procvirt_fuzz(fuzz/${source} LINK views)
endforeach()
