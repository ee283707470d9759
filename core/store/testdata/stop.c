/* stop.c: stops its process at one chosen instant of its work on files, as a phone system does. It is
 * preloaded into the process. An instant is the one before or after SQLite locks, unlocks, reads,
 * writes, syncs, cuts, maps or removes a file, or the one where the head of the log's index is
 * half written.
 *
 * CALLKEY_TEST_STOP names a file that is mapped here and in the test, which chooses the instant. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct control {
	_Atomic uint32_t at;   /* the instant; 0: none is counted */
	_Atomic uint32_t seen; /* counted so far */
	_Atomic uint32_t half; /* only those count where the head is half written */
} *control;

/* The index of the log begins with two copies of its head (sqlite.org/walformat.html). */
enum { HEAD_BYTES = 48 };
static const char *_Atomic heads;

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("CALLKEY_TEST_STOP");
	void *mapped;
	int fd;

	if (path == NULL || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		control = mapped;
}

static void instant(void)
{
	if (control == NULL || control->at == 0)
		return;
	if (control->half && (heads == NULL || memcmp(heads, heads + HEAD_BYTES, HEAD_BYTES) == 0))
		return;
	/* To this thread: one that another takes lets this one go on a little, and the call may end. */
	if (++control->seen == control->at)
		raise(SIGSTOP);
}

/* The function of libc that this one stands before. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define BETWEEN_INSTANTS(type, call) \
	do { \
		type given; \
		instant(); \
		given = (call); \
		instant(); \
		return given; \
	} while (0)

ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
	BETWEEN_INSTANTS(ssize_t, NEXT(pread64)(fd, to, n, at));
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
	BETWEEN_INSTANTS(ssize_t, NEXT(pwrite64)(fd, from, n, at));
}

int fdatasync(int fd)
{
	BETWEEN_INSTANTS(int, NEXT(fdatasync)(fd));
}

int fsync(int fd)
{
	BETWEEN_INSTANTS(int, NEXT(fsync)(fd));
}

int ftruncate64(int fd, off64_t n)
{
	BETWEEN_INSTANTS(int, NEXT(ftruncate64)(fd, n));
}

int fcntl64(int fd, int command, ...)
{
	va_list more;
	void *argument;

	va_start(more, command);
	argument = va_arg(more, void *);
	va_end(more);
	BETWEEN_INSTANTS(int, NEXT(fcntl64)(fd, command, argument));
}

void *mmap64(void *wanted, size_t n, int protection, int flags, int fd, off64_t at)
{
	void *given;

	instant();
	given = NEXT(mmap64)(wanted, n, protection, flags, fd, at);
	if (fd >= 0 && given != MAP_FAILED && flags == MAP_SHARED && at == 0)
		heads = given;
	instant();
	return given;
}

int munmap(void *at, size_t n)
{
	if (at == heads)
		heads = NULL;
	return NEXT(munmap)(at, n);
}

int unlink(const char *path)
{
	BETWEEN_INSTANTS(int, NEXT(unlink)(path));
}

/* SQLite takes a lock where it orders its writes to the index. */
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static __typeof__(&pthread_mutex_lock) next;

	if (next == NULL)
		next = NEXT(pthread_mutex_lock);
	if (control != NULL && control->half)
		instant();
	return next(mutex);
}
