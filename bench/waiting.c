/*
 * How long a call waits while another thread seals offers to 1,000 devices over SQLite, one after the other: what an
 * engine must allow for that derives keys during a fan-out. First each call is timed beside nothing, then beside that.
 *
 *     waiting LIBRARY DIRECTORY
 *
 * DIRECTORY is for the SQLite store. Before each call its thread sleeps, as a caller that comes out of nothing. The
 * output has the format of Go's benchmarks: percentiles in nanoseconds.
 */
#include "library.h"
#include "measure.h"
#include "sessions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define DEVICES 1000
#define CANDIDATES 4     /* devices that may have answered */
#define FRAME_BYTES 1200 /* a media frame that fits a packet */
#define PAUSE_NS 200000  /* before each call */
#define ALONE_NS 2e9
#define BESIDE_NS 6e9
#define SAMPLES 20000    /* at most, of each call */

static const char *const candidates[CANDIDATES] = {
	"222222222222222:0@lid", "222222222222222:1@lid", "222222222222222:2@lid", PARTICIPANT,
};
static uint8_t packet[12 + 100 + CALLKEY_WARP_TAG_BYTES] = {0x80, 0x78};
static callkey_epochs epochs;

/* What no call can be faster than beside a fan-out: a thread that only computes for some microseconds. */
static void no_call(void)
{
	static volatile uint32_t sum;
	int i;
	for (i = 0; i < 2000; i++)
		sum = sum * 1664525u + 1013904223u;
}

static void answered_in_c(void)
{
	if (callkey.key_bytes() != sizeof key)
		exit(1);
}

static void empty(void) { OK(callkey.check(key, sizeof key)); }

static void derive_e2e_keys(void)
{
	callkey_srtp_keys keys;
	OK(callkey.derive_e2e_keys(&keys, key, sizeof key, PARTICIPANT));
}

static void select_participant(void)
{
	size_t index;
	OK(callkey.select_participant(&index, key, sizeof key, candidates, CANDIDATES, packet, sizeof packet, 0, 4));
}

static void sframe_seal(void)
{
	static uint8_t frame[FRAME_BYTES], sealed[FRAME_BYTES + CALLKEY_SFRAME_OVERHEAD_MAX_BYTES];
	static uint64_t counter;
	size_t n = sizeof sealed;
	OK(callkey.sframe_seal(sealed, &n, key, sizeof key, frame, sizeof frame, counter++, 0));
}

static void epochs_add(void) { OK(callkey.epochs_add(epochs, 1, key, sizeof key)); }

static void epochs_current(void)
{
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t transaction;
	OK(callkey.epochs_current(epochs, epoch, &transaction));
}

static struct {
	const char *name;
	void (*call)(void);
	size_t n;
	double samples[SAMPLES];
} calls[] = {
	{"no_call", no_call, 0, {0}},
	{"key_bytes", answered_in_c, 0, {0}},
	{"check", empty, 0, {0}},
	{"derive_e2e_keys", derive_e2e_keys, 0, {0}},
	{"select_participant", select_participant, 0, {0}},
	{"sframe_seal", sframe_seal, 0, {0}},
	{"epochs_add", epochs_add, 0, {0}},
	{"epochs_current", epochs_current, 0, {0}},
};
#define CALLS (sizeof calls / sizeof *calls)

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void take_samples(double ns)
{
	static const struct timespec pause = {0, PAUSE_NS};
	double end = now_ns() + ns;
	size_t i;
	for (i = 0; i < CALLS; i++)
		calls[i].n = 0;
	while (now_ns() < end && calls[0].n < SAMPLES)
		for (i = 0; i < CALLS; i++) {
			double start;
			nanosleep(&pause, NULL);
			start = now_ns();
			calls[i].call();
			calls[i].samples[calls[i].n++] = now_ns() - start;
		}
}

static void print(const char *kind)
{
	size_t i;
	for (i = 0; i < CALLS; i++) {
		const double *s = calls[i].samples;
		size_t n = calls[i].n;
		qsort(calls[i].samples, n, sizeof *s, compare);
		printf("Benchmark%s/%s\t%lu\t%.0f p50-ns\t%.0f p99-ns\t%.0f p999-ns\t%.0f max-ns\n", kind, calls[i].name,
		       (unsigned long)n, s[n / 2], s[n * 99 / 100], s[n * 999 / 1000], s[n - 1]);
	}
	fflush(stdout);
}

static struct fan_out offers;
static atomic_bool stop;
static long sealed;

static void *seal(void *unused)
{
	while (!atomic_load(&stop)) {
		seal_offer(&offers, CALLKEY_ENC_MSG);
		sealed++;
	}
	return unused;
}

int main(int argc, char **argv)
{
	callkey_srtp_keys keys;
	pthread_t thread;
	double start;
	if (argc != 3) {
		fprintf(stderr, "usage: waiting LIBRARY DIRECTORY\n");
		return 2;
	}
	directory = argv[2];
	resolve(must(dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)));
	OK(callkey.generate(key));
	OK(callkey.epochs_new(&epochs));
	OK(callkey.epochs_add(epochs, 1, key, sizeof key));
	OK(callkey.epochs_roster(epochs, 1));
	/* A packet from the last candidate. */
	OK(callkey.derive_e2e_keys(&keys, key, sizeof key, PARTICIPANT));
	OK(callkey.warp_tag(packet + sizeof packet - CALLKEY_WARP_TAG_BYTES, keys.srtp_auth_key,
	                    sizeof keys.srtp_auth_key, packet, sizeof packet - CALLKEY_WARP_TAG_BYTES, 0));
	fan_out(&offers, open_store(1), DEVICES, 0);
	acknowledged_all(&offers);

	take_samples(ALONE_NS);
	print("Alone");
	if (pthread_create(&thread, NULL, seal, NULL) != 0) {
		perror("pthread_create");
		return 1;
	}
	start = now_ns();
	take_samples(BESIDE_NS);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	print("Beside");
	result("FanOut1000", sealed, now_ns() - start);
	OK(callkey.store_close(offers.caller));
	OK(callkey.epochs_free(epochs));
	return 0;
}
