package store

/*
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

// The descriptors of all anchors. A table is never freed: a child may be made at any instant.
typedef struct table {
	struct table *_Atomic next;
	atomic_int fds[62]; // one more than the descriptor; 0: free
} table;

static table first;

static int keep(int fd)
{
	for (table *t = &first;;) {
		for (int i = 0; i < 62; i++) {
			int none = 0;

			if (atomic_compare_exchange_strong(&t->fds[i], &none, fd + 1))
				return 1;
		}
		if (t->next == NULL) {
			table *more = calloc(1, sizeof *more), *none = NULL;

			if (more == NULL)
				return 0;
			if (!atomic_compare_exchange_strong(&t->next, &none, more))
				free(more);
		}
		t = t->next;
	}
}

static void drop(int fd)
{
	for (table *t = &first; t != NULL; t = t->next) {
		for (int i = 0; i < 62; i++) {
			int kept = fd + 1;

			if (atomic_compare_exchange_strong(&t->fds[i], &kept, 0))
				return;
		}
	}
}

static void close_all(void)
{
	for (table *t = &first; t != NULL; t = t->next) {
		for (int i = 0; i < 62; i++) {
			int fd = atomic_exchange(&t->fds[i], 0) - 1;

			if (fd >= 0)
				close(fd);
		}
	}
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, close_all);
}
*/
import "C"

import "golang.org/x/sys/unix"

// The lock of an open file description lives as long as any copy of its descriptor, and fork makes one. If
// the parent is killed in the middle of a call, the child would hold the store for as long as it
// lives, though it can't use it. So the child closes its copies at once.

// keepFromChildren registers a descriptor with locks, until closeKept. It returns false if
// there is no memory.
func keepFromChildren(fd int) bool { return C.keep(C.int(fd)) != 0 }

func closeKept(fd int) {
	C.drop(C.int(fd))
	unix.Close(fd)
}
