/*
 * Is this process a child of the one that loaded the library? A child has only the forking thread, so
 * the Go runtime would hang at the next allocation or collection, waiting for its other threads.
 */
#include "fork.h"

#ifdef _WIN32

int fork_child(void)
{
	return 0;
}

#else

#  include <pthread.h>
#  include <sys/mman.h>

static volatile char one = 1;
/* 0 in a child. */
static volatile char *parent = &one;

static void in_child(void)
{
	*parent = 0;
}

/* The kernel wipes this page in every child, even in one that the C library does not know about. The C
 * library's handler covers the rest: systems without such a page, and emulators that accept the request
 * but do not wipe the page (QEMU 7). */
__attribute__((constructor)) static void watch(void)
{
#  ifdef MADV_WIPEONFORK
	enum { SIZE = 1 }; /* the kernel rounds it up to a page */
	void *page = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page != MAP_FAILED) {
		if (madvise(page, SIZE, MADV_WIPEONFORK) == 0) {
			parent = page;
			*parent = 1;
		} else {
			munmap(page, SIZE);
		}
	}
#  endif
	pthread_atfork(NULL, NULL, in_child);
}

int fork_child(void)
{
	return *parent == 0;
}

#endif
