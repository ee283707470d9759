/*
 * Is this process a child of the one that loaded the library? Only the forking thread lives on there,
 * so the Go runtime would wait for its other threads for ever at the next allocation or collection.
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

/* A page that the kernel itself wipes in a child is wiped also where the C library does not know of
 * the child. Elsewhere its handler must do: there is no such page, or an emulator promises one and does
 * not wipe it (QEMU 7). */
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
