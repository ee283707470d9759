/* Handles under strain: handles FOLDER.
 *
 * First, threads use stores and epochs while other threads close them, twice, and try numbers that were
 * never handles. Every call must return OK or HANDLE. Then it opens and closes stores and epochs many
 * times, and the process must not grow: threads, file descriptors, resident memory. */
#define _POSIX_C_SOURCE 200809L
#include "callkey.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 8, USERS = 4, CLOSERS = 2, CYCLES = 100000, FILE_CYCLES = 2000 };

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "line %d, not so: %s\n", __LINE__, #condition); exit(1); } } while (0)
#define CHECK(call) EXPECT((call) == CALLKEY_OK)

static _Atomic uint64_t stores[SLOTS], epochs[SLOTS];
static atomic_int stop;
static atomic_long used, refused;

static void count(callkey_status status)
{
	EXPECT(status == CALLKEY_OK || status == CALLKEY_ERR_HANDLE);
	if (status == CALLKEY_OK)
		used++;
	else
		refused++;
}

static void *use(void *seed)
{
	unsigned random = *(unsigned *)seed;
	static const uint8_t epoch[CALLKEY_KEY_BYTES] = {1};
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_identity own;
	callkey_prekey prekey;
	uint32_t number;

	while (!stop) {
		uint64_t s = stores[rand_r(&random) % SLOTS], e = epochs[rand_r(&random) % SLOTS];
		uint64_t guess = (uint64_t)rand_r(&random) << 32 ^ (uint64_t)rand_r(&random);
		count(callkey_store_identity(s, &own));
		count(callkey_store_add_prekeys(s, &prekey, 1));
		count(callkey_epochs_add(e, 1, epoch, sizeof epoch));
		count(callkey_epochs_roster(e, 1));
		/* A wrong number, or a handle of the other kind. */
		EXPECT(callkey_store_identity(guess, &own) == CALLKEY_ERR_HANDLE);
		EXPECT(callkey_store_identity(e, &own) == CALLKEY_ERR_HANDLE);
		EXPECT(callkey_epochs_current(s, key, &number) == CALLKEY_ERR_HANDLE);
		EXPECT(callkey_store_close(guess) == CALLKEY_ERR_HANDLE);
	}
	return NULL;
}

static void *close_and_open(void *seed)
{
	unsigned random = *(unsigned *)seed;

	while (!stop) {
		int slot = rand_r(&random) % SLOTS;
		callkey_store fresh, old = stores[slot];
		callkey_epochs fresh_epochs, old_epochs = epochs[slot];
		CHECK(callkey_store_open(&fresh, NULL, NULL, 0, NULL));
		CHECK(callkey_epochs_new(&fresh_epochs));
		EXPECT(fresh != old && fresh_epochs != old_epochs);
		/* If two threads close one slot, the second closes its own handle again. */
		if (atomic_compare_exchange_strong(&stores[slot], &old, fresh)) {
			CHECK(callkey_store_close(old));
			EXPECT(callkey_store_close(old) == CALLKEY_ERR_HANDLE);
		} else {
			CHECK(callkey_store_close(fresh));
		}
		if (atomic_compare_exchange_strong(&epochs[slot], &old_epochs, fresh_epochs)) {
			CHECK(callkey_epochs_free(old_epochs));
			EXPECT(callkey_epochs_free(old_epochs) == CALLKEY_ERR_HANDLE);
		} else {
			CHECK(callkey_epochs_free(fresh_epochs));
		}
	}
	return NULL;
}

static void strain(void)
{
	pthread_t threads[USERS + CLOSERS];
	unsigned seeds[USERS + CLOSERS];
	struct timespec two_seconds = {2, 0};
	int i;

	for (i = 0; i < SLOTS; i++) {
		callkey_store s;
		callkey_epochs e;
		CHECK(callkey_store_open(&s, NULL, NULL, 0, NULL));
		CHECK(callkey_epochs_new(&e));
		stores[i] = s;
		epochs[i] = e;
	}
	for (i = 0; i < USERS + CLOSERS; i++) {
		seeds[i] = (unsigned)i + 1;
		EXPECT(pthread_create(&threads[i], NULL, i < USERS ? use : close_and_open, &seeds[i]) == 0);
	}
	nanosleep(&two_seconds, NULL);
	stop = 1;
	for (i = 0; i < USERS + CLOSERS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < SLOTS; i++) {
		CHECK(callkey_store_close(stores[i]));
		CHECK(callkey_epochs_free(epochs[i]));
	}
	EXPECT(used > 1000 && refused > 0);
}

typedef struct size {
	long threads, descriptors, kilobytes;
} size;

static long entries(const char *folder)
{
	DIR *d = opendir(folder);
	long n = 0;

	EXPECT(d != NULL);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static size now(void)
{
	size s = {entries("/proc/self/task"), entries("/proc/self/fd"), 0};
	long pages;
	FILE *f = fopen("/proc/self/statm", "r");

	EXPECT(f != NULL && fscanf(f, "%*d %ld", &pages) == 1);
	fclose(f);
	s.kilobytes = pages * (sysconf(_SC_PAGESIZE) / 1024);
	return s;
}

static void cycle_memory(int times)
{
	callkey_store s;
	callkey_epochs e;

	while (times-- > 0) {
		CHECK(callkey_store_open(&s, NULL, NULL, 0, NULL));
		CHECK(callkey_epochs_new(&e));
		CHECK(callkey_epochs_free(e));
		CHECK(callkey_store_close(s));
	}
}

static void cycle_file(const char *folder, int times)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {1};
	callkey_identity own;
	callkey_store s;
	char path[512];

	snprintf(path, sizeof path, "%s/store", folder);
	while (times-- > 0) {
		CHECK(callkey_store_open(&s, path, storage_key, sizeof storage_key, NULL));
		CHECK(callkey_store_identity(s, &own));
		CHECK(callkey_store_close(s));
	}
}

int main(int argc, char **argv)
{
	size before, after;

	if (argc != 2)
		return 2;
	strain();
	/* One-time allocations happen here. */
	cycle_memory(CYCLES / 20);
	cycle_file(argv[1], FILE_CYCLES / 20);
	before = now();
	cycle_memory(CYCLES);
	cycle_file(argv[1], FILE_CYCLES);
	after = now();
	printf("%ld calls and %ld refused ones while others closed; over %d cycles in memory and %d of a file "
	       "threads %+ld, descriptors %+ld, memory %+ld kB of %ld kB\n",
	       (long)used, (long)refused, CYCLES, FILE_CYCLES, after.threads - before.threads,
	       after.descriptors - before.descriptors, after.kilobytes - before.kilobytes, before.kilobytes);
	/* Go starts a thread if all are busy, and the heap varies a little. A leak of 100 bytes per cycle
	 * would be 10,000 kB. */
	EXPECT(after.threads <= before.threads + 2);
	EXPECT(after.descriptors <= before.descriptors);
	EXPECT(after.kilobytes <= before.kilobytes + 6000);
	return 0;
}
