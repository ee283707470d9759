/* descriptors WAY FOLDER: a host that closes every descriptor that it did not open, and reuses the freed
 * numbers. The library must have none open between its calls. */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MOST = 256, ROUNDS = 20 };

/* The host's descriptors, with the lowest numbers: an epoll that always has an event for the host. */
static int own[MOST];

static int open_now(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	if (folder == NULL)
		exit(2);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static void take_numbers(void)
{
	struct epoll_event event = {EPOLLIN, {.u64 = 0x5a5a5a5a5a5a5a5a}};
	int i, ready = eventfd(1, 0);

	for (i = 0; i < MOST / 2; i++) {
		own[i] = epoll_create1(0);
		if (own[i] < 0 || epoll_ctl(own[i], EPOLL_CTL_ADD, ready, &event) != 0)
			exit(2);
	}
}

int main(int argc, char **argv)
{
	struct epoll_event event;
	int i, fd, before, right = 0;
	work *w;

	if (argc != 3)
		return 2;
	/* The runtime of a linked library starts now and may be reading a system file. */
	before = open_now();
	guest_early(argv[1]);
	guest_late();
	if ((w = guest_begin()) == NULL)
		return 2;
	right += guest_call(w, 0) + guest_file(w, argv[2]);
	if (open_now() > before) {
		fprintf(stderr, "%s: %d descriptors stay open\n", argv[1], open_now() - before);
		return 1;
	}
	for (fd = 3; fd < MOST; fd++)
		close(fd);
	take_numbers();
	for (i = 0; i < ROUNDS; i++) {
		right += guest_call(w, (unsigned)i);
		usleep(1000); /* the runtime goes to sleep and wakes up */
	}
	right += guest_fan_out(w) + guest_file(w, argv[2]);
	for (i = 0; i < MOST / 2; i++) {
		if (epoll_wait(own[i], &event, 1, 0) != 1 || event.data.u64 != 0x5a5a5a5a5a5a5a5a) {
			fprintf(stderr, "%s: the library has touched the host's descriptor %d\n", argv[1], own[i]);
			return 1;
		}
	}
	guest_end(w);
	if (right != 2 + ROUNDS + 2) {
		fprintf(stderr, "%s: %d answers are right\n", argv[1], right);
		return 1;
	}
	printf("%d\n", right);
	return 0;
}
