/*
 * From a call of two to a group: everybody gets an epoch, and no packet is lost over the change.
 *
 * 1. The roster names the members. Its creator seals an epoch for each.
 * 2. A member that has it opens the streams of all others under the new key, keeps the old contexts
 *    and says READY. It still sends under the old key.
 * 3. When all are ready the server says SWITCH, and each member re-keys what it sends between two
 *    packets. Whoever receives can open it already.
 */
#ifndef GROUP_H
#define GROUP_H

#include "participant.h"

void group_roster(struct participant *p, uint32_t transaction);
void group_epoch(struct participant *p, const struct message *stanza);
void group_switch(struct participant *p, const struct message *indices);

#endif
