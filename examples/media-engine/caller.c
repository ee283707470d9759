#include "caller.h"
#include "rtp.h"

#define CALLEE "222222222222222@lid"

static const uint32_t devices[] = {BOB_0, BOB_1, BOB_2};
#define DEVICES (sizeof devices / sizeof *devices)

void caller_place(struct participant *p)
{
	const char *jids[DEVICES];
	struct message stanza = {.kind = STANZA, .party = BOB_0};
	size_t i;

	for (i = 0; i < DEVICES; i++)
		jids[i] = parties[devices[i]].jid;
	stanza.size = (uint32_t)keys_make_offer(p->keys, stanza.body, sizeof stanza.body, CALL_ID,
	                                        CALLEE, jids, DEVICES);
	participant_send(p, &stanza);
}

void caller_find_device(struct participant *p, struct peer *peer, const uint8_t *packet, size_t n)
{
	/* The base id and :0 are the same participant id for a LID, and two for a phone number; trying
	 * one more costs some microseconds. */
	const char *candidates[1 + DEVICES] = {CALLEE};
	uint32_t ssrc = rtp_sender(packet, n);
	size_t i;
	int place;

	for (i = 0; i < DEVICES; i++)
		candidates[1 + i] = parties[devices[i]].jid;
	if (p->settings->wrong_device) {
		/* The most frequent bug in practice: keys derived once, for the base id. */
		place = 0;
	} else {
		/* The SSRC also names the sender, but anyone can write an SSRC. The tag is proof. */
		place = keys_find_device(p->keys, candidates, 1 + DEVICES, packet, n);
		if (place < 0 || ssrc != keys_audio_ssrc(p->keys, candidates[place]))
			return;
	}
	peer->party = devices[place == 0 ? 0 : place - 1];
	participant_expect(p, peer, ssrc, p->settings->wrong_device);
	participant_hear(p, peer, rtp_index(0, rtp_get16(packet + 2)));
	participant_tell(p, FOUND, peer->party);
}

void caller_send_epoch(struct participant *p, uint32_t transaction)
{
	unsigned i;

	keys_make_epoch(p->keys, transaction);
	for (i = 0; i < p->n_peers; i++) {
		struct message stanza = {.kind = STANZA, .party = p->peers[i].party};

		if (stanza.party == PARTIES)
			give_up("no packet from the callee: the device that answered is not known");
		stanza.size = (uint32_t)keys_seal_epoch(p->keys, stanza.body, sizeof stanza.body,
		                                        parties[stanza.party].jid);
		participant_send(p, &stanza);
	}
}
