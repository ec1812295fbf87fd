# SPDX-License-Identifier: Apache-2.0
foreach(name convert cpulist error)
  procvirt_unit(cgroup/test_${name}.c LINK cgwords)
endforeach()
foreach(name change cpuacct dir effective enter group hierarchies hierarchies_host iostat keyed mountinfo nested numa owner path pressure processes shown v1 v2)
  procvirt_unit(cgroup/test_${name}.c LINK cg)
endforeach()

# GLib's slices (of GError, up to 2.74) hand memory from thread to thread in a way that ThreadSanitizer cannot see.
set_tests_properties(cgroup_test_group PROPERTIES ENVIRONMENT G_SLICE=always-malloc)

procvirt_fuzz(fuzz/fuzz_cgroup_numbers.c LINK cgwords)
procvirt_fuzz(fuzz/fuzz_cgroup_cpulist.c LINK cgwords)
foreach(name cpuacct iostat keyed mountinfo numa paths pressure shown)
  procvirt_fuzz(fuzz/fuzz_cgroup_${name}.c LINK cg)
endforeach()
