/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/control/message.h"

#include "cgroup/error.h"
#include "tests/fs/harness.h"

#include <errno.h>

static const struct container_options defaults = { .cpu_count = VIEW_CPU_SHARES,
						   .renumber_cpus = true,
						   .cgroup_shape = VIEW_SHAPE_V2 };

static void parse(const char *text, struct control_request *ret_request)
{
	g_autoptr(GError) error = NULL;

	assert_true(control_request_parse(text, strlen(text), &defaults, ret_request, &error));
	g_assert_no_error(error);
}

static void parses_register(void **state)
{
	struct control_request request;

	parse("{\"op\":\"register\",\"id\":\"c1\",\"pid\":4711,\"options\":{\"cpu-count\":\"cpuset\",\"renumber-cpus\":"
	      "false,\"cgroup-shape\":\"v1\"}}",
	      &request);
	assert_int_equal(request.op, CONTROL_REGISTER);
	assert_string_equal(request.id, "c1");
	assert_int_equal(request.pid, 4711);
	assert_int_equal(request.options.cpu_count, VIEW_CPU_CPUSET);
	assert_false(request.options.renumber_cpus);
	assert_int_equal(request.options.cgroup_shape, VIEW_SHAPE_V1);
	control_request_clear(&request);
}

static void leaves_defaults(void **state)
{
	static const char *const texts[] = {
		"{\"op\":\"register\",\"id\":\"c1\",\"pid\":1}",
		"{\"op\":\"register\",\"id\":\"c1\",\"pid\":1,\"options\":{}}",
		"{\"op\":\"register\",\"id\":\"c1\",\"pid\":1,\"options\":null}",
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct control_request request;

		parse(texts[i], &request);
		assert_int_equal(request.options.cpu_count, VIEW_CPU_SHARES);
		assert_true(request.options.renumber_cpus);
		assert_int_equal(request.options.cgroup_shape, VIEW_SHAPE_V2);
		control_request_clear(&request);
	}
}

static void parses_others(void **state)
{
	struct control_request request;

	parse("{\"op\":\"forget\",\"id\":\"c1\"}", &request);
	assert_int_equal(request.op, CONTROL_FORGET);
	assert_string_equal(request.id, "c1");
	control_request_clear(&request);
	parse("{\"op\":\"list\"}", &request);
	assert_int_equal(request.op, CONTROL_LIST);
	assert_int_equal(request.from, 0);
	control_request_clear(&request);
	parse("{\"op\":\"list\",\"from\":12}", &request);
	assert_int_equal(request.from, 12);
	control_request_clear(&request);
	parse("{\"op\":\"status\"}", &request);
	assert_int_equal(request.op, CONTROL_STATUS);
	control_request_clear(&request);
	parse("{\"op\":\"upgrade\"}", &request);
	assert_int_equal(request.op, CONTROL_UPGRADE);
	control_request_clear(&request);
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "x", "the request is not JSON" },
		{ "[]", "the request is not a JSON object" },
		{ "{}", "the request has no member \"op\"" },
		{ "{\"op\":1}", "the request: member \"op\" is not a string" },
		{ "{\"op\":\"dance\"}", "the request: unknown op \"dance\"" },
		{ "{\"op\":\"register\"}", "the request has no member \"id\"" },
		{ "{\"op\":\"register\",\"id\":1,\"pid\":1}", "the request: member \"id\" is not a string" },
		{ "{\"op\":\"register\",\"id\":\"a\"}", "the request has no member \"pid\"" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":\"1\"}", "the request: member \"pid\" is not an integer" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":-1}", "the request: pid -1 is no process id" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":2147483648}",
		  "the request: pid 2147483648 is no process id" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":99999999999999999999999}", "is no process id" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"from\":1}", "the request: unknown member \"from\"" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":1}", "member \"options\" is not an object" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":{\"x\":1}}",
		  "the request's options: unknown member \"x\"" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":{\"cpu-count\":1}}",
		  "the request's options: member \"cpu-count\" is not a string" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":{\"cpu-count\":\"all\"}}",
		  "the request's options: cpu-count is \"all\", not quota, cpuset or shares" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":{\"renumber-cpus\":\"yes\"}}",
		  "the request's options: member \"renumber-cpus\" is not true or false" },
		{ "{\"op\":\"register\",\"id\":\"a\",\"pid\":1,\"options\":{\"cgroup-shape\":\"v3\"}}",
		  "the request's options: cgroup-shape is \"v3\", not host, v1, v2 or kernel" },
		{ "{\"op\":\"forget\"}", "the request has no member \"id\"" },
		{ "{\"op\":\"forget\",\"id\":\"a\",\"pid\":1}", "the request: unknown member \"pid\"" },
		{ "{\"op\":\"list\",\"id\":\"a\"}", "the request: unknown member \"id\"" },
		{ "{\"op\":\"list\",\"from\":-1}", "the request: from is negative" },
		{ "{\"op\":\"status\",\"from\":1}", "the request: unknown member \"from\"" },
		{ "{\"op\":\"upgrade\",\"id\":\"a\"}", "the request: unknown member \"id\"" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct control_request request = { .pid = 99 };
		g_autoptr(GError) error = NULL;

		assert_false(control_request_parse(cases[i].text, strlen(cases[i].text), &defaults, &request, &error));
		assert_has(error->message, cases[i].error);
		assert_int_equal(error->code, EINVAL);
		assert_int_equal(request.pid, 99);
	}
}

static void bounds_length(void **state)
{
	struct control_request request;
	g_autoptr(GError) error = NULL;

	assert_false(control_request_parse(NULL, CONTROL_MESSAGE_MAX + 1, &defaults, &request, &error));
	assert_int_equal(error->code, EMSGSIZE);
	assert_string_equal(error->message, "the request is longer than 65536 bytes");
}

static void makes_replies(void **state)
{
	g_autoptr(GError) ours = g_error_new_literal(CG_ERROR, ESRCH, "gone"),
			  theirs = g_error_new_literal(g_quark_from_string("x"), 7, "odd");
	g_autoptr(JsonObject) good = control_reply_new(), bad = control_reply_error(ours),
			      other = control_reply_error(theirs);
	gsize length;
	g_autofree char *good_text = control_message_text(good, &length);
	g_autofree char *bad_text = control_message_text(bad, &length);
	g_autofree char *other_text = control_message_text(other, &length);

	assert_string_equal(good_text, "{\"ok\":true}");
	assert_string_equal(bad_text, "{\"ok\":false,\"error\":\"gone\",\"errno\":3}");
	assert_string_equal(other_text, "{\"ok\":false,\"error\":\"odd\",\"errno\":5}");
	assert_int_equal(length, strlen(other_text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_register), cmocka_unit_test(leaves_defaults), cmocka_unit_test(parses_others),
		cmocka_unit_test(refuses),         cmocka_unit_test(bounds_length),   cmocka_unit_test(makes_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
