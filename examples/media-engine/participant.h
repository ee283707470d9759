/*
 * One device in the call: a process with a socket for media and one to the server, and two threads. The set-up
 * thread, which is the main one, does everything that may wait: signalling, libcallkey, RTCP. The audio thread
 * (audio.h) gets finished streams and contexts from it.
 */
#ifndef PARTICIPANT_H
#define PARTICIPANT_H

#include "audio.h"
#include "camera.h"
#include "capture.h"
#include "control.h"
#include "screen.h"
#include "signalling.h"

struct peer {
	uint32_t party; /* PARTIES: an unknown device of the callee */
	struct incoming *in; /* NULL: not set up yet */
	struct control_in control;
	struct screen screen;
	uint64_t video_sent; /* packets of ours to it */
};

struct participant {
	const struct settings *settings;
	uint32_t party;
	int server, media; /* sockets */
	uint16_t port;        /* of media */
	struct keys *keys;
	struct capture *capture; /* NULL: none */

	struct audio audio;
	bool playing;         /* the audio thread runs */
	const struct figures *figures; /* its latest */

	struct outgoing *out; /* NULL: not sending yet */
	struct control_out control;
	struct camera camera; /* only alice has one */
	uint64_t reported;    /* of the figures, in seconds */
	uint64_t told;        /* and in steps of STATUS */
	bool switching;       /* the audio thread has a context under the epoch, or will take it */
	bool ended;           /* BYE is sent */
	uint64_t ended_at;    /* call_clock */

	struct peer peers[PEERS];
	unsigned n_peers;
	uint32_t packet_calls; /* packets, sent or received, that led to a call into libcallkey */
};

int participant_run(const struct settings *settings, uint32_t party, int server);

struct peer *participant_add_peer(struct participant *p, uint32_t party, uint32_t port);
/* It gets our packets. */
void participant_send_to(struct participant *p, const struct peer *peer);
/* Sets up its streams; ssrc: of its audio; distrust: we hear packets that are not authentic, too. */
void participant_expect(struct participant *p, struct peer *peer, uint32_t ssrc, bool distrust);
/* The audio thread gets the stream; index: a recent extended sequence number. */
void participant_hear(struct participant *p, struct peer *peer, uint64_t index);
void participant_rekey(struct participant *p, struct peer *peer);
/* Our own stream, first and under another key. */
void participant_speak(struct participant *p);
void participant_rekey_own(struct participant *p);

void participant_send(struct participant *p, const struct message *message);
/* A message without body. */
void participant_tell(struct participant *p, uint32_t kind, uint64_t index);

#endif
