/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/id.h"

#include "tests/fs/harness.h"

static void parses(void **state)
{
	static const struct {
		const char *id;
		bool good;
		uid_t owner;
	} cases[] = {
		{ "web", true, 0 },
		{ "a.b-c_D9", true, 0 },
		{ "...", true, 0 },
		{ "1000:web", true, 1000 },
		{ "1:x", true, 1 },
		{ "4294967294:x", true, 4294967294 },
		{ NULL, false, 0 },
		{ "", false, 0 },
		{ ".", false, 0 },
		{ "..", false, 0 },
		{ "a/b", false, 0 },
		{ "a b", false, 0 },
		{ "\xc3\xa4", false, 0 },
		{ ":web", false, 0 },
		{ "0:web", false, 0 },
		{ "01:web", false, 0 },
		{ "+1:web", false, 0 },
		{ "1000:", false, 0 },
		{ "1000:..", false, 0 },
		{ "1000:a/b", false, 0 },
		{ "1000:1000:web", false, 0 },
		{ "4294967295:x", false, 0 }, /* (uid_t)-1 */
		{ "4294968296:x", false, 0 }, /* 1000, were it cut to 32 bits */
		{ "18446744073709552616:x", false, 0 },
		{ "x1000:web", false, 0 },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		uid_t owner = 77;

		assert_int_equal(container_id_parse(cases[i].id, &owner), cases[i].good);
		assert_int_equal(owner, cases[i].good ? cases[i].owner : 77);
	}
}

static void bounds_length(void **state)
{
	g_autofree char *word = g_strnfill(CONTAINER_ID_MAX, 'x');
	g_autofree char *user = g_strconcat("1:", word, NULL);
	uid_t owner;

	assert_true(container_id_parse(word, &owner));
	assert_false(container_id_parse(user, &owner));
	user[CONTAINER_ID_MAX] = '\0';
	assert_true(container_id_parse(user, &owner));
}

static void assert_of(uid_t uid, const char *word, const char *expected)
{
	g_autofree char *id = container_id_of(uid, word);

	assert_string_equal(id, expected);
}

static void completes(void **state)
{
	assert_of(0, "web", "web");
	assert_of(0, "1000:web", "1000:web");
	assert_of(1000, "web", "1000:web");
	assert_of(1000, "1000:web", "1000:web");
	assert_of(1000, "10001:web", "1000:10001:web"); /* which is none */
	assert_of(1000, "2000:web", "1000:2000:web");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(bounds_length),
		cmocka_unit_test(completes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
