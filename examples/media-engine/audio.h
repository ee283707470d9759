/*
 * The audio thread: every 5 ms of media it does what a sound card's callback would do. It never calls into
 * libcallkey, which may wait for a lock, a disk or a garbage collector, and itself it allocates nothing, takes
 * no lock and waits for nothing but its next turn. All it needs is handed over: streams, and contexts when a
 * key changes. All it has to tell goes through latest and packets.
 */
#ifndef AUDIO_H
#define AUDIO_H

#include "call.h"
#include "incoming.h"
#include "latest.h"
#include "outgoing.h"
#include "ring.h"

#include <netinet/in.h>
#include <pthread.h>

#define AUDIO_HELD 512 /* packets */

struct listener {
	struct sockaddr_in address;
	atomic_bool on; /* gets our packets */
};

struct audio {
	/* Before it starts. */
	const struct settings *settings;
	int media;              /* socket */
	uint64_t start;         /* call_clock of frame 0 */
	uint64_t opened;        /* call_now, when no packet had come */
	int16_t *pcm;           /* our speech */
	size_t samples;
	bool captured;          /* all packets are for the set-up thread */

	/* By the set-up thread, at any time. */
	_Atomic(uint64_t) frames; /* the end */
	_Atomic(struct outgoing *) out;
	_Atomic(struct incoming *) in[PEERS];
	struct listener listeners[PEERS];
	atomic_bool asked;      /* packets has one of an unknown sender */
	atomic_bool stop;

	/* For the set-up thread. */
	struct ring packets;    /* RTCP, video, one packet of an unknown sender, and what is captured */
	struct latest latest;

	/* Its own. */
	pthread_t thread;
	size_t said;
	struct figures figures;
	struct packet held[AUDIO_HELD]; /* of senders that are not known yet */
	unsigned n_held;
};

void audio_start(struct audio *audio);
/* Returns when it has ended. */
void audio_stop(struct audio *audio);

#endif
