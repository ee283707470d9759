/* An offer to 100 devices: written around ciphertexts, and read on one of the devices. */
#ifndef BENCH_PEERS_STANZAS_H
#define BENCH_PEERS_STANZAS_H

#include "answer.h"
#include "../measure.h"
#include "../sessions.h"

#define OFFERED 100
#define OWN 50 /* the device that reads it */
#define OFFERED_BYTES 150

static uint8_t offered[OFFERED][OFFERED_BYTES];
static callkey_enc encs[OFFERED];
static const char *own_jid;
static callkey_offer_options built_options;
static uint8_t built[STANZA_ROOM(OFFERED)], received[STANZA_ROOM(OFFERED)], read_ciphertext[OFFERED_BYTES];
static size_t built_len, received_len, read_len;
static callkey_call_info read_info = CALLKEY_CALL_INFO_INIT;

static double offer_build(void *state, long n)
{
	double start = now_ns();
	(void)state;
	while (n-- > 0) {
		built_len = sizeof built;
		OK(callkey.offer_build(built, &built_len, encs, OFFERED, &built_options));
	}
	return now_ns() - start;
}

static double offer_parse(void *state, long n)
{
	double start = now_ns();
	(void)state;
	while (n-- > 0) {
		read_len = sizeof read_ciphertext;
		OK(callkey.offer_parse(read_ciphertext, &read_len, &read_info, received, received_len, &own_jid, 1));
	}
	return now_ns() - start;
}

/* The offer as a server passes it on: with from in the place of to, and a time. */
static void pass_on(void)
{
	static char xml[16 * sizeof built], passed[sizeof xml];
	size_t n = sizeof xml;
	const char *to;
	OK(callkey.stanza_to_xml(xml, &n, built, built_len));
	if ((to = strstr(xml, " to=")) == NULL)
		failed("an offer without to", CALLKEY_OK);
	snprintf(passed, sizeof passed, "%.*s t=\"1700000000\" from=%s", (int)(to - xml), xml, to + strlen(" to="));
	received_len = sizeof received;
	OK(callkey.stanza_from_xml(received, &received_len, passed));
}

static void prepare_stanzas(void)
{
	static char names[OFFERED][JID_ROOM];
	int i, j;
	for (i = 0; i < OFFERED; i++) {
		snprintf(names[i], JID_ROOM, "222222222222222:%d@lid", i);
		for (j = 0; j < OFFERED_BYTES; j++)
			offered[i][j] = (uint8_t)(i * 7 + j);
		encs[i].jid = names[i];
		encs[i].enc_type = CALLKEY_ENC_MSG;
		encs[i].ciphertext = offered[i];
		encs[i].ciphertext_len = OFFERED_BYTES;
	}
	own_jid = names[OWN];
	offer_options(&built_options);
	offer_build(NULL, 1);
	pass_on();
}

static void measure_stanzas(void)
{
	measure("OfferBuild", offer_build, NULL);
	measure("OfferParse", offer_parse, NULL);
}

static void answer_stanzas(void)
{
	struct answer a = begin_answer();
	add(&a, built, built_len);
	tell(&a, "OfferBuild");
	offer_parse(NULL, 1);
	add(&a, read_info.call_id, strlen(read_info.call_id));
	add(&a, read_ciphertext, read_len);
	tell(&a, "OfferParse");
}

#endif
