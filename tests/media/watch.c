/*
 * Preloaded into the media engine: notes which functions its audio threads call that may wait or allocate, and
 * from where. At exit each process writes WATCH/PID: a line "FUNCTION OBJECT COUNT" for each pair, of the audio
 * thread, and how often any other thread called into libcallkey: "others - COUNT". The functions of libcallkey
 * itself are generated from callkey.h by run.py.
 */
#define _GNU_SOURCE
#include "watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PLACES 1024

static struct {
	const char *function;
	void *caller;
	char object[64]; /* that has the caller; at exit it may be unloaded */
	unsigned long count;
} places[PLACES];
static unsigned n_places;
static atomic_ulong others;

/* One audio thread per process, so nothing else writes the places. */
static bool on_audio_thread(void)
{
	static _Thread_local int audio __attribute__((tls_model("initial-exec"))) = -1;
	char name[16] = "";

	/* A thread gets its name after it has begun. */
	if (audio != 1) {
		prctl(PR_GET_NAME, name);
		audio = strcmp(name, "audio") == 0;
	}
	return audio == 1;
}

static const char *object(void *address)
{
	Dl_info info;
	const char *slash;

	if (dladdr(address, &info) == 0 || info.dli_fname == NULL)
		return "?";
	slash = strrchr(info.dli_fname, '/');
	return slash == NULL ? info.dli_fname : slash + 1;
}

static void note(const char *function, void *caller)
{
	unsigned i;

	if (!on_audio_thread())
		return;
	for (i = 0; i < n_places; i++)
		if (places[i].function == function && places[i].caller == caller)
			break;
	if (i == PLACES)
		abort();
	if (i == n_places) {
		places[i].function = function;
		places[i].caller = caller;
		snprintf(places[i].object, sizeof places[i].object, "%s", object(caller));
		n_places++;
	}
	places[i].count++;
}

void watch_library(const char *function, void *caller)
{
	if (!on_audio_thread())
		atomic_fetch_add(&others, 1);
	note(function, caller);
}

void *watch_real(const char *function)
{
	void *found = dlsym(RTLD_NEXT, function);

	if (found == NULL)
		abort();
	return found;
}

#define NOTE(function) note(function, __builtin_return_address(0))

/* glibc's own names: dlsym itself may allocate. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);
extern void __libc_free(void *old);

void *malloc(size_t n)
{
	NOTE("malloc");
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	NOTE("calloc");
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	NOTE("realloc");
	return __libc_realloc(old, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	NOTE("aligned_alloc");
	return __libc_memalign(alignment, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
	NOTE("posix_memalign");
	*out = __libc_memalign(alignment, n);
	return *out == NULL ? ENOMEM : 0;
}

void free(void *old)
{
	NOTE("free");
	__libc_free(old);
}

#define WATCH(type, function, parameters, arguments) \
	type function parameters \
	{ \
		static __typeof__(function) *real; \
		NOTE(#function); \
		if (real == NULL) \
			real = (__typeof__(function) *)watch_real(#function); \
		return real arguments; \
	}

WATCH(int, pthread_mutex_lock, (pthread_mutex_t *m), (m))
WATCH(int, pthread_rwlock_rdlock, (pthread_rwlock_t *l), (l))
WATCH(int, pthread_rwlock_wrlock, (pthread_rwlock_t *l), (l))
WATCH(int, sem_wait, (sem_t *s), (s))
WATCH(int, pthread_join, (pthread_t t, void **out), (t, out))
WATCH(int, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms))
WATCH(int, usleep, (useconds_t us), (us))
WATCH(int, nanosleep, (const struct timespec *t, struct timespec *left), (t, left))
WATCH(int, clock_nanosleep, (clockid_t c, int f, const struct timespec *t, struct timespec *left), (c, f, t, left))
WATCH(ssize_t, read, (int fd, void *out, size_t n), (fd, out, n))
WATCH(ssize_t, write, (int fd, const void *in, size_t n), (fd, in, n))
WATCH(ssize_t, send, (int fd, const void *in, size_t n, int flags), (fd, in, n, flags))
WATCH(ssize_t, recv, (int fd, void *out, size_t n, int flags), (fd, out, n, flags))

/* Sockets may be used by an audio thread if it does not wait. */
ssize_t sendto(int fd, const void *in, size_t n, int flags, const struct sockaddr *to, socklen_t size)
{
	static __typeof__(sendto) *real;

	if (!(flags & MSG_DONTWAIT))
		NOTE("sendto");
	if (real == NULL)
		real = (__typeof__(sendto) *)watch_real("sendto");
	return real(fd, in, n, flags, to, size);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	static __typeof__(recvmsg) *real;

	if (!(flags & MSG_DONTWAIT))
		NOTE("recvmsg");
	if (real == NULL)
		real = (__typeof__(recvmsg) *)watch_real("recvmsg");
	return real(fd, message, flags);
}

__attribute__((destructor)) static void write_down(void)
{
	const char *folder = getenv("WATCH");
	char path[4096];
	unsigned i;
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof path, "%s/%ld", folder, (long)getpid());
	file = fopen(path, "w");
	if (file == NULL)
		abort();
	fprintf(file, "others - %lu\n", atomic_load(&others));
	for (i = 0; i < n_places; i++)
		fprintf(file, "%s %s %lu\n", places[i].function, places[i].object, places[i].count);
	fclose(file);
}
