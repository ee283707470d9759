#include "group.h"
#include "caller.h"

#include <string.h>

/* Sets the keys to receive all members; the own stream continues under its old key. */
static void take_up_epoch(struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		struct peer *peer = &p->peers[i];

		if (peer->in != NULL)
			participant_rekey(p, peer);
		else
			participant_expect(p, peer, keys_audio_ssrc(p->keys, parties[peer->party].jid), false);
	}
	participant_tell(p, READY,
	                 p->figures->sent.started ? p->figures->sent.next : call_first_index(p->settings));
}

void group_roster(struct participant *p, uint32_t transaction)
{
	/* An epoch that arrived before its roster comes into force here. */
	if (keys_roster(p->keys, transaction))
		take_up_epoch(p);
	if (p->party == ALICE) {
		caller_send_epoch(p, transaction);
		take_up_epoch(p);
	}
}

void group_epoch(struct participant *p, const struct message *stanza)
{
	/* Only the call's creator, or a member of the roster, may send one. */
	if (stanza->party != ALICE)
		give_up("an epoch from %s", parties[stanza->party].name);
	if (keys_open_epoch(p->keys, stanza->body, stanza->size, parties[ALICE].jid))
		take_up_epoch(p);
}

static void send_to_all(struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++)
		participant_send_to(p, &p->peers[i]);
}

void group_switch(struct participant *p, const struct message *indices)
{
	uint64_t index[PARTIES];
	unsigned i;

	memcpy(index, indices->body, sizeof index);
	atomic_store(&p->audio.frames, indices->index);
	/* A late joiner cannot know how often a sequence number has wrapped (RFC 3711 section 3.3.1), so the senders
	 * tell it. Until then the audio thread holds what arrives. */
	for (i = 0; i < p->n_peers; i++)
		if (atomic_load(&p->audio.in[i]) == NULL)
			participant_hear(p, &p->peers[i], index[p->peers[i].party]);
	if (p->out != NULL) {
		participant_rekey_own(p);
	} else {
		send_to_all(p);
		participant_speak(p);
	}
	p->switching = true;
}

void group_switched(struct participant *p)
{
	if (!p->switching || !p->figures->sent.started ||
	    p->figures->sent.epoch != keys_epoch(p->keys))
		return;
	p->switching = false;
	/* Not before: who joined could not open a packet under the old key. */
	send_to_all(p);
	participant_tell(p, SWITCHED, p->figures->sent.switched);
}
