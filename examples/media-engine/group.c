#include "group.h"
#include "caller.h"

#include <string.h>

/* Sets the keys to receive all members; the own stream continues under its old key. */
static void take_up_epoch(struct participant *p)
{
	unsigned i;

	for (i = 0; i < p->n_peers; i++) {
		struct peer *peer = &p->peers[i];
		struct stream_key key;

		if (peer->heard) {
			keys_derive(p->keys, &key, parties[peer->party].jid);
			incoming_rekey(&peer->in, &key);
			keys_wipe(&key, sizeof key);
		} else {
			participant_hear(p, peer, keys_audio_ssrc(p->keys, parties[peer->party].jid), 0);
		}
	}
	participant_tell(p, READY, p->sending ? p->out.next : call_first_index(p->settings));
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

void group_switch(struct participant *p, const struct message *indices)
{
	uint64_t index[PARTIES];
	unsigned i;

	memcpy(index, indices->body, sizeof index);
	p->frames = indices->index;
	for (i = 0; i < p->n_peers; i++) {
		/* A late joiner cannot know how often a sequence number has wrapped (RFC 3711 section
		 * 3.3.1), so the senders tell it. */
		incoming_follow(&p->peers[i].in, index[p->peers[i].party]);
		p->peers[i].listening = true;
	}
	if (p->sending) {
		struct stream_key key;

		keys_derive(p->keys, &key, parties[p->party].jid);
		outgoing_rekey(&p->out, &key);
		keys_wipe(&key, sizeof key);
	} else {
		participant_speak(p);
	}
	participant_tell(p, SWITCHED, p->out.next);
}
