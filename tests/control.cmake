# SPDX-License-Identifier: Apache-2.0
# tests/fs/control and tests/fs/mount.
# A control socket in a process of its own, over a registry without cgroups.
add_library(test_server STATIC fs/control/fake_registry.c fs/control/server.c)
target_link_libraries(test_server PUBLIC control test_scratch)

procvirt_unit(fs/control/test_strict_json.c LINK control_client)
procvirt_unit(fs/control/test_message.c LINK control_client)
procvirt_unit(fs/control/test_client.c LINK control_client test_scratch)
procvirt_unit(fs/control/test_listen.c LINK control test_scratch)
procvirt_unit(fs/control/test_packets.c LINK test_server)
procvirt_unit(fs/control/test_pace.c LINK control)
procvirt_unit(fs/control/test_control.c LINK test_server)

# A process in a mount namespace of its own; its tests skip where that is not permitted.
add_library(test_cage STATIC fs/mount/cage.c)
target_link_libraries(test_cage PUBLIC test_scratch)

procvirt_unit(fs/mount/test_within.c LINK attach test_scratch)
procvirt_unit(fs/mount/test_attach.c LINK attach test_cage)
procvirt_unit(fs/mount/test_nesting.c LINK attach test_cage)
procvirt_unit(fs/mount/test_oci_state.c LINK attach test_scratch)
procvirt_unit(fs/mount/test_naming.c LINK attach)
procvirt_unit(fs/mount/test_running.c LINK attach test_scratch)
procvirt_unit(fs/mount/test_unlay.c LINK attach)
procvirt_unit(fs/mount/test_procvirt_hook.c LINK test_server test_cage)
target_compile_definitions(fs_mount_test_procvirt_hook PRIVATE HOOK="$<TARGET_FILE:procvirt-hook>")
add_dependencies(fs_mount_test_procvirt_hook procvirt-hook)

procvirt_unit(fs/mount/test_json_span.c LINK wrapper)
procvirt_unit(fs/mount/test_oci_hooks.c LINK wrapper)
procvirt_unit(fs/mount/test_oci_arguments.c LINK wrapper)
procvirt_unit(fs/mount/test_oci_bundle.c LINK wrapper test_scratch)
procvirt_unit(fs/mount/test_real_runtime.c LINK wrapper test_scratch)
procvirt_unit(fs/mount/test_wrapper_settings.c LINK wrapper test_scratch)
procvirt_unit(fs/mount/test_procvirt_runc.c LINK test_scratch)
target_compile_definitions(fs_mount_test_procvirt_runc PRIVATE WRAPPER="$<TARGET_FILE:procvirt-runc>")
add_dependencies(fs_mount_test_procvirt_runc procvirt-runc)

procvirt_fuzz(fuzz/fuzz_control_message.c LINK control_client)
procvirt_fuzz(fuzz/fuzz_cgroup_naming.c LINK attach)
procvirt_fuzz(fuzz/fuzz_mountinfo_laid.c LINK attach)
procvirt_fuzz(fuzz/fuzz_process_status.c LINK attach)
procvirt_fuzz(fuzz/fuzz_oci_state.c LINK attach)
procvirt_fuzz(fuzz/fuzz_oci_config.c LINK attach)
procvirt_fuzz(fuzz/fuzz_oci_hooks.c LINK wrapper)
procvirt_fuzz(fuzz/fuzz_oci_arguments.c LINK wrapper)
procvirt_fuzz(fuzz/fuzz_wrapper_settings.c LINK wrapper)
