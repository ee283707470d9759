/* sandbox WAY: a host in a sandbox. Seccomp traps the system calls that open files, get random bytes and
 * count processors, and a SIGSYS handler makes them, like a broker. The handler uses 8 KB of stack and has
 * no SA_ONSTACK. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ALLOWED = 0x5afe5afe };

static atomic_int trapped;

static void handler(int signal, siginfo_t *info, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
	volatile char block[8 << 10];
	int error = errno;
	long result;

	(void)signal;
	memset((char *)block, 0xaa, sizeof block);
#ifdef __x86_64__
	result = syscall(info->si_syscall, m->gregs[REG_RDI], m->gregs[REG_RSI], m->gregs[REG_RDX],
	                 m->gregs[REG_R10], 0, ALLOWED);
	m->gregs[REG_RAX] = result < 0 ? -errno : result;
#else
	result = syscall(info->si_syscall, m->regs[0], m->regs[1], m->regs[2], m->regs[3], 0, ALLOWED);
	m->regs[0] = (unsigned long)(result < 0 ? -errno : result);
#endif
	errno = error;
	trapped++;
}

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define IF(value, then) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, 0)

static int enter_sandbox(void)
{
	static struct sock_filter lines[] = {
		LOAD(nr),
		IF(SYS_openat, 3), IF(SYS_getrandom, 2), IF(SYS_sched_getaffinity, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		LOAD(args[5]),
		IF(ALLOWED, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog filter = {sizeof lines / sizeof *lines, lines};
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

int main(int argc, char **argv)
{
	if (argc != 2 || !enter_sandbox())
		return 2;
	guest_early(argv[1]);
	guest_late();
	if (!guest_all_right())
		return 1;
	printf("%d\n", (int)trapped);
	return 0;
}
