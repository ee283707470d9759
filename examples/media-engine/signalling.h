/*
 * The messages beside the media: each participant has one socket to the server, which forwards stanzas
 * and announces events to all participants.
 */
#ifndef SIGNALLING_H
#define SIGNALLING_H

#include "call.h"
#include "figures.h"

#include <stddef.h>

#define SIGNALLING_MAX_BODY 4096

enum message_kind {
	/* participant to server */
	HELLO,    /* port: of its media; body: a prekey bundle */
	RINGING,  /* the offer had a key; body: its fingerprint */
	ANSWER,   /* this device was picked up */
	FOUND,    /* party: the device that answered, found by the caller */
	READY,    /* has the keys of the roster; index: of its next packet */
	SWITCHED, /* sends under the new key; index: of its first packet under it */
	STATUS,   /* body: struct status */
	DONE,     /* body: struct status, the last one */
	/* both ways */
	STANZA,   /* party: its receiver or sender; body: binary XML */
	/* server to participant */
	BUNDLE,   /* party: its owner; body: a prekey bundle */
	PLACE,    /* call, with the bundles sent before */
	PICK_UP,  /* answer the call */
	HANG_UP,  /* another device answered, or the call is over */
	ANSWERED, /* port: the address for media. It does not name the device */
	START,    /* index: call_clock of frame 0 */
	MEMBER,   /* party, port: one more participant of the group */
	ROSTER,   /* transaction: the members sent before are the roster */
	SWITCH,   /* all are ready; index: the frame to end at; body: the index of each party's next
	           * packet, 64 bits each */
};

struct message {
	uint32_t kind, party, port, transaction;
	uint64_t index;
	uint32_t size; /* of body */
	uint8_t body[SIGNALLING_MAX_BODY];
};

/* One received stream. */
struct stream_status {
	uint32_t sender, heard;  /* heard: the rest is not empty */
	uint32_t reports;
	uint32_t told_lost, told_jitter, round_trip; /* packets, us, us: as its sender reports */
	uint64_t lost;
	struct reception reception;
	struct video video;
};

struct status {
	struct stream_status streams[2];
	uint64_t sent[PARTIES], video_sent[PARTIES]; /* packets to each */
	uint64_t next;          /* extended sequence number of the next packet */
	uint32_t reports;       /* RTCP packets sent to each */
	uint32_t packet_calls;  /* packets, sent or received, that led to one */
};

/* False: the other end has closed its socket. */
bool signalling_send(int fd, const struct message *message);
bool signalling_receive(int fd, struct message *message);

#endif
