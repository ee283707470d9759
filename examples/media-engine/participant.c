#include "participant.h"
#include "caller.h"
#include "group.h"
#include "protection.h"
#include "rtp.h"
#include "wav.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND 1000000000u           /* ns */
#define REPORT_FRAMES FRAMES_PER_SECOND
#define STATUS_FRAMES 5
#define PATIENCE (10 * (uint64_t)SECOND) /* for the others' BYE */
#define LATEST_FRAMES 10             /* further behind, it does not catch up */
#define ROOM_FRAMES (60 * FRAMES_PER_SECOND)
#define RECEIVE_BUFFER (1 << 20)     /* bytes: a busy machine may hold us up */

void participant_send(struct participant *p, const struct message *message)
{
	if (!signalling_send(p->server, message))
		exit(EXIT_FAILURE); /* the server has failed and printed the reason */
}

void participant_tell(struct participant *p, uint32_t kind, uint64_t index)
{
	struct message message = {.kind = kind, .party = p->party, .index = index};

	participant_send(p, &message);
}

/* ns of media since frame 0. */
static uint64_t media_time(const struct participant *p)
{
	uint64_t now = call_clock();

	return now < p->start ? 0 : (now - p->start) * p->settings->speed;
}

static uint64_t frame_time(const struct participant *p)
{
	return p->start + p->frame * SECOND / FRAMES_PER_SECOND / p->settings->speed;
}

struct peer *participant_add_peer(struct participant *p, uint32_t party, uint32_t port)
{
	struct peer *peer;
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].party == party)
			return &p->peers[i];
	if (p->n_peers == PEERS)
		give_up("more than %d other participants", PEERS);
	peer = &p->peers[p->n_peers++];
	memset(peer, 0, sizeof *peer);
	peer->party = party;
	peer->address.sin_family = AF_INET;
	peer->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->address.sin_port = htons((uint16_t)port);
	return peer;
}

void participant_hear(struct participant *p, struct peer *peer, uint32_t ssrc, uint64_t index)
{
	struct stream_key key;

	keys_derive(p->keys, &key, parties[peer->party].jid);
	incoming_open(&peer->in, ssrc, index, ROOM_FRAMES, &key);
	keys_wipe(&key, sizeof key);
	peer->heard = true;
}

void participant_speak(struct participant *p)
{
	const char *jid = parties[p->party].jid;
	struct stream_key key;

	keys_derive(p->keys, &key, jid);
	outgoing_open(&p->out, keys_audio_ssrc(p->keys, jid), call_first_index(p->settings), &key);
	keys_wipe(&key, sizeof key);
	p->sending = true;
}

/* Sends to all participants: in WhatsApp's calls a relay does this. */
static void send_media(struct participant *p, const uint8_t *packet, size_t n, bool counted)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		struct peer *peer = &p->peers[i];

		if (!peer->listening)
			continue;
		if (sendto(p->media, packet, n, 0, (const struct sockaddr *)&peer->address,
		           sizeof peer->address) != (ssize_t)n)
			give_up("%s: UDP: %s", parties[p->party].name, strerror(errno));
		peer->sent += counted;
	}
}

static void send_report(struct participant *p, bool bye)
{
	uint8_t packet[RTP_MAX_PACKET];
	struct report report = {.bye = bye};
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].heard)
			incoming_describe(&p->peers[i].in, &report.blocks[report.n_blocks++]);
	send_media(p, packet, outgoing_report(&p->out, &report, parties[p->party].jid, packet), false);
}

static void send_frame(struct participant *p)
{
	uint8_t packet[RTP_MAX_PACKET];
	int16_t pcm[FRAME_SAMPLES];
	size_t i;

	for (i = 0; i < FRAME_SAMPLES; i++)
		pcm[i] = p->pcm[p->said++ % p->samples];
	send_media(p, packet, outgoing_frame(&p->out, pcm, packet), true);
	if (p->out.next % REPORT_FRAMES == 0)
		send_report(p, false);
}

static void send_status(struct participant *p, uint32_t kind)
{
	struct message message = {.kind = kind, .party = p->party};
	struct status status;
	unsigned i;

	memset(&status, 0, sizeof status);
	for (i = 0; i < p->n_peers; i++) {
		struct stream_status *stream = &status.streams[i];
		const struct peer *peer = &p->peers[i];
		const struct incoming *in = &peer->in;

		if (peer->party < PARTIES)
			status.sent[peer->party] = peer->sent;
		if (!peer->heard)
			continue;
		stream->heard = 1;
		stream->sender = peer->party;
		stream->epoch = in->epoch;
		stream->roc = incoming_roc(in);
		stream->reports = in->reports;
		stream->told_lost = in->told.lost;
		stream->told_jitter = (uint32_t)((uint64_t)in->told.jitter * 1000 / 48);
		stream->round_trip = in->round_trip;
		stream->first = in->first;
		stream->received = in->received;
		stream->authentic = in->authentic;
		stream->refused = in->refused;
		stream->lost = incoming_lost(in);
		stream->late = in->late;
		stream->overlap = in->overlap;
		stream->played = in->frames;
		memcpy(stream->fingerprint, in->fingerprint, sizeof stream->fingerprint);
	}
	status.next = p->out.next;
	status.reports = p->out.reports;
	status.calls = (uint32_t)keys_calls();
	status.packet_calls = p->packet_calls;
	message.size = sizeof status;
	memcpy(message.body, &status, sizeof status);
	participant_send(p, &message);
}

static void receive_packet(struct participant *p, const uint8_t *packet, size_t n)
{
	uint32_t ssrc = rtp_sender(packet, n);
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		struct peer *peer = &p->peers[i];

		/* The only packet that needs a call into libcallkey. */
		if (!peer->heard && peer->party == PARTIES && !rtp_is_rtcp(packet, n))
			caller_find_device(p, peer, packet, n);
		if (!peer->heard || peer->in.ssrc != ssrc)
			continue;
		if (rtp_is_rtcp(packet, n))
			incoming_rtcp(&peer->in, packet, n, p->out.ssrc);
		else
			incoming_rtp(&peer->in, packet, n, media_time(p));
	}
}

static void receive_media(struct participant *p)
{
	uint8_t packet[RTP_MAX_PACKET];
	ssize_t n;

	while ((n = recv(p->media, packet, sizeof packet, MSG_DONTWAIT)) >= 0) {
		unsigned long before = keys_calls();

		receive_packet(p, packet, (size_t)n);
		p->packet_calls += keys_calls() != before;
	}
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		give_up("%s: UDP: %s", parties[p->party].name, strerror(errno));
}

static void receive_stanza(struct participant *p, const struct message *message)
{
	struct message ringing = {.kind = RINGING, .party = p->party};
	struct stream_key key;

	if (p->party == CAROL || p->start != 0) {
		group_epoch(p, message);
		return;
	}
	if (!keys_open_offer(p->keys, message->body, message->size))
		return;
	keys_derive(p->keys, &key, parties[p->party].jid);
	ringing.size = sizeof key.fingerprint;
	memcpy(ringing.body, key.fingerprint, sizeof key.fingerprint);
	keys_wipe(&key, sizeof key);
	participant_send(p, &ringing);
}

/* False: hang up. */
static bool receive_message(struct participant *p)
{
	struct message message;
	struct peer *peer;

	if (!signalling_receive(p->server, &message))
		exit(EXIT_FAILURE); /* the server is gone */
	switch (message.kind) {
	case BUNDLE:
		keys_begin_session(p->keys, parties[message.party].jid, message.body, message.size);
		break;
	case PLACE:
		caller_place(p);
		break;
	case STANZA:
		receive_stanza(p, &message);
		break;
	case PICK_UP:
		/* Delivered again. Starting again would reuse the key's first packet indexes, and forget
		 * which packets have arrived. */
		if (p->sending)
			break;
		/* The offer names the caller, and so the participant of the caller's stream. */
		peer = participant_add_peer(p, ALICE, message.port);
		peer->listening = true;
		participant_hear(p, peer, keys_audio_ssrc(p->keys, keys_caller(p->keys)), 0);
		participant_speak(p);
		participant_tell(p, ANSWER, 0);
		break;
	case ANSWERED:
		if (p->sending)
			break;
		participant_add_peer(p, PARTIES, message.port)->listening = true;
		participant_speak(p);
		break;
	case START:
		p->start = message.index;
		break;
	case MEMBER:
		participant_add_peer(p, message.party, message.port);
		break;
	case ROSTER:
		group_roster(p, message.transaction);
		break;
	case SWITCH:
		group_switch(p, &message);
		break;
	case HANG_UP:
		return false;
	default:
		give_up("%s: signalling message %lu", parties[p->party].name,
		        (unsigned long)message.kind);
	}
	return true;
}

static bool everybody_left(const struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (!p->peers[i].in.bye)
			return false;
	return true;
}

/* If the machine paused the process, continue later instead of sending a burst, which would overflow the
 * receivers' buffers. */
static void slip(struct participant *p)
{
	uint64_t now = call_clock(), due = frame_time(p);
	uint64_t most = LATEST_FRAMES * (SECOND / FRAMES_PER_SECOND) / p->settings->speed;

	if (p->sending && now > due + most)
		p->start += now - due;
}

/* Sends every frame that is due. */
static void keep_time(struct participant *p)
{
	if (p->start == 0 || p->ended)
		return;
	slip(p);
	while (p->frame < p->frames && call_clock() >= frame_time(p)) {
		unsigned long before = keys_calls();

		if (p->sending)
			send_frame(p);
		p->packet_calls += keys_calls() != before;
		p->frame++;
		if (p->frame % STATUS_FRAMES == 0)
			send_status(p, STATUS);
	}
	if (p->frame == p->frames && p->sending) {
		send_report(p, true);
		p->ended = true;
		p->ended_at = call_clock();
	}
}

/* With keys for the wrong device it cannot open a BYE. */
static uint64_t patience(const struct participant *p)
{
	return p->settings->wrong_device ? SECOND : PATIENCE;
}

static bool finished(const struct participant *p)
{
	return p->ended && (everybody_left(p) || call_clock() >= p->ended_at + patience(p));
}

/* In ms; -1: for a message or a packet. */
static int time_to_wait(const struct participant *p)
{
	uint64_t now = call_clock(), then = p->ended ? p->ended_at + patience(p) : frame_time(p);

	if (p->start == 0)
		return -1;
	return then <= now ? 0 : (int)((then - now + 999999) / 1000000);
}

static void write_recordings(const struct participant *p)
{
	char path[512];
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		const struct peer *peer = &p->peers[i];

		if (!peer->heard)
			continue;
		call_wav_path(path, sizeof path, p->settings, peer->party, p->party);
		wav_write(path, peer->in.pcm, peer->in.frames * FRAME_SAMPLES);
	}
}

static void open_sockets(struct participant *p)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct message hello = {.kind = HELLO, .party = p->party};
	socklen_t size = sizeof address;
	int buffer = RECEIVE_BUFFER;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->media = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p->media < 0 || setsockopt(p->media, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer) != 0 ||
	    bind(p->media, (struct sockaddr *)&address, sizeof address) != 0 ||
	    getsockname(p->media, (struct sockaddr *)&address, &size) != 0)
		give_up("%s: UDP: %s", parties[p->party].name, strerror(errno));
	hello.port = ntohs(address.sin_port);
	hello.size = (uint32_t)keys_bundle(p->keys, hello.body, sizeof hello.body);
	participant_send(p, &hello);
}

static void close_all(struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		incoming_close(&p->peers[i].in);
	outgoing_close(&p->out);
	keys_close(p->keys);
	protection_stop();
	free(p->pcm);
	close(p->media);
	close(p->server);
}

int participant_run(const struct settings *settings, uint32_t party, int server)
{
	struct participant p = {.settings = settings, .party = party, .server = server};
	struct pollfd ready[2];
	char path[512];
	bool here = true;

	/* The server ends a call that becomes a group call. */
	p.frames = call_join_frame(settings) == 0 ? call_frames(settings) : UINT64_MAX;
	call_wav_path(path, sizeof path, settings, party, PARTIES);
	p.pcm = wav_read(path, &p.samples);
	protection_start();
	p.keys = keys_open(parties[party].jid);
	open_sockets(&p);

	while (here && !finished(&p)) {
		ready[0] = (struct pollfd){.fd = p.server, .events = POLLIN};
		ready[1] = (struct pollfd){.fd = p.media, .events = POLLIN};
		if (poll(ready, 2, time_to_wait(&p)) < 0 && errno != EINTR)
			give_up("%s: poll: %s", parties[party].name, strerror(errno));
		/* The server's messages come first: a packet may be the answer to one. */
		if (ready[0].revents != 0)
			here = receive_message(&p);
		else if (ready[1].revents != 0)
			receive_media(&p);
		keep_time(&p);
	}
	if (p.ended) {
		write_recordings(&p);
		send_status(&p, DONE);
	}
	close_all(&p);
	return EXIT_SUCCESS;
}
