/* Runs every case of the test vectors through the C interface. The only argument is their folder. */
#define _POSIX_C_SOURCE 200809L
#include "answers.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* These test the layers below the functions, or uses of their results. A new file needs a function
 * with its name or a line here. */
static const char *const not_functions[] = {
	"conversation.json", "rfc3711_b3.json", "rfc5869.json", "sframe_frame.json", "srtp_packet.json",
};

static struct {
	size_t function;
	answer_case c;
	node *one;
} now;

static callkey_status status_named(const char *name)
{
	callkey_status s;

	for (s = CALLKEY_OK; s >= CALLKEY_ERR_BUSY; s--)
		if (strcmp(callkey_status_name(s), name) == 0)
			return s;
	test_fail(__FILE__, __LINE__, "no status is named %s", name);
	return CALLKEY_OK;
}

static void run_case(void)
{
	const char *error = node_text(now.one, "error"), *unread;

	now.c.in = node_member(now.one, "in");
	now.c.out = node_member(now.one, "out");
	node_member(now.one, "source");
	REQUIRE(now.c.in != NULL && (now.c.out == NULL) == (error != NULL));
	now.c.want = error != NULL ? status_named(error) : CALLKEY_OK;
	EXPECT((now.c.want == CALLKEY_OK) == (error == NULL));
	answer_run(now.function, &now.c);
	/* A member that no test read was not tested. */
	if ((unread = node_unread(now.one)) != NULL || (unread = node_unread(now.c.in)) != NULL ||
	    (unread = node_unread(now.c.out)) != NULL)
		test_fail(__FILE__, __LINE__, "no test read the member %s", unread);
}

static const char *file_name;
static size_t files;
static int has_file[128]; /* for each function */

static void not_understood(void)
{
	test_fail(__FILE__, __LINE__, "%s was skipped", file_name);
}

static void each_function_has_a_file(void)
{
	size_t i, known = 0;

	for (i = 0; i < answer_functions; i++) {
		if (answer_function(i) == NULL)
			continue;
		known++;
		if (!has_file[i])
			test_fail(__FILE__, __LINE__, "%s has no file in testdata/vectors", answer_function(i));
	}
	EXPECT(known > 0 && files >= known + COUNT(not_functions));
}

static void run_file(const char *folder)
{
	static const test refused = {"file", "known answers that no test compares go stale", not_understood};
	char path[4096], label[256];
	const char *function;
	node *all, *cases;
	size_t i;

	snprintf(path, sizeof path, "%s/%s", folder, file_name);
	all = node_read(path);
	function = node_text(all, "function");
	cases = node_member(all, "cases");
	for (i = 0; function != NULL && i < answer_functions; i++)
		if (answer_function(i) != NULL && strcmp(answer_function(i), function) == 0)
			break;
	if (function == NULL || i == answer_functions || cases == NULL || cases->n == 0) {
		size_t k;
		for (k = 0; k < COUNT(not_functions); k++)
			if (strcmp(file_name, not_functions[k]) == 0)
				break;
		if (k == COUNT(not_functions) || function == NULL ||
		    strncmp(function, "primitive_", 10) != 0)
			test_run(&refused);
		node_free(all);
		return;
	}
	has_file[i] = 1;
	now.function = i;
	for (now.one = cases->first; now.one != NULL; now.one = now.one->next) {
		const char *name = node_text(now.one, "name");
		test t = {label, "keys differ from the peers' keys, or bad input passes", run_case};
		snprintf(label, sizeof label, "%s: %s", file_name, name != NULL ? name : "?");
		test_run(&t);
	}
	node_free(all);
}

int main(int argc, char **argv)
{
	static const test complete = {"complete", "a function lost its known answers",
	                              each_function_has_a_file};
	const char *folder = argc > 1 ? argv[1] : "testdata/vectors";
	DIR *d = opendir(folder);
	struct dirent *entry;

	test_begin(argv[0]);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		size_t n = strlen(entry->d_name);
		if (n < 6 || strcmp(entry->d_name + n - 5, ".json") != 0)
			continue;
		file_name = entry->d_name;
		files++;
		run_file(folder);
	}
	if (d != NULL)
		closedir(d);
	test_run(&complete);
	return test_end();
}
