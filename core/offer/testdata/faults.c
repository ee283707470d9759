/* faults.c: makes one chosen operation on a store's files fail, as a broken disk does. It is
 * preloaded into a process, so that SQLite's own file layer meets the error.
 *
 * CALLKEY_TEST_FAULTS names the file "control" in the folder of the stores. It is mapped here
 * and in the test, which chooses the operation and its error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN = 1, READ = 2, WRITE = 4, SYNC = 8, TRUNCATE = 16, LOCK = 32, MAP = 64, STAT = 128, UNLINK = 256 };

static volatile struct control {
	uint32_t kinds;   /* operations that are counted */
	uint32_t at;      /* the one of them that fails; 0: none is counted */
	uint32_t error;   /* its errno */
	uint32_t lasting; /* all after it fail too */
	uint32_t half;    /* a write stores half of its bytes, the next one fails */
	uint32_t seen;    /* counted so far */
	uint32_t failed;
	uint32_t what;    /* the kind of the first that failed */
	uint8_t unsynced[1024]; /* by descriptor: written since it was synced; not the log's index */
} *control;

static char folder[4096]; /* of the stores, with a slash at the end */
static char watched[1024];
static char lasts[1024]; /* its content matters after a crash */

__attribute__((constructor)) static void map_control(void)
{
	const char *path = getenv("CALLKEY_TEST_FAULTS");
	void *mapped;
	int fd;

	if (path == NULL || strlen(path) >= sizeof folder)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		return;
	strcpy(folder, path);
	strrchr(folder, '/')[1] = 0;
	control = mapped;
}

static int fails(uint32_t kind)
{
	uint32_t seen;

	if (control == NULL || control->at == 0 || (control->kinds & kind) == 0)
		return 0;
	seen = ++control->seen;
	if (seen < control->at || (seen > control->at && !control->lasting))
		return 0;
	if (control->failed++ == 0)
		control->what = kind;
	errno = (int)control->error;
	return 1;
}

static int ours(const char *path)
{
	return control != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int watches(int fd)
{
	return fd >= 0 && fd < (int)sizeof watched && watched[fd];
}

/* The function of libc that this one stands before. Its type is that of its wrapper. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list more;
	int fd;

	va_start(more, flags);
	if (flags & O_CREAT)
		mode = va_arg(more, mode_t);
	va_end(more);
	if (ours(path) && fails(OPEN))
		return -1;
	fd = NEXT(open64)(path, flags, mode);
	if (fd >= 0 && fd < (int)sizeof watched) {
		watched[fd] = (char)ours(path);
		lasts[fd] = watched[fd] && strstr(path, "-shm") == NULL;
	}
	return fd;
}

static void wrote(int fd)
{
	if (watches(fd) && lasts[fd])
		control->unsynced[fd] = 1;
}

/* Nothing is synced for real: that would take most of the test's time and change nothing that
 * it can see. */
static int synced(int fd)
{
	if (fails(SYNC))
		return -1;
	control->unsynced[fd] = 0;
	return 0;
}

ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
	return watches(fd) && fails(READ) ? -1 : NEXT(pread64)(fd, to, n, at);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
	if (watches(fd) && fails(WRITE)) {
		if (!control->half || n < 2)
			return -1;
		control->half = 0;
		control->at++; /* what SQLite does next is to write the rest */
		n /= 2;
	}
	wrote(fd);
	return NEXT(pwrite64)(fd, from, n, at);
}

int fsync(int fd)
{
	return watches(fd) ? synced(fd) : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return watches(fd) ? synced(fd) : NEXT(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t n)
{
	if (watches(fd) && fails(TRUNCATE))
		return -1;
	wrote(fd);
	return NEXT(ftruncate64)(fd, n);
}

int fcntl64(int fd, int command, ...)
{
	va_list more;
	void *argument;

	va_start(more, command);
	argument = va_arg(more, void *);
	va_end(more);
	if (command == F_SETLK && ((struct flock *)argument)->l_type != F_UNLCK && watches(fd) && fails(LOCK))
		return -1;
	return NEXT(fcntl64)(fd, command, argument);
}

void *mmap64(void *wanted, size_t n, int protection, int flags, int fd, off64_t at)
{
	return watches(fd) && fails(MAP) ? MAP_FAILED : NEXT(mmap64)(wanted, n, protection, flags, fd, at);
}

int fstat64(int fd, struct stat64 *out)
{
	return watches(fd) && fails(STAT) ? -1 : NEXT(fstat64)(fd, out);
}

int stat64(const char *path, struct stat64 *out)
{
	return ours(path) && fails(STAT) ? -1 : NEXT(stat64)(path, out);
}

int unlink(const char *path)
{
	return ours(path) && fails(UNLINK) ? -1 : NEXT(unlink)(path);
}
