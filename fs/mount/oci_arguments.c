/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_arguments.h"

#include <glib.h>
#include <string.h>

enum place { PLACE_OTHER, PLACE_BUNDLE, PLACE_CONFIG, N_PLACES };

/* Those that take a value: the value of one must not be taken for a command or for another option. */
struct option {
	const char *name;
	char letter; /* 0: none */
	enum place place;
};

/* In front of the command. criu: runc until 1.1; cgroup-manager: crun; log-level: youki. */
static const struct option global[] = {
	{ "root", 'r', PLACE_OTHER },         { "log", 'l', PLACE_OTHER }, { "log-format", 0, PLACE_OTHER },
	{ "log-level", 0, PLACE_OTHER },      { "criu", 0, PLACE_OTHER },  { "rootless", 0, PLACE_OTHER },
	{ "cgroup-manager", 0, PLACE_OTHER },
};

/* Behind create or run. */
static const struct option command[] = {
	{ "bundle", 'b', PLACE_BUNDLE },  { "config", 'f', PLACE_CONFIG },    { "console-socket", 0, PLACE_OTHER },
	{ "pid-file", 'p', PLACE_OTHER }, { "pidfd-socket", 0, PLACE_OTHER }, { "preserve-fds", 0, PLACE_OTHER },
};

struct table {
	const struct option *options;
	unsigned n;
};

/* A word that is an option; "-" alone is none. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* The option that a word names, and the value if it is in the same word. */
static const struct option *find(const struct table *table, const char *word, const char **ret_value)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t length = strcspn(name, "=");

	for (unsigned i = 0; i < table->n; i++) {
		const struct option *option = &table->options[i];

		if (length == strlen(option->name) && !memcmp(name, option->name, length)) {
			*ret_value = name[length] ? name + length + 1 : NULL;
			return option;
		}
	}
	for (unsigned i = 0; i < table->n && word[1] != '-'; i++) {
		const struct option *option = &table->options[i];

		if (option->letter && *name == option->letter) {
			*ret_value = name[1] == '=' ? name + 2 : name[1] ? name + 1 : NULL;
			return option;
		}
	}
	return NULL;
}

/* Takes the option at `word` and gives the next word that is not its own. */
static char **take(const struct table *table, char **word, const char *values[N_PLACES])
{
	const char *value = NULL;
	const struct option *option = find(table, *word, &value);

	word++;
	if (!option)
		return word;
	if (!value && *word)
		value = *word++;
	if (value)
		values[option->place] = value;
	return word;
}

struct oci_arguments oci_arguments_parse(char **argv)
{
	static const struct table globals = { global, G_N_ELEMENTS(global) };
	static const struct table commands = { command, G_N_ELEMENTS(command) };
	const char *values[N_PLACES] = { [PLACE_BUNDLE] = ".", [PLACE_CONFIG] = "config.json" };
	struct oci_arguments arguments = { 0 };
	char **word = *argv ? argv + 1 : argv;

	while (*word && is_option(*word) && strcmp(*word, "--"))
		word = take(&globals, word, values);
	if (*word && !strcmp(*word, "--"))
		word++;
	arguments.makes = *word && (!strcmp(*word, "create") || !strcmp(*word, "run"));
	while (arguments.makes && *word && strcmp(*word, "--"))
		word = is_option(*word) ? take(&commands, word, values) : word + 1;
	arguments.bundle = values[PLACE_BUNDLE];
	arguments.config = values[PLACE_CONFIG];
	return arguments;
}
