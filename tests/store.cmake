# SPDX-License-Identifier: Apache-2.0
procvirt_unit(fs/store/test_store.c LINK store)
procvirt_unit(fs/store/test_file.c LINK store)
procvirt_unit(fs/store/test_slabs.c LINK store)
procvirt_unit(fs/store/test_killed.c LINK store)
target_link_libraries(fs_store_test_store PRIVATE PkgConfig::XXHASH)
procvirt_fuzz(fuzz/fuzz_store.c LINK store)
