/* SPDX-License-Identifier: Apache-2.0
 *
 * What is served, for people: procvirtd --list-files and the manual page procvirt-files(7), which is made of it.
 */
#pragma once

#include "fs/view/rows.h"

/*
 * A table of text, with a heading, a line a file and five columns with a tab between them: the file ("%" stands for a
 * number or a name), what it shows, the files that it is computed from where cgroups are of version 1 and of version 2, and what
 * is 0 in it because nobody counts it for a cgroup. "-" is nothing. What it shows says, too, whether it can be written to
 * (procvirtd --cgroup-writes).
 */
char *coverage_table(void);

/* The kernel's files that one need (enum view_needs) is looked up in; false for a need that has no line here. */
bool coverage_of_need(unsigned need, const char **ret_v1, const char **ret_v2);
