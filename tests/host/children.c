/* Children made in every way. In each child every function with a status must return FORKED at once, or
 * the child runs another program; the parent must keep working.
 *
 * The program runs itself again if a test needs a new process: its first argument is the role. */
#define _GNU_SOURCE
#include "every.h"
#include "folder.h"
#include "pair.h"
#include "test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#  define MADV_WIPEONFORK 18
#endif
#define TIMES 10

static char *program;

/* ---- Ways to make a child: each returns twice, like fork. ---- */

static pid_t by_fork(void) { return fork(); }

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
static pid_t by_Fork(void) { return _Fork(); }
#endif

#ifdef SYS_fork
static pid_t by_fork_call(void) { return syscall(SYS_fork); }
#endif

static pid_t by_clone(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }

/* 0 if the kernel does not have this call: then there is no such child. */
static pid_t by_clone3(void)
{
	struct clone_args how = {.exit_signal = SIGCHLD};
	return syscall(SYS_clone3, &how, sizeof how);
}

/* The child needs the terminal's other side until it has ended. */
static pid_t by_forkpty(void)
{
	static int terminal = -1;

	if (terminal >= 0)
		close(terminal);
	return forkpty(&terminal, NULL, NULL, NULL);
}

static const struct birth {
	const char *name;
	pid_t (*make)(void);
	int tells; /* pthread_atfork handlers run */
} births[] = {
	{"fork", by_fork, 1},
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
	{"_Fork", by_Fork, 0},
#endif
#ifdef SYS_fork
	{"SYS_fork", by_fork_call, 0},
#endif
	{"SYS_clone", by_clone, 0},
	{"SYS_clone3", by_clone3, 0},
	{"forkpty", by_forkpty, 1},
};

/* ---- The child's checks ---- */

/* 0, or the number of the failed step. It allocates nothing: another thread of the parent may have held
 * the allocator's lock. */
static int refused(void)
{
	callkey_srtp_keys keys;
	uint8_t key[CALLKEY_KEY_BYTES] = {1};
	char text[64];
	size_t i, n = sizeof text;

	alarm(20);
	for (i = 0; i < every_count; i++)
		if (every_calls[i].call(every_store(&every_calls[i])) != CALLKEY_ERR_FORKED)
			return 100 + (int)i;
	memset(&keys, 0x5a, sizeof keys);
	if (callkey_derive_e2e_keys(&keys, key, sizeof key, BOB) != CALLKEY_ERR_FORKED)
		return 1;
	for (i = 0; i < sizeof keys; i++)
		if (((unsigned char *)&keys)[i] != 0)
			return 2;
	if (callkey_last_error(text, &n) != CALLKEY_ERR_FORKED || n != 0)
		return 3;
	callkey_wipe(key, sizeof key);
	return key[0] != 0 || callkey_abi_version() != CALLKEY_ABI_VERSION ? 4 : 0;
}

static int ended(pid_t child)
{
	int status = -1;

	if (child <= 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int expect_refused(const char *what, pid_t child)
{
	int result = ended(child);

	if (result == 1000 + SIGALRM)
		test_fail(__FILE__, __LINE__, "%s: the child hung", what);
	else if (result >= 100 && result - 100 < (int)every_count)
		test_fail(__FILE__, __LINE__, "%s: %s works in the child", what, every_calls[result - 100].name);
	else if (result != 0)
		test_fail(__FILE__, __LINE__, "%s: the child ended with %d", what, result);
	return result == 0;
}

static int each_birth(const struct birth *b)
{
	pid_t child = b->make();

	if (child == 0)
		_exit(refused());
	return expect_refused(b->name, child);
}

/* ---- Tests ---- */

static atomic_int stop;
static pair busy_pair;

static void *busy(void *unused)
{
	sealed enc;
	callkey_store s;

	while (!stop) {
		EXPECT_OK(pair_seal(&busy_pair, &enc));
		EXPECT_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
		EXPECT_OK(callkey_store_close(s));
	}
	return unused;
}

static void while_others_call(void)
{
	pthread_t threads[3];
	size_t i, k;

	stop = 0;
	REQUIRE_OK(pair_open(&busy_pair));
	for (i = 0; i < COUNT(threads); i++)
		REQUIRE(pthread_create(&threads[i], NULL, busy, NULL) == 0);
	for (i = 0; i < COUNT(births); i++)
		for (k = 0; k < TIMES && each_birth(&births[i]); k++)
			;
	stop = 1;
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	pair_close(&busy_pair);
}

static void *bear(void *unused)
{
	size_t i;

	for (i = 0; i < COUNT(births); i++)
		each_birth(&births[i]);
	return unused;
}

static void from_a_thread(void)
{
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, bear, NULL) == 0);
	pthread_join(thread, NULL);
}

static void grandchildren(void)
{
	size_t i, k;

	for (i = 0; i < COUNT(births); i++)
		for (k = 0; k < COUNT(births); k++) {
			pid_t child = births[i].make();
			if (child == 0) {
				pid_t second = births[k].make();
				if (second == 0)
					_exit(refused());
				_exit(ended(second));
			}
			expect_refused(births[k].name, child);
		}
}

static int refused_on(void *unused)
{
	(void)unused;
	_exit(refused());
}

static char child_stack[256 * 1024] __attribute__((aligned(16)));

static void cloned_to_a_stack(void)
{
	expect_refused("clone", clone(refused_on, child_stack + sizeof child_stack, SIGCHLD, NULL));
}

static int run_again(void *role)
{
	execl(program, program, (char *)role, (char *)NULL);
	_exit(98);
}

static void other_programs(void)
{
	extern char **environ;
	char *words[] = {program, "works", NULL}, command[4200];
	FILE *answer;
	pid_t child;

	child = vfork();
	if (child == 0) {
		execv(program, words);
		_exit(98);
	}
	EXPECT(ended(child) == 0);
	child = clone(run_again, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, "works");
	EXPECT(ended(child) == 0);
	child = 0;
	EXPECT(posix_spawn(&child, program, NULL, NULL, words, environ) == 0 && ended(child) == 0);
	snprintf(command, sizeof command, "'%s' works", program);
	EXPECT(system(command) == 0);
	answer = popen(command, "r");
	REQUIRE(answer != NULL);
	EXPECT(fgetc(answer) == EOF);
	EXPECT(pclose(answer) == 0);
}

/* The program in another role. */
static void role(char *name)
{
	pid_t child = fork();
	int result;

	if (child == 0)
		run_again(name);
	result = ended(child);
	if (result != 0)
		test_fail(__FILE__, __LINE__, "%s ended with %d", name, result);
}

/* A child that outlives its parent has the parent's descriptors, and with them its locks. */
static void files_of_a_child(void)
{
	static const uint8_t key[CALLKEY_STORAGE_KEY_BYTES] = {1};
	callkey_prekey prekey;
	callkey_store s;
	char path[512], byte;
	int closes;

	for (closes = 0; closes < 2; closes++) {
		int living[2], told[2];
		pid_t parent;
		REQUIRE(pipe(living) == 0 && pipe(told) == 0);
		folder_path(path, sizeof path, closes ? "closed" : "killed");
		parent = fork();
		if (parent == 0) {
			close(living[1]);
			close(told[0]);
			dup2(living[0], 0);
			dup2(told[1], 1);
			execl(program, program, "leaves-a-child", path, closes ? "closes" : "dies", (char *)NULL);
			_exit(98);
		}
		close(living[0]);
		close(told[1]);
		EXPECT(read(told[0], &byte, 1) == 1 && byte == 'c');
		EXPECT(closes ? ended(parent) == 0 : ended(parent) == 1000 + SIGKILL);
		EXPECT_OK(callkey_store_open(&s, path, key, sizeof key, NULL));
		EXPECT_OK(callkey_store_add_prekeys(s, &prekey, 1));
		EXPECT_OK(callkey_store_close(s));
		close(living[1]); /* the child ends */
		close(told[0]);
	}
}

static void from_a_child(void) { role("works"); }
static void before_the_first_call(void) { role("untouched"); }
static void daemons(void) { role("daemon"); }
static void old_kernel(void) { role("old-kernel"); }

/* Last, because each function can succeed only once. */
static void parent(void)
{
	size_t i;

	for (i = 0; i < every_count; i++)
		EXPECT_OK(every_calls[i].call(every_store(&every_calls[i])));
	every_done();
}

static const test tests[] = {
	{"while others call", "a child hangs, or child and parent use the same message keys", while_others_call},
	{"from a thread", "a thread that never called the library makes children that hang", from_a_thread},
	{"grandchildren", "a child's child is mistaken for the parent", grandchildren},
	{"cloned to a stack", "a child on its own stack hangs", cloned_to_a_stack},
	{"other programs", "a host cannot start a program, or the program cannot use the library", other_programs},
	{"files of a child", "a store can't be used until the last child of a dead process has ended", files_of_a_child},
	{"from a child", "the documented way to use the library after fork does not work", from_a_child},
	{"before the first call", "the workers of a server that forks them first hang", before_the_first_call},
	{"daemons", "a daemon hangs because the library was used before daemon()", daemons},
	{"old kernel", "on a kernel that does not wipe the page, a fork is not noticed", old_kernel},
	{"parent", "the parent is broken after its children", parent},
};

/* ---- Roles ---- */

/* A child made in each way, or only in those that run pthread_atfork handlers. Returns 0, or the exit
 * status of a child that failed. */
static int each_is_refused(int told)
{
	size_t i;

	for (i = 0; i < COUNT(births); i++) {
		pid_t child;
		int result;
		if (told && !births[i].tells)
			continue;
		if ((child = births[i].make()) == 0)
			_exit(refused());
		if ((result = ended(child)) != 0)
			return result < 256 ? result : 96;
	}
	return 0;
}

/* Before any call. */
static int untouched(void)
{
	int result = each_is_refused(0);

	if (result != 0)
		return result;
	return callkey_selftest() == CALLKEY_OK ? 0 : 97;
}

/* Opens a store and makes a child; then closes the store, or dies. */
static int leaves_a_child(const char *path, int closes)
{
	static const uint8_t key[CALLKEY_STORAGE_KEY_BYTES] = {1};
	callkey_prekey prekey;
	callkey_store s;
	char byte;

	if (callkey_store_open(&s, path, key, sizeof key, NULL) != CALLKEY_OK ||
	    callkey_store_add_prekeys(s, &prekey, 1) != CALLKEY_OK)
		return 89;
	if (fork() == 0)
		_exit(write(1, "c", 1) == 1 && read(0, &byte, 1) == 0 ? 0 : 1);
	if (!closes)
		raise(SIGKILL);
	return callkey_store_close(s) == CALLKEY_OK ? 0 : 88;
}

static int as_daemon(void)
{
	int answer[2], result = 95;

	if (every_prepare() != CALLKEY_OK || pipe(answer) != 0)
		return 94;
	switch (fork()) {
	case 0: /* a new program, in which the library works */
		break;
	default:
		close(answer[1]);
		if (read(answer[0], &result, sizeof result) != sizeof result)
			result = 93;
		every_done();
		return result;
	}
	if (daemon(1, 1) == 0) {
		result = refused();
		if (write(answer[1], &result, sizeof result) != sizeof result)
			_exit(1);
	}
	_exit(0);
}

/* A kernel before 4.14 has no MADV_WIPEONFORK: only a child that runs pthread_atfork handlers is
 * noticed. */
static int on_old_kernel(int prepared)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_WIPEONFORK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 22 /* EINVAL */),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {COUNT(steps), steps};
	int result;

	if (!prepared) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
			return 92;
		return run_again("on-old-kernel");
	}
	if (madvise(child_stack, 0, MADV_WIPEONFORK) == 0)
		return 91;
	if (every_prepare() != CALLKEY_OK)
		return 90;
	if ((result = each_is_refused(1)) != 0)
		return result;
	every_done();
	return callkey_selftest() == CALLKEY_OK ? 0 : 97;
}

int main(int argc, char **argv)
{
	const char *as = argc > 1 ? argv[1] : "";

	program = argv[0];
	if (strcmp(as, "works") == 0)
		return callkey_selftest() == CALLKEY_OK ? 0 : 97;
	if (strcmp(as, "untouched") == 0)
		return untouched();
	if (strcmp(as, "leaves-a-child") == 0 && argc == 4)
		return leaves_a_child(argv[2], strcmp(argv[3], "closes") == 0);
	if (strcmp(as, "daemon") == 0)
		return as_daemon();
	if (strcmp(as, "old-kernel") == 0 || strcmp(as, "on-old-kernel") == 0)
		return on_old_kernel(strcmp(as, "on-old-kernel") == 0);
	if (every_prepare() != CALLKEY_OK) {
		fprintf(stderr, "the calls could not be prepared\n");
		return 1;
	}
	return test_main(argv[0], tests, COUNT(tests));
}
