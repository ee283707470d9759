/*
 * Measures libcallkey through its C interface, like a program that uses it: loads the library, makes
 * the first call, then times calls with the monotonic clock.
 *
 *     callkey_bench LIBRARY DIRECTORY [PART]
 *
 * DIRECTORY is for SQLite stores; PART selects the measurements with PART in their name. The output
 * has the format of Go's benchmarks, one measurement per line, so one parser (and benchstat) can read
 * both. bench/run.py starts this program several times and computes medians.
 */
#include "library.h"
#include "measure.h"
#include "messages.h"
#include "sessions.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#define PARTICIPANTS 32 /* of a group call */
#define MANY_PARTICIPANTS 1024
#define CANDIDATES 100 /* devices that may have answered */
#define FRAME_BYTES 1200 /* a media frame that fits a packet */

/* ---- Memory ---------------------------------------------------------------------------------- */

/* A line of /proc/self/status, in bytes. VmRSS includes the library's pages in memory; RssAnon excludes
 * the pages that every process with the library shares. */
static double resident(const char *line)
{
	FILE *status = fopen("/proc/self/status", "r");
	char text[128];
	double kilobytes = -1;
	if (status == NULL)
		return 0;
	while (fgets(text, sizeof text, status) != NULL)
		if (strncmp(text, line, strlen(line)) == 0)
			kilobytes = strtod(text + strlen(line), NULL);
	fclose(status);
	return kilobytes * 1024;
}

/* ---- Calls without a store ------------------------------------------------------------------ */

#define REPEATED(function, call) \
	static double function(void *state, long n) \
	{ \
		double start = now_ns(); \
		(void)state; \
		while (n-- > 0) \
			call; \
		return now_ns() - start; \
	}

static callkey_srtp_keys keys[MANY_PARTICIPANTS];
static callkey_status statuses[MANY_PARTICIPANTS];
static const char *participants[MANY_PARTICIPANTS];
static uint8_t packet[12 + 100 + CALLKEY_WARP_TAG_BYTES] = {0x80, 0x78};
static uint8_t frame[FRAME_BYTES], sealed_frame[FRAME_BYTES + CALLKEY_SFRAME_OVERHEAD_MAX_BYTES];
static size_t sealed_frame_len;
static uint8_t derived[CALLKEY_SFRAME_KEY_BYTES];
static uint8_t hbh[CALLKEY_HBH_KEY_BYTES];
static uint32_t ssrcs[CALLKEY_SSRC_COUNT];

/* The cheapest call that enters Go, and a call that the library handles in C. */
REPEATED(call_go, OK(callkey.check(key, sizeof key)))
REPEATED(call_c, if (callkey.key_bytes() != sizeof key) exit(1))

/* The cost of the host's signals in such a call: it blocks them at its start and restores them at its
 * end. */
static void hold_signals(void)
{
	sigset_t all, before;
	sigfillset(&all);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, 8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, 8);
}
REPEATED(signals, hold_signals())
REPEATED(generate, OK(callkey.generate(derived)))
REPEATED(e2e_keys, OK(callkey.derive_e2e_keys(keys, key, sizeof key, PARTICIPANT)))
REPEATED(e2e_keys_batch, OK(callkey.derive_e2e_keys_batch(keys, statuses, key, sizeof key, participants, PARTICIPANTS)))
REPEATED(e2e_keys_many, OK(callkey.derive_e2e_keys_batch(keys, statuses, key, sizeof key, participants, MANY_PARTICIPANTS)))
REPEATED(sframe_key, OK(callkey.derive_e2e_sframe_key(derived, key, sizeof key, PARTICIPANT)))
REPEATED(warp_auth_key, OK(callkey.derive_warp_auth_key(derived, key, sizeof key)))
REPEATED(hbh_keys, OK(callkey.derive_hbh_keys(keys, hbh, CALLKEY_HBH_UPLINK)))
REPEATED(derive_ssrcs, OK(callkey.derive_ssrcs(ssrcs, "00112233445566778899AABBCCDDEEFF", PARTICIPANT)))

REPEATED(warp_tag, OK(callkey.warp_tag(derived, keys->srtp_auth_key, sizeof keys->srtp_auth_key, packet, sizeof packet, 0)))

static double select_participant(void *state, long n)
{
	size_t index;
	double start = now_ns();
	(void)state;
	while (n-- > 0)
		OK(callkey.select_participant(&index, key, sizeof key, participants, CANDIDATES, packet, sizeof packet, 0, 4));
	return now_ns() - start;
}

static double sframe_seal(void *state, long n)
{
	uint64_t counter = 0;
	double start = now_ns();
	(void)state;
	while (n-- > 0) {
		sealed_frame_len = sizeof sealed_frame;
		OK(callkey.sframe_seal(sealed_frame, &sealed_frame_len, key, sizeof key, frame, sizeof frame, counter++, 0));
	}
	return now_ns() - start;
}

static double sframe_open(void *state, long n)
{
	uint64_t counter, key_id;
	double start = now_ns();
	(void)state;
	while (n-- > 0) {
		size_t room = sizeof frame;
		OK(callkey.sframe_open(frame, &room, &counter, &key_id, key, sizeof key, sealed_frame, sealed_frame_len));
	}
	return now_ns() - start;
}

static double participant_id(void *state, long n)
{
	char id[CALLKEY_JID_BYTES];
	double start = now_ns();
	(void)state;
	while (n-- > 0) {
		size_t room = sizeof id;
		OK(callkey.participant_id(id, &room, "222222222222222@lid"));
	}
	return now_ns() - start;
}

static void calls(void)
{
	static char names[MANY_PARTICIPANTS][JID_ROOM];
	int i;
	for (i = 0; i < MANY_PARTICIPANTS; i++) {
		snprintf(names[i], JID_ROOM, "22222222222%04d:0@lid", i);
		participants[i] = names[i];
	}
	/* A packet from the candidate in the middle. */
	OK(callkey.derive_e2e_keys(keys, key, sizeof key, participants[CANDIDATES / 2]));
	OK(callkey.warp_tag(packet + sizeof packet - CALLKEY_WARP_TAG_BYTES, keys->srtp_auth_key,
	                    sizeof keys->srtp_auth_key, packet, sizeof packet - CALLKEY_WARP_TAG_BYTES, 0));
	measure("EmptyCall", call_go, NULL);
	measure("Signals", signals, NULL);
	measure("CallInC", call_c, NULL);
	measure("Generate", generate, NULL);
	measure("E2EKeys", e2e_keys, NULL);
	measure("E2EKeysBatch", e2e_keys_batch, NULL);
	measure("E2EKeysBatch1024", e2e_keys_many, NULL);
	measure("SelectParticipant", select_participant, NULL);
	measure("WARPTag", warp_tag, NULL);
	measure("SFrameSeal", sframe_seal, NULL);
	sframe_seal(NULL, 1);
	measure("SFrameOpen", sframe_open, NULL);
	measure("SFrameKey", sframe_key, NULL);
	measure("WARPAuthKey", warp_auth_key, NULL);
	measure("HBHKeys", hbh_keys, NULL);
	measure("SSRCs", derive_ssrcs, NULL);
	measure("ParticipantID", participant_id, NULL);
}

/* ---- Sessions ------------------------------------------------------------------------------- */

static void sessions_in(const char *kind, int in_file)
{
	static const size_t fan_outs[] = {1, 10, 100};
	static struct fan_out f;
	struct opening o;
	char name[64], enc_name[64];
	size_t i, device;
	snprintf(enc_name, sizeof enc_name, "SealEnc/%s", kind);
	for (i = 0; i < sizeof fan_outs / sizeof *fan_outs; i++) {
		snprintf(name, sizeof name, "SealReused/%s/%d", kind, (int)fan_outs[i]);
		if (wanted(name) || (fan_outs[i] == 1 && wanted(enc_name))) {
			fan_out(&f, open_store(in_file), fan_outs[i], 0);
			acknowledged_all(&f);
			measure(name, seal_reused, &f);
			if (f.n == 1)
				measure(enc_name, seal_enc, &f);
			OK(callkey.store_close(f.caller));
			free_fan_out(&f);
		}
		snprintf(name, sizeof name, "SealNew/%s/%d", kind, (int)fan_outs[i]);
		if (wanted(name)) {
			callkey_store peer = open_store(0);
			fan_out(&f, open_store(in_file), fan_outs[i], 0);
			for (device = 0; device < f.n; device++)
				publish(peer, &f.bundles[device]);
			measure(name, begin_and_seal, &f);
			OK(callkey.store_close(f.caller));
			OK(callkey.store_close(peer));
			free_fan_out(&f);
		}
	}
	snprintf(name, sizeof name, "OpenEnc/%s", kind);
	if (wanted(name)) {
		o.caller = open_store(0);
		o.callee = open_store(in_file);
		acknowledged(o.caller, o.callee, PARTICIPANT);
		measure(name, open_enc, &o);
		OK(callkey.store_close(o.caller));
		OK(callkey.store_close(o.callee));
	}
}

/* ---- The disk by itself --------------------------------------------------------------------- */

enum { FRAME = 4096 + 24, FRAMES = 256 }; /* a page of SQLite's log with its header, bytes */

static void write_frame(int file, long i)
{
	static const char frame[FRAME];
	if (pwrite(file, frame, FRAME, (off_t)i * FRAME) != FRAME)
		failed("pwrite", CALLKEY_OK);
}

/* Overwrites one frame of the file and waits for the disk: no commit of any store can be faster. */
static double disk_overwrite(void *state, long n)
{
	int file = *(int *)state;
	long i;
	double start;
	for (i = 0; i < FRAMES; i++)
		write_frame(file, i);
	fsync(file);
	start = now_ns();
	for (i = 0; i < n; i++) {
		write_frame(file, i % FRAMES);
		if (fdatasync(file) != 0)
			failed("fdatasync", CALLKEY_OK);
	}
	return now_ns() - start;
}

/* Appends one frame to a file, so the file system must also record its size: SQLite does this until its
 * log has its full size. */
static double disk_append(void *state, long n)
{
	int file = *(int *)state;
	long i;
	double start;
	if (ftruncate(file, 0) != 0 || fsync(file) != 0)
		failed("ftruncate", CALLKEY_OK);
	start = now_ns();
	for (i = 0; i < n; i++) {
		write_frame(file, i);
		if (fsync(file) != 0)
			failed("fsync", CALLKEY_OK);
	}
	return now_ns() - start;
}

static void disk(void)
{
	char path[4096];
	int file;
	snprintf(path, sizeof path, "%s/c-%ld-disk", directory, (long)getpid());
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0) {
		perror(path);
		exit(1);
	}
	measure("DiskOverwrite", disk_overwrite, &file);
	measure("DiskAppend", disk_append, &file);
	close(file);
	unlink(path);
}

/* ---- Loading -------------------------------------------------------------------------------- */

/* From dlopen to the return of the first call, including the start of the Go runtime. */
static void load(const char *path)
{
	double rss = resident("VmRSS:"), anonymous = resident("RssAnon:");
	double start = now_ns(), opened, called;
	void *library = must(dlopen(path, RTLD_NOW | RTLD_LOCAL));
	opened = now_ns();
	resolve(library);
	OK(callkey.generate(key));
	called = now_ns();
	rss = resident("VmRSS:") - rss;
	anonymous = resident("RssAnon:") - anonymous;
	if (wanted("Load"))
		printf("BenchmarkLoad\t1\t%.0f ns/op\t%.0f open-ns\t%.0f call-ns\t%.0f resident-B\t%.0f anonymous-B\n",
		       called - start, opened - start, called - opened, rss, anonymous);
}

/* A whole call of both sides, with stores in memory: the growth of the process since before the library
 * was loaded. */
static void whole_call(double rss, double anonymous)
{
	static struct fan_out f;
	callkey_store callee = open_store(0);
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t opened[CALLKEY_KEY_BYTES];
	fan_out(&f, open_store(0), 1, 0);
	publish(callee, f.bundles);
	begin_offer(&f);
	OK(callkey.offer_open(callee, opened, &info, f.stanza, f.stanza_len, f.jids, 1, NULL));
	if (memcmp(opened, key, sizeof key) != 0)
		failed("another key came out", CALLKEY_OK);
	OK(callkey.derive_e2e_keys(keys, opened, sizeof opened, CALLER));
	OK(callkey.derive_e2e_sframe_key(derived, opened, sizeof opened, CALLER));
	if (wanted("WholeCall"))
		printf("BenchmarkWholeCall\t1\t%.0f resident-B\t%.0f anonymous-B\n",
		       resident("VmRSS:") - rss, resident("RssAnon:") - anonymous);
	OK(callkey.store_close(f.caller));
	OK(callkey.store_close(callee));
	free_fan_out(&f);
}

int main(int argc, char **argv)
{
	double rss, anonymous;
	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: callkey_bench LIBRARY DIRECTORY [PART]\n");
		return 2;
	}
	directory = argv[2];
	if (argc == 4)
		part = argv[3];
	rss = resident("VmRSS:");
	anonymous = resident("RssAnon:");
	load(argv[1]);
	whole_call(rss, anonymous);
	calls();
	sessions_in("memory", 0);
	sessions_in("SQLite", 1);
	disk();
	return 0;
}
