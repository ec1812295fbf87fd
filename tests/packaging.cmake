# SPDX-License-Identifier: Apache-2.0
# tests/packaging: what an installation holds. Sanitizers have nothing to say about files.
if(NOT PROCVIRT_SANITIZE)
  add_test(NAME packaging
    COMMAND /usr/bin/python3 -B -m pytest -q -p no:cacheprovider --tb=short ${CMAKE_CURRENT_SOURCE_DIR}/packaging)
  set_tests_properties(packaging PROPERTIES LABELS unit TIMEOUT 300
    ENVIRONMENT PROCVIRT_BUILD=${CMAKE_BINARY_DIR})
endif()
