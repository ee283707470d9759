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
#include "callkey.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MIN_NS 40e6 /* the shortest time to divide by the number of calls */
#define MAX_DEVICES 100
#define JID_ROOM 48
#define STANZA_ROOM ((size_t)128 * 1024)
#define CIPHERTEXT_ROOM 512
#define PARTICIPANTS 32 /* of a group call */
#define MANY_PARTICIPANTS 1024
#define CANDIDATES 100 /* devices that may have answered */
#define FRAME_BYTES 1200 /* a media frame that fits a packet */
#define AHEAD 256       /* messages sealed before the clock starts on opening them */

#define CALLER "111111111111111:2@lid"
#define PARTICIPANT "222222222222222:3@lid"

/* ---- The library, through pointers as dlsym gives them -------------------------------------- */

#define FUNCTIONS(f) \
	f(generate) f(check) f(key_bytes) f(last_error) f(derive_e2e_keys) f(derive_e2e_keys_batch) \
	f(derive_e2e_sframe_key) f(derive_warp_auth_key) f(derive_hbh_keys) f(derive_ssrcs) \
	f(participant_id) f(select_participant) f(warp_tag) f(sframe_seal) f(sframe_open) f(store_open) f(store_close) f(store_take_bundle) \
	f(session_begin) f(session_remove) f(enc_seal) f(enc_open) f(offer_seal) f(offer_open)

static struct {
#define MEMBER(name) __typeof__(callkey_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} callkey;

static void *must(void *found)
{
	if (found == NULL) {
		fprintf(stderr, "callkey_bench: %s\n", dlerror());
		exit(1);
	}
	return found;
}

static void resolve(void *library)
{
/* ISO C has no conversion from object to function pointer; POSIX has, of these bytes. */
#define FIND(name) \
	do { void *found = must(dlsym(library, "callkey_" #name)); \
		memcpy(&callkey.name, &found, sizeof found); } while (0);
	FUNCTIONS(FIND)
#undef FIND
}

#define OK(call) \
	do { callkey_status status_ = (call); if (status_ != CALLKEY_OK) failed(#call, status_); } while (0)

static void failed(const char *call, callkey_status status)
{
	char words[512] = "";
	size_t n = sizeof words;
	if (callkey.last_error != NULL && callkey.last_error(words, &n) != CALLKEY_OK)
		words[0] = '\0';
	fprintf(stderr, "callkey_bench: %s: %ld: %s\n", call, (long)status, words);
	exit(1);
}

/* ---- Time, memory and the form of a result -------------------------------------------------- */

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

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

static const char *part = "";

static int wanted(const char *name) { return strstr(name, part) != NULL; }

/* Go's mark for the number of processors: none for one. */
static const char *processors(void)
{
	static char suffix[16];
	const char *n = getenv("GOMAXPROCS");
	if (n != NULL && atoi(n) > 1)
		snprintf(suffix, sizeof suffix, "-%d", atoi(n));
	return suffix;
}

static void result(const char *name, long n, double ns)
{
	printf("Benchmark%s%s\t%ld\t%.1f ns/op\n", name, processors(), n, ns / (double)n);
	fflush(stdout);
}

/* Repeats work until it takes long enough. work runs n times and returns the time in nanoseconds,
 * without its preparations. */
static void measure(const char *name, double (*work)(void *state, long n), void *state)
{
	long n = 1;
	double ns;
	if (!wanted(name))
		return;
	work(state, 1);
	while ((ns = work(state, n)) < MIN_NS && n < 1L << 30)
		n = ns < MIN_NS / 100 ? n * 20 : (long)((double)n * MIN_NS / ns * 1.2) + 1;
	result(name, n, ns);
}

/* ---- Calls without a store ------------------------------------------------------------------ */

static uint8_t key[CALLKEY_KEY_BYTES];

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

static const char *directory;

static callkey_store open_store(int in_file)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {7};
	static int made;
	char path[4096];
	callkey_store store;
	if (!in_file) {
		OK(callkey.store_open(&store, NULL, NULL, 0, NULL));
		return store;
	}
	snprintf(path, sizeof path, "%s/c-%ld-%d.db", directory, (long)getpid(), made++);
	OK(callkey.store_open(&store, path, storage_key, sizeof storage_key, NULL));
	return store;
}

/* The stores for a fan-out: the caller, and n devices of the callee. */
struct fan_out {
	callkey_store caller;
	size_t n;
	char names[MAX_DEVICES][JID_ROOM];
	const char *jids[MAX_DEVICES];
	callkey_prekey_bundle bundles[MAX_DEVICES];
	callkey_offer_options options;
};

static void fan_out(struct fan_out *f, int in_file, size_t n)
{
	size_t i;
	memset(f, 0, sizeof *f);
	f->caller = open_store(in_file);
	f->n = n;
	for (i = 0; i < n; i++) {
		snprintf(f->names[i], JID_ROOM, "222222222222222:%d@lid", (int)i);
		f->jids[i] = f->names[i];
	}
	f->options.struct_size = sizeof f->options;
	f->options.stanza_id = "1";
	f->options.to = "222222222222222@lid";
	f->options.call_id = "00112233445566778899AABBCCDDEEFF";
	f->options.call_creator = CALLER;
	f->options.device_identity = (const uint8_t *)"device identity";
	f->options.device_identity_len = sizeof "device identity" - 1;
}

static void publish(callkey_store store, callkey_prekey_bundle *bundle)
{
	bundle->struct_size = sizeof *bundle;
	OK(callkey.store_take_bundle(store, bundle));
}

/* One key from one store to the other. */
static void pass(callkey_store from, callkey_store to, const char *from_jid, const char *to_jid)
{
	uint8_t ciphertext[CIPHERTEXT_ROOM], opened[CALLKEY_KEY_BYTES];
	size_t n = sizeof ciphertext;
	uint32_t type;
	OK(callkey.enc_seal(from, ciphertext, &n, &type, to_jid, key, sizeof key));
	OK(callkey.enc_open(to, opened, from_jid, type, 2, ciphertext, n));
	if (memcmp(opened, key, sizeof key) != 0)
		failed("another key came out", CALLKEY_OK);
}

/* Sessions in both directions with the owner of peer. */
static void acknowledged(callkey_store caller, callkey_store peer, const char *jid)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	publish(peer, &bundle);
	OK(callkey.session_begin(caller, jid, &bundle));
	pass(caller, peer, CALLER, jid);
	pass(peer, caller, jid, CALLER);
}

static void seal_offer(struct fan_out *f, uint32_t want)
{
	static uint8_t stanza[STANZA_ROOM];
	uint32_t types[MAX_DEVICES];
	size_t room = sizeof stanza, i;
	OK(callkey.offer_seal(f->caller, stanza, &room, statuses, types, key, sizeof key, f->jids, f->n, &f->options));
	for (i = 0; i < f->n; i++)
		if (types[i] != want)
			failed("a device was not sealed for as it should be", statuses[i]);
}

static double seal_reused(void *state, long n)
{
	double start = now_ns();
	while (n-- > 0)
		seal_offer(state, CALLKEY_ENC_MSG);
	return now_ns() - start;
}

static double seal_new(void *state, long n)
{
	struct fan_out *f = state;
	double spent = 0;
	while (n-- > 0) {
		double start = now_ns();
		size_t i;
		for (i = 0; i < f->n; i++)
			OK(callkey.session_begin(f->caller, f->jids[i], &f->bundles[i]));
		seal_offer(f, CALLKEY_ENC_PKMSG);
		spent += now_ns() - start;
		for (i = 0; i < f->n; i++)
			OK(callkey.session_remove(f->caller, f->jids[i]));
	}
	return spent;
}

/* The same key for one device, without the stanza around it. */
static double seal_enc(void *state, long n)
{
	struct fan_out *f = state;
	double start = now_ns();
	while (n-- > 0) {
		uint8_t ciphertext[CIPHERTEXT_ROOM];
		size_t room = sizeof ciphertext;
		uint32_t type;
		OK(callkey.enc_seal(f->caller, ciphertext, &room, &type, f->jids[0], key, sizeof key));
	}
	return now_ns() - start;
}

struct opening {
	callkey_store caller, callee;
};

static double open_enc(void *state, long n)
{
	static uint8_t ciphertexts[AHEAD][CIPHERTEXT_ROOM];
	static size_t lengths[AHEAD];
	struct opening *o = state;
	double spent = 0;
	while (n > 0) {
		long batch = n < AHEAD ? n : AHEAD, i;
		uint8_t opened[CALLKEY_KEY_BYTES];
		uint32_t type;
		double start;
		for (i = 0; i < batch; i++) {
			lengths[i] = sizeof ciphertexts[i];
			OK(callkey.enc_seal(o->caller, ciphertexts[i], &lengths[i], &type, PARTICIPANT, key, sizeof key));
		}
		start = now_ns();
		for (i = 0; i < batch; i++)
			OK(callkey.enc_open(o->callee, opened, CALLER, CALLKEY_ENC_MSG, 2, ciphertexts[i], lengths[i]));
		spent += now_ns() - start;
		n -= batch;
	}
	return spent;
}

static void sessions_in(const char *kind, int in_file)
{
	static const size_t fan_outs[] = {1, 10, MAX_DEVICES};
	static struct fan_out f;
	struct opening o;
	char name[64], enc_name[64];
	size_t i, device;
	snprintf(enc_name, sizeof enc_name, "SealEnc/%s", kind);
	for (i = 0; i < sizeof fan_outs / sizeof *fan_outs; i++) {
		snprintf(name, sizeof name, "SealReused/%s/%d", kind, (int)fan_outs[i]);
		if (wanted(name) || (fan_outs[i] == 1 && wanted(enc_name))) {
			fan_out(&f, in_file, fan_outs[i]);
			for (device = 0; device < f.n; device++) {
				callkey_store peer = open_store(0);
				acknowledged(f.caller, peer, f.jids[device]);
				OK(callkey.store_close(peer));
			}
			measure(name, seal_reused, &f);
			if (f.n == 1)
				measure(enc_name, seal_enc, &f);
			OK(callkey.store_close(f.caller));
		}
		snprintf(name, sizeof name, "SealNew/%s/%d", kind, (int)fan_outs[i]);
		if (wanted(name)) {
			callkey_store peer = open_store(0);
			fan_out(&f, in_file, fan_outs[i]);
			for (device = 0; device < f.n; device++)
				publish(peer, &f.bundles[device]);
			measure(name, seal_new, &f);
			OK(callkey.store_close(f.caller));
			OK(callkey.store_close(peer));
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
	static uint8_t stanza[STANZA_ROOM];
	callkey_store callee = open_store(0);
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t opened[CALLKEY_KEY_BYTES];
	uint32_t type;
	size_t room = sizeof stanza;
	fan_out(&f, 0, 1);
	publish(callee, f.bundles);
	OK(callkey.session_begin(f.caller, f.jids[0], f.bundles));
	OK(callkey.offer_seal(f.caller, stanza, &room, statuses, &type, key, sizeof key, f.jids, 1, &f.options));
	OK(callkey.offer_open(callee, opened, &info, stanza, room, f.jids, 1, NULL));
	if (memcmp(opened, key, sizeof key) != 0)
		failed("another key came out", CALLKEY_OK);
	OK(callkey.derive_e2e_keys(keys, opened, sizeof opened, CALLER));
	OK(callkey.derive_e2e_sframe_key(derived, opened, sizeof opened, CALLER));
	if (wanted("WholeCall"))
		printf("BenchmarkWholeCall\t1\t%.0f resident-B\t%.0f anonymous-B\n",
		       resident("VmRSS:") - rss, resident("RssAnon:") - anonymous);
	OK(callkey.store_close(f.caller));
	OK(callkey.store_close(callee));
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
