/* Where a stream is: an app knows it from the packets that it sends or gets. */
#ifndef POSITION_H
#define POSITION_H

#include <stdint.h>

struct position {
	uint64_t next; /* the index of the next packet, as far as it is known: ROC * 65536 + sequence number */
	uint32_t reports;
};

static inline struct position position_at(uint32_t roc)
{
	struct position made = {(uint64_t)roc << 16, 0};

	return made;
}

/* The index of this packet, the one after the last one or near it. */
static inline uint64_t position_of(const struct position *position, const uint8_t *packet)
{
	uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);

	if ((position->next & 0xffff) == 0) /* before the first one */
		return position->next | sequence;
	return position->next + (uint64_t)(int16_t)(sequence - (uint16_t)position->next);
}

#endif
