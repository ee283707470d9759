/* Rare cases of the library's calls, for the test of its system calls.
 *
 * seccomp_rare hold FILE    opens a store, takes the writer's lock, and waits for the end of stdin
 * seccomp_rare FILE NEW     finds that store locked, and creates one at NEW with a limit on file sizes
 */
#define _GNU_SOURCE
#include "pair.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "not so: %s\n", #condition); return 1; } } while (0)


static const uint8_t key[CALLKEY_STORAGE_KEY_BYTES] = {1};

static int hold(const char *path)
{
	char index[512], byte;
	/* sqlite.org/walformat.html#locks */
	struct flock writer = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
	callkey_store s;
	int fd;

	EXPECT(callkey_store_open(&s, path, key, sizeof key, NULL) == CALLKEY_OK);
	snprintf(index, sizeof index, "%s-shm", path);
	EXPECT((fd = open(index, O_RDWR)) >= 0 && fcntl(fd, F_SETLK, &writer) == 0);
	EXPECT(write(1, "held\n", 5) == 5);
	return (int)read(0, &byte, 1);
}

/* An offer to many devices from a store in a file: it uses all processors and large blocks. */
static int fan_out(const char *path)
{
	pair p, in_file;

	EXPECT(pair_open(&p) == CALLKEY_OK);
	in_file = p;
	EXPECT(callkey_store_open(&in_file.caller, path, key, sizeof key, NULL) == CALLKEY_OK);
	EXPECT(pair_fan_out(&in_file, 400) == CALLKEY_OK);
	EXPECT(callkey_store_close(in_file.caller) == CALLKEY_OK);
	pair_close(&p);
	return 0;
}

int main(int argc, char **argv)
{
	const callkey_store_options quick = {sizeof quick, 0, 300};
	struct rlimit nothing = {0, RLIM_INFINITY};
	callkey_store s;

	EXPECT(argc == 3);
	if (strcmp(argv[1], "hold") == 0)
		return hold(argv[2]);
	EXPECT(callkey_store_open(&s, argv[1], key, sizeof key, &quick) == CALLKEY_ERR_BUSY);
	EXPECT(fan_out(argv[2]) == 0);
	EXPECT(unlink(argv[2]) == 0);
	signal(SIGXFSZ, SIG_IGN);
	EXPECT(setrlimit(RLIMIT_FSIZE, &nothing) == 0);
	EXPECT(callkey_store_open(&s, argv[2], key, sizeof key, &quick) == CALLKEY_ERR_STORE);
	EXPECT(access(argv[2], F_OK) != 0);
	nothing.rlim_cur = RLIM_INFINITY;
	EXPECT(setrlimit(RLIMIT_FSIZE, &nothing) == 0);
	return 0;
}
