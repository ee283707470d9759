#define _DEFAULT_SOURCE
#include "pages.h"

#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#  include <windows.h>
#else
#  include <sys/mman.h>
#  include <unistd.h>
#endif

int pages_behind;

enum { MOST = 512, BESIDE = 0xee };

/* Pages, reused by every trial. */
static struct place {
	unsigned char *base; /* of room bytes, after the page in front */
	size_t room, n;      /* n of them are lent */
	int used, readable;  /* only readable */
} places[MOST];
static size_t made;

static size_t page(void)
{
	static size_t size;

	if (size == 0) {
#ifdef _WIN32
		SYSTEM_INFO system;
		GetSystemInfo(&system);
		size = system.dwPageSize;
#else
		size = (size_t)sysconf(_SC_PAGESIZE);
#endif
	}
	return size;
}

static unsigned char *reserve(size_t room)
{
	size_t all = room + 2 * page();
#ifdef _WIN32
	DWORD before;
	unsigned char *base = VirtualAlloc(NULL, all, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	if (base == NULL || !VirtualProtect(base, page(), PAGE_NOACCESS, &before) ||
	    !VirtualProtect(base + page() + room, page(), PAGE_NOACCESS, &before))
		abort();
#else
	unsigned char *base = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED || mprotect(base + page(), room, PROT_READ | PROT_WRITE) != 0)
		abort();
#endif
	return base + page();
}

static void protect(struct place *p, int readable)
{
	if (p->readable == readable)
		return;
	p->readable = readable;
#ifdef _WIN32
	{
		DWORD before;
		if (!VirtualProtect(p->base, p->room, readable ? PAGE_READONLY : PAGE_READWRITE, &before))
			abort();
	}
#else
	if (mprotect(p->base, p->room, readable ? PROT_READ : PROT_READ | PROT_WRITE) != 0)
		abort();
#endif
}

static unsigned char *lent(const struct place *p)
{
	return p->base + (pages_behind ? 0 : p->room - p->n);
}

void *pages_lend(void *content, size_t n, int written)
{
	size_t room = (n + page() - 1) / page() * page();
	struct place *p = places;

	if (room == 0)
		room = page();
	while (p < places + made && (p->used || p->room != room))
		p++;
	if (p == places + made) {
		if (made == MOST)
			abort();
		made++;
		p->room = room;
		p->base = reserve(room);
	}
	p->used = 1;
	p->n = n;
	protect(p, 0);
	memset(p->base, BESIDE, room);
	memcpy(lent(p), content, n);
	protect(p, !written);
	return lent(p);
}

/* Compares the bytes with each other: memcmp is fast where a loop of ours is not, under an emulator. */
static int untouched(const unsigned char *at, size_t n)
{
	return n == 0 || (at[0] == BESIDE && memcmp(at, at + 1, n - 1) == 0);
}

int pages_intact(void)
{
	const struct place *p;

	for (p = places; p < places + made; p++) {
		const unsigned char *behind = lent(p) + p->n;

		if (p->used && (!untouched(p->base, (size_t)(lent(p) - p->base)) ||
		                !untouched(behind, (size_t)(p->base + p->room - behind))))
			return 0;
	}
	return 1;
}

void pages_end(void)
{
	struct place *p;

	for (p = places; p < places + made; p++)
		p->used = 0;
}
