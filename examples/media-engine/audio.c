#define _DEFAULT_SOURCE /* SCM_TIMESTAMPNS */
#include "audio.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND 1000000000u           /* ns */
#define PERIOD (SECOND / 200)        /* of media */
#define LATEST_FRAMES 10             /* further behind, it does not catch up */

static uint64_t frame_time(const struct audio *a)
{
	return a->start + a->figures.frame * SECOND / FRAMES_PER_SECOND / a->settings->speed;
}

static bool tell(struct audio *a, const struct packet *packet)
{
	bool told = ring_put(&a->packets, packet);

	a->figures.untold += !told;
	return told;
}

static void send_packet(struct audio *a, struct packet *packet, unsigned i)
{
	const struct sockaddr_in *to = &a->listeners[i].address;

	packet->at = call_now();
	packet->port = ntohs(to->sin_port);
	if (sendto(a->media, packet->bytes, packet->size, MSG_DONTWAIT, (const struct sockaddr *)to,
	           sizeof *to) == (ssize_t)packet->size) {
		a->figures.sent.to[i]++;
		if (a->captured)
			tell(a, packet);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK) {
		give_up("UDP: %s", strerror(errno));
	}
}

static void send_frame(struct audio *a, struct outgoing *out)
{
	struct packet packet = {.purpose = SENT};
	int16_t pcm[FRAME_SAMPLES];
	unsigned i;

	for (i = 0; i < FRAME_SAMPLES; i++)
		pcm[i] = a->pcm[a->said++ % a->samples];
	packet.size = (uint32_t)outgoing_frame(out, pcm, packet.bytes);
	/* To all participants: in WhatsApp's calls a relay does this. */
	for (i = 0; i < PEERS; i++)
		if (atomic_load(&a->listeners[i].on))
			send_packet(a, &packet, i);
	a->figures.sent.started = true;
	a->figures.sent.first = out->first;
	a->figures.sent.next = out->next;
	a->figures.sent.switched = out->switched;
	a->figures.sent.octets = out->octets;
	a->figures.sent.epoch = out->context->epoch;
}

/* False: the sender is not known. */
static bool hear(struct audio *a, const struct packet *packet)
{
	uint32_t ssrc = rtp_sender(packet->bytes, packet->size);
	unsigned i;

	for (i = 0; i < PEERS; i++) {
		struct incoming *in = atomic_load(&a->in[i]);

		if (in == NULL || in->ssrc != ssrc)
			continue;
		incoming_rtp(in, packet->bytes, packet->size,
		             (packet->at - a->opened) * a->settings->speed);
		return true;
	}
	return false;
}

/* Until the set-up thread has found out the sender. */
static void hold(struct audio *a, const struct packet *packet)
{
	if (a->n_held < AUDIO_HELD)
		a->held[a->n_held++] = *packet;
}

static void hear_held(struct audio *a)
{
	unsigned i, left = 0;

	for (i = 0; i < a->n_held; i++)
		if (!hear(a, &a->held[i]))
			a->held[left++] = a->held[i];
	a->n_held = left;
}

/* The kernel's time of arrival: this thread may have slept since. */
static uint64_t arrival(struct msghdr *message)
{
	struct cmsghdr *part;
	struct timespec at;

	for (part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&at, CMSG_DATA(part), sizeof at);
			return (uint64_t)at.tv_sec * SECOND + (uint64_t)at.tv_nsec;
		}
	return call_now();
}

static bool receive_packet(struct audio *a, struct packet *packet)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec bytes = {packet->bytes, sizeof packet->bytes};
	struct sockaddr_in from;
	struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from,
	                         .msg_iov = &bytes, .msg_iovlen = 1};
	ssize_t n;

	message.msg_control = &control;
	message.msg_controllen = sizeof control;
	n = recvmsg(a->media, &message, MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		give_up("UDP: %s", strerror(errno));
	if (n < 0)
		return false;
	packet->size = (uint32_t)n;
	packet->at = arrival(&message);
	packet->port = ntohs(from.sin_port);
	return true;
}

static enum purpose purpose_of(const struct packet *packet)
{
	struct rtp_header header;

	if (rtp_is_rtcp(packet->bytes, packet->size))
		return CONTROL;
	if (rtp_read_header(&header, packet->bytes, packet->size) && header.type == RTP_VIDEO)
		return VIDEO;
	return HEARD;
}

static void receive(struct audio *a)
{
	struct packet packet;

	while (receive_packet(a, &packet)) {
		packet.purpose = purpose_of(&packet);
		if (packet.purpose == HEARD && !hear(a, &packet)) {
			hold(a, &packet);
			if (!atomic_load(&a->asked))
				packet.purpose = UNKNOWN;
		}
		if ((packet.purpose != HEARD || a->captured) && tell(a, &packet) &&
		    packet.purpose == UNKNOWN)
			atomic_store(&a->asked, true);
	}
}

/* If the machine paused the process, continue later instead of sending a burst, which would overflow the
 * receivers' buffers. */
static void slip(struct audio *a)
{
	uint64_t now = call_clock(), due = frame_time(a);
	uint64_t most = LATEST_FRAMES * (SECOND / FRAMES_PER_SECOND) / a->settings->speed;

	if (now > due + most)
		a->start += now - due;
}

/* Sends one frame that is due. If it is late, the next turns catch up: turns are more frequent than frames. */
static void keep_time(struct audio *a)
{
	struct outgoing *out = atomic_load(&a->out);
	uint64_t frames = atomic_load(&a->frames);

	if (out != NULL)
		slip(a);
	if (a->figures.frame < frames && call_clock() >= frame_time(a)) {
		if (out != NULL)
			send_frame(a, out);
		a->figures.frame++;
	}
	a->figures.ended = out != NULL && a->figures.frame >= frames;
}

static void publish(struct audio *a)
{
	unsigned i;

	for (i = 0; i < PEERS; i++) {
		const struct incoming *in = atomic_load(&a->in[i]);

		if (in != NULL)
			a->figures.heard[i] = in->figures;
	}
	latest_write(&a->latest, &a->figures);
}

static void turn(struct audio *a)
{
	hear_held(a);
	receive(a);
	keep_time(a);
	publish(a);
}

/* Stands for a sound card, which calls at fixed times. */
static void *run(void *argument)
{
	struct audio *a = argument;
	uint64_t next = call_clock();

	/* Its name is seen in debuggers, and by tests/media, which watches what it calls. */
	prctl(PR_SET_NAME, "audio");
	while (!atomic_load(&a->stop)) {
		uint64_t now = call_clock();
		struct timespec until;

		turn(a);
		next += PERIOD / a->settings->speed;
		if (next < now)
			next = now;
		until = (struct timespec){(time_t)(next / SECOND), (long)(next % SECOND)};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	return NULL;
}

void audio_start(struct audio *a)
{
	int on = 1;

	if (setsockopt(a->media, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
		give_up("UDP: %s", strerror(errno));
	latest_start(&a->latest);
	if (pthread_create(&a->thread, NULL, run, a) != 0)
		give_up("no thread");
}

void audio_stop(struct audio *a)
{
	atomic_store(&a->stop, true);
	pthread_join(a->thread, NULL);
}
