# SPDX-License-Identifier: Apache-2.0
procvirt_unit(fs/keeper/test_descriptors.c LINK keeper)
procvirt_unit(fs/keeper/test_keeper.c LINK keeper)
procvirt_unit(fs/keeper/test_line.c LINK keeper)
procvirt_unit(fs/keeper/test_mountpoint.c LINK keeper)
procvirt_unit(fs/test_turns.c LINK store keeper)
target_sources(fs_test_turns PRIVATE ${PROJECT_SOURCE_DIR}/fs/turns.c)
