/* Judges the call from the results and files of all participants. */
#ifndef VERDICT_H
#define VERDICT_H

#include "signalling.h"

#define THRESHOLD 0.90 /* of the cross-correlation; Opus at 32 kbit/s gives about 0.96 */

struct outcome {
	struct status status[PARTIES]; /* the last of each */
	uint32_t found;                /* the device that answered, according to the caller */
	uint32_t answered;             /* the device that really answered */
	uint8_t call_key[FINGERPRINT_BYTES];
};

void verdict_give(const struct settings *settings, const struct outcome *outcome);

/* The stream as its receiver sees it; NULL: it has none. In a wrong-device run the receiver assumes
 * another device of the same person as the sender. */
const struct stream_status *verdict_stream(const struct outcome *outcome, uint32_t sender,
                                           uint32_t receiver);

#endif
