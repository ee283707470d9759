#include "participant.h"
#include "caller.h"
#include "group.h"
#include "protection.h"
#include "wav.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND 1000000000u           /* ns */
#define STATUS_FRAMES 5
#define PICTURE_FRAMES 5             /* of audio, per picture */
#define LOOK 2                       /* ms: nothing wakes this thread when the audio thread has something */
#define PATIENCE (10 * (uint64_t)SECOND) /* for the others' BYE */
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

struct peer *participant_add_peer(struct participant *p, uint32_t party, uint32_t port)
{
	struct sockaddr_in *address;
	struct peer *peer;
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].party == party)
			return &p->peers[i];
	if (p->n_peers == PEERS)
		give_up("more than %d other participants", PEERS);
	address = &p->audio.listeners[p->n_peers].address;
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address->sin_port = htons((uint16_t)port);
	peer = &p->peers[p->n_peers++];
	peer->party = party;
	return peer;
}

static struct listener *listener_of(struct participant *p, const struct peer *peer)
{
	return &p->audio.listeners[peer - p->peers];
}

void participant_send_to(struct participant *p, const struct peer *peer)
{
	atomic_store(&listener_of(p, peer)->on, true);
}

void participant_expect(struct participant *p, struct peer *peer, uint32_t ssrc, bool distrust)
{
	const char *jid = parties[peer->party].jid;
	struct stream_key key;
	struct frame_key frames;

	keys_derive(p->keys, &key, jid);
	keys_derive_frames(p->keys, &frames, jid);
	peer->in = incoming_open(ssrc, ROOM_FRAMES, &key);
	peer->control.current = protection_open(ssrc, &key);
	screen_open(&peer->screen, keys_video_ssrc(p->keys, jid), &key, &frames);
	if (distrust)
		incoming_distrust(peer->in, &key);
	keys_wipe(&key, sizeof key);
	keys_wipe(&frames, sizeof frames);
}

void participant_hear(struct participant *p, struct peer *peer, uint64_t index)
{
	incoming_begin(peer->in, index);
	/* Finished: from here on it is the audio thread's. */
	atomic_store(&p->audio.in[peer - p->peers], peer->in);
}

void participant_rekey(struct participant *p, struct peer *peer)
{
	const char *jid = parties[peer->party].jid;
	struct stream_key key;
	struct frame_key frames;

	keys_derive(p->keys, &key, jid);
	keys_derive_frames(p->keys, &frames, jid);
	incoming_rekey(peer->in, &key);
	control_rekey(&peer->control, &key);
	screen_rekey(&peer->screen, &key, &frames);
	keys_wipe(&key, sizeof key);
	keys_wipe(&frames, sizeof frames);
}

void participant_speak(struct participant *p)
{
	const char *jid = parties[p->party].jid;
	uint32_t ssrc = keys_audio_ssrc(p->keys, jid);
	struct stream_key key;
	struct frame_key frames;

	keys_derive(p->keys, &key, jid);
	keys_derive_frames(p->keys, &frames, jid);
	p->out = outgoing_open(ssrc, call_first_index(p->settings), &key);
	p->control.context = protection_open(ssrc, &key);
	if (p->party == ALICE)
		camera_open(&p->camera, keys_video_ssrc(p->keys, jid), &key, &frames);
	keys_wipe(&key, sizeof key);
	keys_wipe(&frames, sizeof frames);
	atomic_store(&p->audio.out, p->out);
}

void participant_rekey_own(struct participant *p)
{
	const char *jid = parties[p->party].jid;
	struct stream_key key;
	struct frame_key frames;

	keys_derive(p->keys, &key, jid);
	keys_derive_frames(p->keys, &frames, jid);
	outgoing_rekey(p->out, &key);
	protection_rekey(p->control.context, &key);
	if (p->camera.context != NULL)
		camera_rekey(&p->camera, &key, &frames);
	keys_wipe(&key, sizeof key);
	keys_wipe(&frames, sizeof frames);
}

/* RTCP and video; the audio thread sends the rest. False: this one does not listen to us. */
static bool send_packet(struct participant *p, const struct peer *peer, const uint8_t *packet, size_t n)
{
	const struct listener *to = listener_of(p, peer);

	if (!atomic_load(&to->on))
		return false;
	if (p->capture != NULL)
		capture_packet(p->capture, call_now(), p->port, ntohs(to->address.sin_port), packet, n);
	if (sendto(p->media, packet, n, 0, (const struct sockaddr *)&to->address,
	           sizeof to->address) != (ssize_t)n)
		give_up("%s: UDP: %s", parties[p->party].name, strerror(errno));
	return true;
}

static void send_picture(struct participant *p)
{
	struct shot shot;
	unsigned i, k;

	camera_shoot(&p->camera, &shot);
	for (i = 0; i < p->n_peers; i++)
		for (k = 0; k < shot.n; k++)
			p->peers[i].video_sent += send_packet(p, &p->peers[i], shot.packets[k].bytes,
			                                      shot.packets[k].size);
}

static void send_report(struct participant *p, bool bye)
{
	uint8_t packet[RTP_MAX_PACKET];
	struct report report = {.bye = bye};
	size_t n;
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].in != NULL)
			control_describe(&p->peers[i].control, &p->figures->heard[i],
			                 &report.blocks[report.n_blocks++]);
	n = control_write(&p->control, &report, p->figures, parties[p->party].jid, packet);
	for (i = 0; i < p->n_peers; i++)
		send_packet(p, &p->peers[i], packet, n);
}

static void describe(const struct participant *p, unsigned i, struct stream_status *stream)
{
	const struct peer *peer = &p->peers[i];
	const struct reception *heard = &p->figures->heard[i];

	stream->heard = 1;
	stream->sender = peer->party;
	stream->reports = peer->control.reports;
	stream->told_lost = peer->control.told.lost;
	stream->told_jitter = (uint32_t)((uint64_t)peer->control.told.jitter * 1000 / 48);
	stream->round_trip = peer->control.round_trip;
	stream->lost = figures_lost(heard);
	stream->reception = *heard;
	stream->video = peer->screen.figures;
}

static void send_status(struct participant *p, uint32_t kind)
{
	struct message message = {.kind = kind, .party = p->party};
	struct status status;
	unsigned i;

	memset(&status, 0, sizeof status);
	for (i = 0; i < p->n_peers; i++) {
		if (p->peers[i].party < PARTIES)
			status.sent[p->peers[i].party] = p->figures->sent.to[i];
		if (p->peers[i].party < PARTIES)
			status.video_sent[p->peers[i].party] = p->peers[i].video_sent;
		if (p->peers[i].in != NULL)
			describe(p, i, &status.streams[i]);
	}
	status.next = p->figures->sent.next;
	status.reports = p->control.reports;
	status.packet_calls = p->packet_calls;
	message.size = sizeof status;
	memcpy(message.body, &status, sizeof status);
	participant_send(p, &message);
}

/* The audio thread does not know its sender: the only packet that needs a call into libcallkey. */
static void receive_unknown(struct participant *p, const struct packet *packet)
{
	unsigned long before = keys_calls();
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].party == PARTIES)
			caller_find_device(p, &p->peers[i], packet->bytes, packet->size);
	p->packet_calls += keys_calls() != before;
	atomic_store(&p->audio.asked, false);
}

static void receive_control(struct participant *p, const struct packet *packet)
{
	uint32_t ssrc = rtp_sender(packet->bytes, packet->size);
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].in != NULL && p->peers[i].in->ssrc == ssrc)
			control_read(&p->peers[i].control, packet->bytes, packet->size, packet->at,
			             p->out == NULL ? 0 : p->out->ssrc);
}

static void receive_video(struct participant *p, const struct packet *packet)
{
	uint32_t ssrc = rtp_sender(packet->bytes, packet->size);
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].in != NULL && p->peers[i].screen.ssrc == ssrc)
			screen_packet(&p->peers[i].screen, packet->bytes, packet->size);
}

static void receive_packets(struct participant *p)
{
	struct packet packet;

	while (ring_take(&p->audio.packets, &packet)) {
		if (packet.purpose == CONTROL)
			receive_control(p, &packet);
		else if (packet.purpose == VIDEO)
			receive_video(p, &packet);
		else if (packet.purpose == UNKNOWN)
			receive_unknown(p, &packet);
		if (p->capture != NULL && packet.purpose == SENT)
			capture_packet(p->capture, packet.at, p->port, packet.port, packet.bytes, packet.size);
		else if (p->capture != NULL)
			capture_packet(p->capture, packet.at, packet.port, p->port, packet.bytes, packet.size);
	}
}

static void end_overlap(struct peer *peer)
{
	control_end_overlap(&peer->control);
	screen_end_overlap(&peer->screen);
}

/* Closes the contexts that the audio thread has given back. */
static void collect(struct participant *p)
{
	unsigned i;

	if (p->out != NULL)
		handover_collect(&p->out->keys);
	for (i = 0; i < p->n_peers; i++)
		if (p->peers[i].in != NULL && handover_collect(&p->peers[i].in->keys))
			end_overlap(&p->peers[i]);
}

static void receive_stanza(struct participant *p, const struct message *message)
{
	struct message ringing = {.kind = RINGING, .party = p->party};
	struct stream_key key;

	if (p->capture != NULL)
		capture_stanza(p->capture, call_now(), parties[message->party].jid, message->body,
		               message->size);
	if (p->party == CAROL || p->playing) {
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
		if (p->out != NULL)
			break;
		/* The offer names the caller, and so the participant of the caller's stream. */
		peer = participant_add_peer(p, ALICE, message.port);
		participant_send_to(p, peer);
		participant_expect(p, peer, keys_audio_ssrc(p->keys, keys_caller(p->keys)), false);
		participant_hear(p, peer, 0);
		participant_speak(p);
		participant_tell(p, ANSWER, 0);
		break;
	case ANSWERED:
		if (p->out != NULL)
			break;
		participant_send_to(p, participant_add_peer(p, PARTIES, message.port));
		participant_speak(p);
		break;
	case START:
		p->audio.start = message.index;
		audio_start(&p->audio);
		p->playing = true;
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
		if (!p->peers[i].control.bye)
			return false;
	return true;
}

/* Does what the audio thread's figures call for. */
static void follow_audio(struct participant *p)
{
	const struct figures *figures = p->figures = latest_read(&p->audio.latest);

	receive_packets(p);
	collect(p);
	group_switched(p);
	if (!figures->sent.started)
		return;
	if (p->reported == 0)
		p->reported = figures->sent.first / FRAMES_PER_SECOND;
	for (; p->reported < figures->sent.next / FRAMES_PER_SECOND; p->reported++)
		send_report(p, false);
	while (p->camera.context != NULL &&
	       p->camera.pictures < (figures->sent.next - figures->sent.first) / PICTURE_FRAMES)
		send_picture(p);
	if (figures->ended && !p->ended) {
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

static void write_recordings(const struct participant *p)
{
	char path[512];
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		const struct peer *peer = &p->peers[i];

		if (peer->in == NULL)
			continue;
		call_wav_path(path, sizeof path, p->settings, peer->party, p->party);
		wav_write(path, peer->in->pcm, peer->in->figures.played * FRAME_SAMPLES);
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
	p->audio.media = p->media;
	hello.port = p->port = ntohs(address.sin_port);
	hello.size = (uint32_t)keys_bundle(p->keys, hello.body, sizeof hello.body);
	if (p->capture != NULL)
		keys_copy(p->keys, p->settings->pcap);
	participant_send(p, &hello);
}

static void close_all(struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		incoming_close(p->peers[i].in);
		control_in_close(&p->peers[i].control);
		screen_close(&p->peers[i].screen);
	}
	outgoing_close(p->out);
	control_out_close(&p->control);
	camera_close(&p->camera);
	keys_close(p->keys);
	capture_close(p->capture);
	protection_stop();
	free(p->audio.pcm);
	close(p->media);
	close(p->server);
	free(p);
}

static struct participant *open_participant(const struct settings *settings, uint32_t party,
                                            int server)
{
	struct participant *p = calloc(1, sizeof *p);
	char path[512];

	if (p == NULL)
		give_up("out of memory");
	p->settings = p->audio.settings = settings;
	p->party = party;
	p->server = server;
	/* The server ends a call that becomes a group call. */
	atomic_store(&p->audio.frames,
	             call_join_frame(settings) == 0 ? call_frames(settings) : UINT64_MAX);
	call_wav_path(path, sizeof path, settings, party, PARTIES);
	p->audio.pcm = wav_read(path, &p->audio.samples);
	latest_start(&p->audio.latest);
	p->figures = latest_read(&p->audio.latest);
	p->audio.opened = call_now();
	protection_start();
	if (party == CAPTURED && settings->pcap != NULL) {
		p->capture = capture_open(settings->pcap);
		p->audio.captured = true;
	}
	p->keys = keys_open(parties[party].jid, p->capture == NULL ? NULL : settings->pcap);
	open_sockets(p);
	return p;
}

int participant_run(const struct settings *settings, uint32_t party, int server)
{
	struct participant *p = open_participant(settings, party, server);
	bool here = true;

	while (here && !finished(p)) {
		struct pollfd ready = {.fd = p->server, .events = POLLIN};

		if (poll(&ready, 1, p->playing ? LOOK : -1) < 0 && errno != EINTR)
			give_up("%s: poll: %s", parties[party].name, strerror(errno));
		if (ready.revents != 0)
			here = receive_message(p);
		if (!p->playing)
			continue;
		follow_audio(p);
		if (p->figures->frame / STATUS_FRAMES != p->told) {
			p->told = p->figures->frame / STATUS_FRAMES;
			send_status(p, STATUS);
		}
	}
	if (p->playing) {
		audio_stop(&p->audio);
		p->figures = latest_read(&p->audio.latest);
		receive_packets(p);
		if (p->capture != NULL && p->figures->untold > 0)
			give_up("%lu packets are not in the capture", (unsigned long)p->figures->untold);
	}
	if (p->ended) {
		write_recordings(p);
		send_status(p, DONE);
	}
	close_all(p);
	return EXIT_SUCCESS;
}
