/* One device in the call: a process with a socket for media and one to the server. */
#ifndef PARTICIPANT_H
#define PARTICIPANT_H

#include "incoming.h"
#include "outgoing.h"
#include "signalling.h"

#include <netinet/in.h>

#define PEERS 2

struct peer {
	uint32_t party; /* PARTIES: an unknown device of the callee */
	struct sockaddr_in address;
	bool listening; /* gets our packets */
	bool heard;     /* in is open */
	uint64_t sent;
	struct incoming in;
};

struct participant {
	const struct settings *settings;
	uint32_t party;
	int server, media; /* sockets */
	struct keys *keys;

	uint64_t start;    /* call_clock of frame 0; 0: not yet */
	uint64_t frame;    /* the next one */
	uint64_t frames;   /* the end */
	bool sending, ended;
	uint64_t ended_at; /* call_clock */

	int16_t *pcm;      /* its speech */
	size_t samples, said;

	struct outgoing out;
	struct peer peers[PEERS];
	unsigned n_peers;
	uint32_t packet_calls; /* packets, sent or received, that led to a call into libcallkey */
};

int participant_run(const struct settings *settings, uint32_t party, int server);

struct peer *participant_add_peer(struct participant *p, uint32_t party, uint32_t port);
void participant_hear(struct participant *p, struct peer *peer, uint32_t ssrc, uint64_t index);
void participant_speak(struct participant *p);

void participant_send(struct participant *p, const struct message *message);
/* A message without body. */
void participant_tell(struct participant *p, uint32_t kind, uint64_t index);

#endif
