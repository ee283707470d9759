/* The fixed plan of the call: its participants, its media, and when it becomes a group call. */
#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stdint.h>

#define CALL_ID "00112233445566778899AABBCCDDEEFF"

/* One process each. Bob has three devices; the third one answers. */
enum party { ALICE, BOB_0, BOB_1, BOB_2, CAROL, PARTIES };

struct party_name {
	const char *name, *jid;
};

extern const struct party_name parties[PARTIES];

#define SAMPLE_RATE 16000 /* Hz, mono */
#define FRAME_SAMPLES 320 /* 20 ms */
#define FRAMES_PER_SECOND 50

#define ONE_TO_ONE_SECONDS 10
#define GROUP_SECONDS 8
#define GROUP_SECONDS_LEFT 4 /* at least, if the change of key took long */
#define WRONG_DEVICE_SECONDS 4

struct settings {
	unsigned speed;      /* seconds of media in one second */
	double wrap_at;      /* second of media in which each sequence number passes 65535 */
	bool wrong_device;   /* the caller does not look for the device that answered */
	const char *wav;     /* alice's speech; NULL: a synthetic voice */
	const char *folder;  /* for WAV files */
	const char *pcap;    /* the capture; NULL: none */
};

/* The device of the capture. It opens the offer with its prekeys; nobody can open what a device sealed itself, so
 * from the caller's stanzas its call key does not come out. */
#define CAPTURED BOB_2

/* Media frames until the planned end of the call, and until a third participant joins (0: never). */
uint64_t call_frames(const struct settings *settings);
uint64_t call_join_frame(const struct settings *settings);

/* Extended sequence number (ROC in the upper bits, RFC 3711 section 3.3.1) of a sender's first
 * packet. */
uint64_t call_first_index(const struct settings *settings);

/* Path of a WAV file: of a party's speech, or, with a listener below PARTIES, of what the listener
 * heard. */
void call_wav_path(char *out, uint32_t room, const struct settings *settings, uint32_t speaker,
                   uint32_t listener);

/* Monotonic clock of the machine, in ns: the same in all processes. */
uint64_t call_clock(void);
/* ns since 1970. */
uint64_t call_now(void);

/* One line on stderr, then exit. */
void give_up(const char *format, ...);

#endif
