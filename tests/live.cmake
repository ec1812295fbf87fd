# SPDX-License-Identifier: Apache-2.0
# What the live tests need built. The rest of tests/live is started by tests/run.
add_executable(old_kernel live/old_kernel.c)
