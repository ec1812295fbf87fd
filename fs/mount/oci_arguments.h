/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of runc and crun, as far as it says which bundle a
 * container is made from. Pure. It is read as both programs read it
 * (runc(8), crun(1)): options with one dash or two, a value behind "=" or
 * in the next word, -bDIR; after "--" there are no options. What is not known is taken for an option without a value.
 */
#pragma once

#include <stdbool.h>

struct oci_arguments {
	bool makes;         /* the command is create or run */
	const char *bundle; /* borrowed; "." where it is not said */
	const char *config; /* crun's --config: the file's name from within the bundle; borrowed */
};

/* `argv` ends with NULL and has the program's name in front. */
struct oci_arguments oci_arguments_parse(char **argv);
