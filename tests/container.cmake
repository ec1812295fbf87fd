# SPDX-License-Identifier: Apache-2.0
# tests/fs/container and the property test of CPU times.

# A host made of files.
add_library(test_world STATIC fs/container/world.c)
target_link_libraries(test_world PUBLIC containers test_scratch)

procvirt_unit(fs/container/test_boundaries.c LINK test_world)
procvirt_unit(fs/container/test_cgroup_tree.c LINK test_world)
procvirt_unit(fs/container/test_cgroup_write.c LINK test_world)
procvirt_unit(fs/container/test_claim.c LINK containers)
procvirt_unit(fs/container/test_coverage.c LINK containers)
procvirt_unit(fs/container/test_cpu_times.c LINK containers)
procvirt_unit(fs/container/test_credentials.c LINK test_world)
procvirt_unit(fs/container/test_event_counts.c LINK containers)
procvirt_unit(fs/container/test_history.c LINK containers)
procvirt_unit(fs/container/test_host_disk.c LINK test_world)
procvirt_unit(fs/container/test_host_process.c LINK containers)
procvirt_unit(fs/container/test_host.c LINK test_world)
procvirt_unit(fs/container/test_id.c LINK ids)
procvirt_unit(fs/container/test_io_counts.c LINK containers)
procvirt_unit(fs/container/test_load.c LINK containers)
procvirt_unit(fs/container/test_tasks.c LINK test_world)
procvirt_unit(property/test_cpu_times.c LINK containers)
procvirt_unit(fs/container/test_reader_ids.c LINK test_world)
procvirt_unit(fs/container/test_registry.c LINK test_world)
procvirt_unit(fs/container/test_caller.c LINK test_world)
procvirt_unit(fs/container/test_container.c LINK test_world)

# Two registries over one store.
add_library(test_handover STATIC fs/container/handover.c)
target_link_libraries(test_handover PUBLIC test_world PkgConfig::CMOCKA)

procvirt_unit(fs/container/test_killed.c LINK test_world)
procvirt_unit(fs/container/test_registry_threads.c LINK test_handover)
procvirt_unit(fs/container/test_restore.c LINK test_handover)
procvirt_unit(fs/container/test_restore_refused.c LINK test_handover)
procvirt_unit(fs/container/test_saved.c LINK containers)

procvirt_unit(fs/container/test_sampler.c LINK test_world)
procvirt_unit(fs/container/test_registry_users.c LINK test_world)
procvirt_unit(fs/container/test_known_callers.c LINK test_world)
procvirt_unit(property/test_trees.c LINK containers test_scratch)
target_sources(property_test_trees PRIVATE
  property/trees.c
  property/trees_files.c
  property/trees_forest.c
  property/trees_shapes.c
  property/trees_sight.c
  property/trees_stat.c)
procvirt_fuzz(fuzz/fuzz_uid_map.c LINK containers)
procvirt_fuzz(fuzz/fuzz_saved.c LINK containers)
procvirt_fuzz(fuzz/fuzz_cgroup_writer.c LINK containers)
procvirt_fuzz(fuzz/fuzz_history.c LINK containers)
