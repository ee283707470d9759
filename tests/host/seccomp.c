/* Runs a program under a list of system calls: seccomp FOLDER PROGRAM.so [ARGUMENT...]
 *
 * The program is a shared object with a main. It and the library are loaded after the filter is in force,
 * so the filter applies to loading too. A call on the lists is allowed. Any other call goes to a thread
 * outside the filter, which ends the process with a line that names the call. Without -seen the kernel
 * itself allows calls on the lists; with -seen FILE in front, each goes to that thread first, which adds
 * the names of the calls made to FILE.
 *
 * seccomp.py makes names.h from the lists: NAMES has a row for each call in docs/seccomp.txt, HOST for the
 * calls that only the tests make. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} calls[] = {
#define CALL(name) {#name, SYS_##name},
#include "names.h"
};

#define COUNT ((int)(sizeof calls / sizeof *calls))

static unsigned char seen[COUNT];
static atomic_int listener = -1, result = -1;
static const char *program_name;
static int report; /* stderr: the C tests send 2 to a file */

static void give_up(const char *what)
{
	perror(what);
	_exit(2);
}

static int place(int number)
{
	int i;

	for (i = 0; i < COUNT && calls[i].number != number; i++)
		;
	return i;
}

static void note(const char *path)
{
	FILE *f = fopen(path, "a");
	int i;

	if (f == NULL)
		give_up(path);
	for (i = 0; i < COUNT; i++)
		if (seen[i])
			fprintf(f, "%s\n", calls[i].name);
	if (fclose(f) != 0)
		give_up(path);
}

/* The thread outside the filter, until the program ends. */
static void *watch(void *names)
{
	struct seccomp_notif *asked = calloc(1, 1024);
	struct seccomp_notif_resp *answer = calloc(1, 1024);
	int i;

	while (listener < 0) /* the filtered thread cannot wake this one */
		sched_yield();
	while (result < 0) {
		struct pollfd ready = {listener, POLLIN, 0};
		if (poll(&ready, 1, 10) != 1)
			continue;
		memset(asked, 0, 1024);
		memset(answer, 0, 1024);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, asked) != 0) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			give_up("SECCOMP_IOCTL_NOTIF_RECV");
		}
		i = place(asked->data.nr);
		if (i == COUNT) {
			dprintf(report, "%s: system call %d is on no list\n", program_name, asked->data.nr);
			_exit(3);
		}
		seen[i] = 1;
		answer->id = asked->id;
		answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		/* ENOENT: the thread has ended, or a signal interrupted its call. */
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer) != 0 && errno != ENOENT)
			give_up("SECCOMP_IOCTL_NOTIF_SEND");
	}
	if (names != NULL)
		note(names);
	_exit(result);
}

static void filter(int all)
{
	struct sock_filter steps[COUNT + 8];
	struct sock_fprog program = {0, steps};
	int i, n = 0;

	steps[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (i = 0; i < COUNT && !all; i++)
		steps[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, COUNT - i, 0);
	steps[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	steps[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		give_up("PR_SET_NO_NEW_PRIVS");
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

int main(int argc, char **argv)
{
	char *names = NULL;
	pthread_t watcher;
	void *program;
	int (*body)(int, char **), ended;

	if (argc > 2 && strcmp(argv[1], "-seen") == 0) {
		names = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2) {
		fprintf(stderr, "seccomp [-seen FILE] PROGRAM.so [ARGUMENT...]\n");
		return 2;
	}
	program_name = argv[1];
	report = fcntl(2, F_DUPFD_CLOEXEC, 100);
	if (pthread_create(&watcher, NULL, watch, names) != 0)
		give_up("a thread");
	filter(names != NULL);
	program = dlopen(argv[1], RTLD_NOW);
	if (program == NULL) {
		dprintf(report, "%s\n", dlerror());
		_exit(2);
	}
	*(void **)&body = dlsym(program, "main");
	ended = body(argc - 1, argv + 1);
	fflush(NULL);
	result = ended;
	for (;;) /* the watcher ends the process */
		;
}
