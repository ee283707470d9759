/* limits KIND FOLDER: a host with resource limits. The exit status is 0 if the library does what
 * docs/host.md promises. */
#define _GNU_SOURCE
#include "every.h"
#include "pair.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "%s: not so: %s\n", kind, #condition); exit(1); } } while (0)

static const char *kind;
static char path[512];
static const uint8_t key[CALLKEY_STORAGE_KEY_BYTES] = {1};

static int limit(int resource, rlim_t soft)
{
	struct rlimit r;

	return getrlimit(resource, &r) == 0 && (r.rlim_cur = soft, setrlimit(resource, &r)) == 0;
}

static rlim_t soft_limit(int resource)
{
	struct rlimit r;

	return getrlimit(resource, &r) == 0 ? r.rlim_cur : 0;
}

static void every(void)
{
	size_t i;

	EXPECT(every_prepare() == CALLKEY_OK);
	for (i = 0; i < every_count; i++)
		EXPECT(every_calls[i].call(every_store(&every_calls[i])) == CALLKEY_OK);
	every_done();
}

/* ---- Loading under a limit that the shell has set ---- */

static void refused(const char *word)
{
	uint8_t out[CALLKEY_KEY_BYTES];
	char text[512];
	size_t n = sizeof text;

	EXPECT(callkey_generate(out) == CALLKEY_ERR_INTERNAL);
	EXPECT(callkey_selftest() == CALLKEY_ERR_INTERNAL);
	EXPECT(callkey_last_error(text, &n) == CALLKEY_OK && strstr(text, word) != NULL);
}

/* Starts the program again in a sandbox that refuses every new thread, like the kernel over
 * RLIMIT_NPROC. */
static void alone(const char *program, const char *folder)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 11 /* EAGAIN */),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};

	EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
	execl(program, program, "no-thread", folder, (char *)NULL);
	EXPECT(0);
}

/* ---- Open files ---- */

static size_t kept(callkey_store s)
{
	size_t n = 0;
	callkey_status status = callkey_store_unpublished(s, NULL, &n);

	EXPECT(status == CALLKEY_OK || status == CALLKEY_ERR_BUFFER);
	return n;
}

static int lowest(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* With every number of free descriptors a call works or returns STORE, and nothing is lost. */
static void files(void)
{
	rlim_t before = soft_limit(RLIMIT_NOFILE);
	int free_files, worked = 0, failed = 0, added = 0;
	callkey_prekey prekey;
	callkey_status status;
	callkey_store s;
	size_t before_all;

	EXPECT(callkey_selftest() == CALLKEY_OK && soft_limit(RLIMIT_NOFILE) == before);
	EXPECT(callkey_store_open(&s, path, key, sizeof key, NULL) == CALLKEY_OK);
	before_all = kept(s);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	for (free_files = 0; free_files < 12; free_files++) {
		EXPECT(limit(RLIMIT_NOFILE, (rlim_t)(lowest() + free_files)));
		status = callkey_store_open(&s, path, key, sizeof key, NULL);
		EXPECT(status == CALLKEY_OK || status == CALLKEY_ERR_STORE);
		if (status != CALLKEY_OK) {
			failed++;
			continue;
		}
		worked++;
		status = callkey_store_add_prekeys(s, &prekey, 1);
		EXPECT(status == CALLKEY_OK || status == CALLKEY_ERR_STORE);
		added += status == CALLKEY_OK;
		EXPECT(callkey_store_close(s) == CALLKEY_OK);
	}
	EXPECT(worked > 0 && failed > 0);
	EXPECT(limit(RLIMIT_NOFILE, before));
	EXPECT(callkey_store_open(&s, path, key, sizeof key, NULL) == CALLKEY_OK);
	EXPECT(kept(s) == before_all + (size_t)added);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	printf("a file store opens with %d descriptors", failed);
}

/* ---- Sizes of files ---- */

/* A write over the limit raises SIGXFSZ, which by default ends the process. The host must get a status,
 * and the store must keep its contents. */
static void sizes(void)
{
	callkey_prekey prekeys[256];
	callkey_status status = CALLKEY_OK;
	callkey_store s;
	size_t before_all, added = 0;
	sigset_t pending;
	char other[sizeof path + 16];

	EXPECT(callkey_store_open(&s, path, key, sizeof key, NULL) == CALLKEY_OK);
	before_all = kept(s);
	EXPECT(limit(RLIMIT_FSIZE, 100000));
	while (status == CALLKEY_OK && added < 100000) {
		status = callkey_store_add_prekeys(s, prekeys, 256);
		added += status == CALLKEY_OK ? 256 : 0;
	}
	EXPECT(status == CALLKEY_ERR_STORE);
	EXPECT(sigpending(&pending) == 0 && !sigismember(&pending, SIGXFSZ));
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	EXPECT(limit(RLIMIT_FSIZE, 1000));
	snprintf(other, sizeof other, "%s-other", path);
	EXPECT(callkey_store_open(&s, other, key, sizeof key, NULL) == CALLKEY_ERR_STORE);
	EXPECT(sigpending(&pending) == 0 && !sigismember(&pending, SIGXFSZ));
	EXPECT(limit(RLIMIT_FSIZE, RLIM_INFINITY));
	EXPECT(callkey_store_open(&s, path, key, sizeof key, NULL) == CALLKEY_OK);
	EXPECT(kept(s) == before_all + added);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
}

/* ---- Threads ---- */

#define HOST_THREADS 64

static int threads(void)
{
	char line[256];
	int n = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "Threads:", 8) == 0)
			n = atoi(line + 8);
	if (f != NULL)
		fclose(f);
	return n;
}

static void *work(void *number)
{
	char own[600];
	callkey_prekey prekeys[8];
	callkey_store s;
	int i;

	for (i = 0; i < 5; i++) {
		snprintf(own, sizeof own, "%s-%d-%d", path, *(int *)number, i);
		EXPECT(callkey_store_open(&s, own, key, sizeof key, NULL) == CALLKEY_OK);
		EXPECT(callkey_store_add_prekeys(s, prekeys, 8) == CALLKEY_OK);
		EXPECT(callkey_store_close(s) == CALLKEY_OK);
		EXPECT(unlink(own) == 0);
	}
	return NULL;
}

/* Threads of the library never end, so their number is largest at the end. */
static void own_threads(void)
{
	pthread_t hosts[HOST_THREADS];
	int numbers[HOST_THREADS], i, own, processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
	pair p;

	every();
	EXPECT(pair_open(&p) == CALLKEY_OK && pair_fan_out(&p, PAIR_DEVICES) == CALLKEY_OK);
	pair_close(&p);
	for (i = 0; i < HOST_THREADS; i++) {
		numbers[i] = i;
		EXPECT(pthread_create(&hosts[i], NULL, work, &numbers[i]) == 0);
	}
	for (i = 0; i < HOST_THREADS; i++)
		EXPECT(pthread_join(hosts[i], NULL) == 0);
	own = threads() - 1;
	EXPECT(own <= 16 + 2 * processors);
	printf("%d threads of its own on %d processors", own, processors);
}

int main(int argc, char **argv)
{
	kind = argc > 2 ? argv[1] : "usage";
	EXPECT(argc > 2);
	snprintf(path, sizeof path, "%s/%s", argv[2], kind);
	if (strcmp(kind, "works") == 0)
		every();
	else if (strcmp(kind, "space") == 0)
		refused("address space");
	else if (strcmp(kind, "alone") == 0)
		alone(argv[0], argv[2]);
	else if (strcmp(kind, "no-thread") == 0)
		refused("no thread");
	else if (strcmp(kind, "files") == 0)
		files();
	else if (strcmp(kind, "sizes") == 0)
		sizes();
	else
		own_threads();
	return 0;
}
