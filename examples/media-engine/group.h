/*
 * From a call of two to a group call: every member gets an epoch, and the change loses no packet.
 *
 * 1. The roster names the members. Its creator seals an epoch for each.
 * 2. A member with the epoch opens the streams of all others under the new key, keeps the old contexts
 *    and sends READY. It still sends media under the old key.
 * 3. When all are ready the server sends SWITCH, and each member hands its audio thread a context under the
 *    new key. All receivers can open it already.
 * 4. When the audio thread sends under it, the members that joined get the stream too.
 */
#ifndef GROUP_H
#define GROUP_H

#include "participant.h"

void group_roster(struct participant *p, uint32_t transaction);
void group_epoch(struct participant *p, const struct message *stanza);
void group_switch(struct participant *p, const struct message *indices);
/* Looks at the audio thread's figures: it may have changed its key. */
void group_switched(struct participant *p);

#endif
