/* All functions on small stacks.
 *
 * stack FOLDER      prints the deepest use of the stack by a call, in threads of 32 KB and in coroutines
 *                   of 64 KB; its files go into FOLDER, which is empty
 * stack below BYTES FILE
 *                   calls with so small a stack that the process must end, and keeps the memory under
 *                   the stack's guard page in FILE
 */
#define _GNU_SOURCE
#include "every.h"
#include "pair.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "not so: %s\n", #condition); exit(1); } } while (0)

#define THREAD_BYTES (32 << 10)
#define COROUTINE_BYTES (64 << 10)
#define UNDER_BYTES (64 << 10)
#define PAINT 0xa5

static size_t page;
static size_t deepest;
static const char *dearest = "";

/* ---- Calls ---- */

static const every_call *next;
static const char *file_path;

/* A store in a file, from its first to its last call, which every_calls lacks. */
static void file_store(void)
{
	static const uint8_t key[CALLKEY_STORAGE_KEY_BYTES] = {1};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t out[512], call_key[CALLKEY_KEY_BYTES];
	size_t n = sizeof out;
	uint32_t type;
	callkey_store a, b;

	EXPECT(callkey_store_open(&a, file_path, key, sizeof key, NULL) == CALLKEY_OK);
	EXPECT(callkey_store_open(&b, NULL, NULL, 0, NULL) == CALLKEY_OK);
	EXPECT(callkey_generate(call_key) == CALLKEY_OK);
	EXPECT(callkey_store_take_bundle(b, &bundle) == CALLKEY_OK);
	EXPECT(callkey_session_begin(a, BOB, &bundle) == CALLKEY_OK);
	EXPECT(callkey_enc_seal(a, out, &n, &type, BOB, call_key, sizeof call_key) == CALLKEY_OK);
	EXPECT(callkey_enc_open(b, call_key, ALICE, type, 2, out, n) == CALLKEY_OK);
	EXPECT(callkey_store_close(a) == CALLKEY_OK && callkey_store_close(b) == CALLKEY_OK);
	EXPECT(unlink(file_path) == 0);
}

static void *call(void *unused)
{
	if (next != NULL)
		EXPECT(next->call(every_store(next)) == CALLKEY_OK);
	else
		file_store();
	return unused;
}

/* ---- Stacks ---- */

/* size bytes with a guard page under them. */
static unsigned char *guarded(size_t size)
{
	unsigned char *memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(memory != MAP_FAILED && mprotect(memory, page, PROT_NONE) == 0);
	memset(memory + page, PAINT, size);
	return memory + page;
}

static void measure(unsigned char *stack, size_t size)
{
	size_t untouched = 0;

	while (untouched < size && stack[untouched] == PAINT)
		untouched++;
	if (size - untouched > deepest) {
		deepest = size - untouched;
		dearest = next != NULL ? next->name : "a store in a file";
	}
	EXPECT(munmap(stack - page, page + size) == 0);
}

static void in_thread(void)
{
	unsigned char *stack = guarded(THREAD_BYTES);
	pthread_attr_t attributes;
	pthread_t thread;

	EXPECT(pthread_attr_init(&attributes) == 0 && pthread_attr_setstack(&attributes, stack, THREAD_BYTES) == 0);
	EXPECT(pthread_create(&thread, &attributes, call, NULL) == 0 && pthread_join(thread, NULL) == 0);
	measure(stack, THREAD_BYTES);
}

static void coroutine(void)
{
	call(NULL);
}

static void in_coroutine(void)
{
	unsigned char *stack = guarded(COROUTINE_BYTES);
	ucontext_t here, there;

	EXPECT(getcontext(&there) == 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = COROUTINE_BYTES;
	there.uc_link = &here;
	makecontext(&there, coroutine, 0);
	EXPECT(swapcontext(&here, &there) == 0);
	measure(stack, COROUTINE_BYTES);
}

static void each(void (*on)(void))
{
	size_t i;

	EXPECT(every_prepare() == CALLKEY_OK);
	next = NULL;
	on();
	for (i = 0; i < every_count; i++) {
		next = &every_calls[i];
		on();
	}
	every_done();
}

/* A coroutine of a thread that the library does not know, and of one that it does. */
static void *in_coroutines(void *unused)
{
	each(in_coroutine);
	return unused;
}

/* ---- Too small ---- */

/* memory is [memory under the stack][guard page][stack]. The call must not return, and must not write
 * below the guard page. */
static void below(size_t size, const char *path)
{
	int fd = open(path, O_RDWR);
	unsigned char *memory = mmap(NULL, UNDER_BYTES + page + COROUTINE_BYTES, PROT_READ | PROT_WRITE,
	                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ucontext_t here, there;

	EXPECT(fd >= 0 && memory != MAP_FAILED);
	EXPECT(mmap(memory, UNDER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == memory);
	EXPECT(mprotect(memory + UNDER_BYTES, page, PROT_NONE) == 0);
	EXPECT(getcontext(&there) == 0);
	there.uc_stack.ss_sp = memory + UNDER_BYTES + page;
	there.uc_stack.ss_size = size;
	there.uc_link = &here;
	makecontext(&there, coroutine, 0);
	swapcontext(&here, &there);
	_exit(0);
}

/* The number of sizes that were too small. */
static int too_small(const char *program, const char *folder)
{
	static unsigned char under[UNDER_BYTES];
	char path[512], words[16];
	int fd, ended = 0, status;
	size_t size, i;

	snprintf(path, sizeof path, "%s/under", folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	EXPECT(fd >= 0);
	for (size = 1024; size <= 12 << 10; size += 512) {
		pid_t child;
		memset(under, PAINT, sizeof under);
		EXPECT(pwrite(fd, under, sizeof under, 0) == (ssize_t)sizeof under);
		child = fork();
		if (child == 0) {
			int nowhere = open("/dev/null", O_WRONLY);
			dup2(nowhere, 2);
			snprintf(words, sizeof words, "%zu", size);
			execl(program, program, "below", words, path, (char *)NULL);
			_exit(98);
		}
		EXPECT(waitpid(child, &status, 0) == child);
		/* Go ends the process with 2 after some faults on its system stack. */
		EXPECT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
		ended += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		EXPECT(pread(fd, under, sizeof under, 0) == (ssize_t)sizeof under);
		for (i = 0; i < sizeof under; i++)
			EXPECT(under[i] == PAINT);
	}
	close(fd);
	return ended;
}

int main(int argc, char **argv)
{
	char store[512];
	pthread_t thread;
	int ended;

	page = (size_t)sysconf(_SC_PAGESIZE);
	file_path = store;
	if (argc == 4 && strcmp(argv[1], "below") == 0) {
		snprintf(store, sizeof store, "%s.store", argv[3]);
		unlink(store);
		below((size_t)atoi(argv[2]), argv[3]);
	}
	EXPECT(argc == 2);
	snprintf(store, sizeof store, "%s/store", argv[1]);
	each(in_thread);
	printf("in a thread of %d KB a call takes at most %zu bytes of its stack (%s)", THREAD_BYTES >> 10, deepest, dearest);
	deepest = 0;
	EXPECT(pthread_create(&thread, NULL, in_coroutines, NULL) == 0 && pthread_join(thread, NULL) == 0);
	each(in_coroutine);
	printf(", in a coroutine of %d KB %zu", COROUTINE_BYTES >> 10, deepest);
	ended = too_small(argv[0], argv[1]);
	EXPECT(ended > 0);
	printf("; %d smaller stacks ended the process at their guard page and nothing was written under it\n", ended);
	return 0;
}
