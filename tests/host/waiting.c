/* waiting WAY HOW: a host that blocks all signals in every thread and waits for them, while threads call
 * the library. HOW is sigwait, signalfd or timer. It counts the arrivals of 1,000 SIGCHLD, 1,000 SIGTERM
 * and 1,000 SIGRTMIN that it sends itself, and of a SIGCHLD from each of ten children; or 1,000 ticks of a
 * POSIX timer. */
#define _GNU_SOURCE
#include "guest.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2, SENT = 1000, CHILDREN = 10, BATCH = 50 };

static atomic_int stop, wrong;
static sigset_t blocked;
static int file = -1;

/* The next of the blocked signals. If none arrives it was lost, and the program ends. */
static int wait_for_one(int *overrun)
{
	struct timespec patience = {60, 0};
	siginfo_t info;
	int number;

	if (file >= 0) {
		struct signalfd_siginfo read_info;
		struct pollfd ready = {file, POLLIN, 0};

		if (poll(&ready, 1, 60000) != 1 ||
		    read(file, &read_info, sizeof read_info) != (ssize_t)sizeof read_info) {
			fprintf(stderr, "a signal was lost\n");
			exit(1);
		}
		*overrun = (int)read_info.ssi_overrun;
		return (int)read_info.ssi_signo;
	}
	number = sigtimedwait(&blocked, &info, &patience);
	if (number < 0) {
		fprintf(stderr, "a signal was lost\n");
		exit(1);
	}
	*overrun = info.si_code == SI_TIMER ? info.si_overrun : 0;
	return number;
}

static void *caller(void *unused)
{
	work *w = guest_begin();
	unsigned i;

	if (w == NULL)
		exit(2);
	for (i = 0; !stop; i++)
		if (!guest_call(w, i))
			wrong++;
	guest_end(w);
	return unused;
}

static void expect(int want)
{
	int overrun, got = wait_for_one(&overrun);

	if (got != want) {
		fprintf(stderr, "signal %d, not %d\n", got, want);
		exit(1);
	}
}

/* Signals below SIGRTMIN do not queue, so each is received before the next is sent. */
static void send_and_count(work *w)
{
	const int numbers[] = {SIGCHLD, SIGTERM, SIGRTMIN};
	int which, i, j;

	for (which = 0; which < 3; which++) {
		const int batch = numbers[which] >= SIGRTMIN ? BATCH : 1;

		for (i = 0; i < SENT; i += batch) {
			for (j = 0; j < batch; j++)
				if (kill(getpid(), numbers[which]) != 0)
					exit(2);
			if (i % 100 == 0 && !guest_call(w, (unsigned)i / 100))
				wrong++;
			for (j = 0; j < batch; j++)
				expect(numbers[which]);
		}
	}
	for (i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		expect(SIGCHLD);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			exit(2);
	}
}

static void tick(work *w)
{
	struct sigevent event;
	struct itimerspec every = {{0, 100000}, {0, 100000}};
	timer_t timer;
	int ticks = 0, overrun, taken;

	memset(&event, 0, sizeof event);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGRTMIN;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &every, NULL) != 0)
		exit(2);
	for (taken = 0; ticks < SENT; taken++) {
		if (wait_for_one(&overrun) != SIGRTMIN)
			exit(1);
		ticks += 1 + overrun;
		if (taken % 20 == 0 && !guest_call(w, (unsigned)taken / 20))
			wrong++;
	}
	timer_delete(timer);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	work *w;
	int i;

	if (argc != 3)
		return 2;
	guest_early(argv[1]);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGRTMIN);
	if (pthread_sigmask(SIG_BLOCK, &blocked, NULL) != 0)
		return 2;
	guest_late();
	if ((w = guest_begin()) == NULL)
		return 2;
	if (strcmp(argv[2], "signalfd") == 0 && (file = signalfd(-1, &blocked, SFD_CLOEXEC)) < 0)
		return 2;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, caller, NULL) != 0)
			return 2;
	if (strcmp(argv[2], "timer") == 0)
		tick(w);
	else
		send_and_count(w);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	guest_end(w);
	if (wrong)
		fprintf(stderr, "%d wrong answers\n", (int)wrong);
	return wrong ? 1 : 0;
}
