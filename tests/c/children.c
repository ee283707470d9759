/* fork: every call in the child returns CALLKEY_ERR_FORKED at once; the parent keeps working. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child must not print or count failures; its exit status tells which step failed. */
static int in_child(void)
{
	callkey_srtp_keys keys;
	callkey_store s = 9;
	char text[64];
	uint8_t key[CALLKEY_KEY_BYTES];
	size_t i, n;

	/* A call that waits for the runtime would hang. */
	alarm(20);
	for (i = 0; i < every_count; i++)
		if (every_calls[i].call(every_store(&every_calls[i])) != CALLKEY_ERR_FORKED)
			return 100 + (int)i;
	memset(&keys, 0x5a, sizeof keys);
	memset(key, 0x5a, sizeof key);
	if (callkey_derive_e2e_keys(&keys, key, sizeof key, BOB) != CALLKEY_ERR_FORKED)
		return 1;
	for (i = 0; i < sizeof keys; i++)
		if (((unsigned char *)&keys)[i] != 0)
			return 2;
	if (callkey_store_open(&s, NULL, NULL, 0, NULL) != CALLKEY_ERR_FORKED || s != 0)
		return 3;
	n = sizeof text;
	if (callkey_participant_id(text, &n, BOB) != CALLKEY_ERR_FORKED || n != 0)
		return 4;
	n = sizeof text;
	if (callkey_last_error(text, &n) != CALLKEY_ERR_FORKED || n != 0)
		return 5;
	/* In the child even a call with NULL returns FORKED. */
	if (callkey_generate(NULL) != CALLKEY_ERR_FORKED)
		return 6;
	/* Functions that need no runtime work. */
	callkey_wipe(key, sizeof key);
	for (i = 0; i < sizeof key; i++)
		if (key[i] != 0)
			return 7;
	if (callkey_abi_version() != CALLKEY_ABI_VERSION || callkey_key_bytes() != 32 ||
	    strcmp(callkey_status_name(CALLKEY_ERR_FORKED), "CALLKEY_ERR_FORKED") != 0)
		return 8;
	return 0;
}

static void wait_for(pid_t child)
{
	int status = -1;

	REQUIRE(child > 0);
	REQUIRE(waitpid(child, &status, 0) == child);
	EXPECT(!WIFSIGNALED(status)); /* SIGALRM: it hung */
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 100 &&
	    WEXITSTATUS(status) - 100 < (int)every_count)
		test_fail(__FILE__, __LINE__, "%s", every_calls[WEXITSTATUS(status) - 100].name);
	else
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void child(void)
{
	pid_t pid;
	size_t i;

	REQUIRE_OK(every_prepare());
	pid = fork();
	if (pid == 0)
		_exit(in_child());
	wait_for(pid);
	for (i = 0; i < every_count; i++)
		EXPECT_OK(every_calls[i].call(every_store(&every_calls[i])));
	every_done();
}

static void grandchild(void)
{
	pid_t pid;

	REQUIRE_OK(every_prepare());
	pid = fork();
	if (pid == 0) {
		int status = -1;
		pid = fork();
		if (pid == 0)
			_exit(in_child());
		_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	wait_for(pid);
	EXPECT_OK(callkey_selftest());
	every_done();
}

/* The command that starts this program again: the emulator from RUNNER, the program and one
 * argument. */
static char *again[16];

static void fresh_program(void)
{
	pid_t pid = fork();

	/* The header tells a child to exec: it runs this program again, in its other role. */
	if (pid == 0) {
		execvp(again[0], again);
		_exit(98);
	}
	wait_for(pid);
}

static const test tests[] = {
	{"child", "a server that forks hangs, or parent and child use the same message keys", child},
	{"grandchild", "a child's child is mistaken for the parent", grandchild},
	{"fresh program", "the documented way to use the library after fork does not work", fresh_program},
};

int main(int argc, char **argv)
{
	char *runner = getenv("RUNNER"), *word;
	size_t i = 0;

	if (argc > 1 && strcmp(argv[1], "after-exec") == 0)
		return callkey_selftest() == CALLKEY_OK ? 0 : 97;
	if (runner != NULL)
		for (word = strtok(runner, " "); word != NULL && i < COUNT(again) - 3;
		     word = strtok(NULL, " "))
			again[i++] = word;
	again[i] = argv[0];
	again[i + 1] = "after-exec";
	return test_main(argv[0], tests, COUNT(tests));
}
