/* inherited FOLDER ROUNDS: an app is killed in the middle of a call, and a child that it forked earlier
 * stays alive. The child has copies of all descriptors, but the store must not stay locked. */
#include <callkey.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {7};

static void fail(const char *what, callkey_status status)
{
	fprintf(stderr, "%s: %s\n", what, callkey_status_name(status));
	exit(1);
}

static callkey_store opened(const char *path, uint32_t busy_ms)
{
	callkey_store_options options = CALLKEY_STORE_OPTIONS_INIT;
	callkey_store store;
	callkey_status status;

	options.busy_ms = busy_ms;
	status = callkey_store_open(&store, path, storage_key, sizeof storage_key, &options);
	if (status != CALLKEY_OK)
		fail("open", status);
	return store;
}

/* Commits until it is killed. Its child only waits for the end of the pipe life. */
static int app(const char *path, int calls, int life)
{
	callkey_store store = opened(path, 60000);
	callkey_signed_prekey prekey;
	callkey_status status;
	char byte;

	if (fork() == 0) {
		close(calls);
		_exit(read(life, &byte, 1) == 0 ? 0 : 1);
	}
	for (;;) {
		if ((status = callkey_store_rotate_signed_prekey(store, &prekey)) != CALLKEY_OK)
			fail("a call", status);
		if (write(calls, "", 1) != 1)
			return 1;
	}
}

/* Another app on the same store. */
static int check(const char *path)
{
	callkey_store store = opened(path, 2000);
	callkey_signed_prekey prekey;
	callkey_status status = callkey_store_rotate_signed_prekey(store, &prekey);

	if (status != CALLKEY_OK)
		fail("after the kill", status);
	return callkey_store_close(store) == CALLKEY_OK ? 0 : 1;
}

/* A program that forks must not have used the library before, so each of the two is a new process. */
static pid_t started(const char *what, const char *path, int calls, int life, int other)
{
	char calls_text[16], life_text[16];
	pid_t pid = fork();

	if (pid == 0) {
		close(other);
		snprintf(calls_text, sizeof calls_text, "%d", calls);
		snprintf(life_text, sizeof life_text, "%d", life);
		execl("/proc/self/exe", "inherited", what, path, calls_text, life_text, (char *)NULL);
		_exit(127);
	}
	return pid;
}

int main(int argc, char **argv)
{
	int rounds, round;
	char path[4096], byte;

	if (argc == 5)
		return strcmp(argv[1], "app") == 0 ? app(argv[2], atoi(argv[3]), atoi(argv[4])) : check(argv[2]);
	if (argc != 3)
		return 2;
	rounds = atoi(argv[2]);
	snprintf(path, sizeof path, "%s/inherited", argv[1]);
	for (round = 0; round < rounds; round++) {
		int calls[2], life[2], ended;
		pid_t killed;

		if (pipe(calls) != 0 || pipe(life) != 0)
			return 1;
		killed = started("app", path, calls[1], life[0], life[1]);
		if (read(calls[0], &byte, 1) != 1)
			return 1;
		usleep((useconds_t)(round * 137 % 4000));
		kill(killed, SIGKILL);
		waitpid(killed, NULL, 0);
		waitpid(started("check", path, calls[1], life[0], life[1]), &ended, 0);
		if (ended != 0)
			return 1;
		close(life[1]); /* the child has been alive until now */
		close(life[0]);
		close(calls[0]);
		close(calls[1]);
	}
	printf("%d\n", rounds);
	return 0;
}
