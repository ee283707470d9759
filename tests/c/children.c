/* fork: the child gets CALLKEY_ERR_FORKED from every call, at once; the parent goes on. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child nothing may be printed or counted; the exit status says which step failed. */
static int in_child(void)
{
	callkey_srtp_keys keys;
	callkey_store s = 9;
	char text[64];
	uint8_t key[CALLKEY_KEY_BYTES];
	size_t i, n;

	/* A call that waits for the runtime would wait for ever. */
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
	/* NULL is refused no differently there, and no faster. */
	if (callkey_generate(NULL) != CALLKEY_ERR_FORKED)
		return 6;
	/* What needs no runtime works. */
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

/* How to start this program again: an emulator's words from RUNNER, then its name and one
 * argument. */
static char *again[16];

static void fresh_program(void)
{
	pid_t pid = fork();

	/* exec is what the header tells a child to do: this program again, in its other role. */
	if (pid == 0) {
		execvp(again[0], again);
		_exit(98);
	}
	wait_for(pid);
}

static const test tests[] = {
	{"child", "a server that forks hangs, or its child and it send the same ratchet twice", child},
	{"grandchild", "the child of a child is taken for the parent", grandchild},
	{"fresh program", "the documented way out of a fork is none", fresh_program},
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
