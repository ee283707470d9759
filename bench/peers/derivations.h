/* Keys, SSRCs, a frame, and the participant that sent a packet. */
#ifndef BENCH_PEERS_DERIVATIONS_H
#define BENCH_PEERS_DERIVATIONS_H

#include "answer.h"
#include "../measure.h"
#include "../sessions.h"

#define PARTICIPANTS 1024
#define CANDIDATES 100
#define CALL_ID "00112233445566778899AABBCCDDEEFF"
#define FRAME_BYTES 1200

static callkey_srtp_keys keys[PARTICIPANTS];
static callkey_status key_statuses[PARTICIPANTS];
static const char *participants[PARTICIPANTS];
static uint8_t packet[12 + 100 + CALLKEY_WARP_TAG_BYTES] = {0x80, 0x78};
static uint8_t frame[FRAME_BYTES], sealed_frame[FRAME_BYTES + CALLKEY_SFRAME_OVERHEAD_MAX_BYTES];
static size_t sealed_frame_len;
static uint8_t sframe_key[CALLKEY_SFRAME_KEY_BYTES];
static uint8_t hbh[CALLKEY_HBH_KEY_BYTES];
static uint32_t ssrcs[CALLKEY_SSRC_COUNT];
static size_t selected;
static uint64_t frame_counter;

static void seal_frame(void)
{
	sealed_frame_len = sizeof sealed_frame;
	OK(callkey.sframe_seal(sealed_frame, &sealed_frame_len, sframe_key, sizeof sframe_key, frame, sizeof frame,
	                       frame_counter++, 0));
}

#define REPEATED(function, call) \
	static double function(void *state, long n) \
	{ \
		double start = now_ns(); \
		(void)state; \
		while (n-- > 0) \
			call; \
		return now_ns() - start; \
	}

REPEATED(e2e_keys, OK(callkey.derive_e2e_keys(keys, key, sizeof key, PARTICIPANT)))
REPEATED(e2e_keys_batch,
         OK(callkey.derive_e2e_keys_batch(keys, key_statuses, key, sizeof key, participants, PARTICIPANTS)))
REPEATED(nine_ssrcs, OK(callkey.derive_ssrcs(ssrcs, CALL_ID, PARTICIPANT)))
REPEATED(hbh_keys, OK(callkey.derive_hbh_keys(keys, hbh, CALLKEY_HBH_UPLINK)))
REPEATED(e2e_sframe_key, OK(callkey.derive_e2e_sframe_key(sframe_key, key, sizeof key, PARTICIPANT)))
REPEATED(sframe_seal, seal_frame())
REPEATED(select_participant,
         OK(callkey.select_participant(&selected, key, sizeof key, participants, CANDIDATES, packet, sizeof packet, 0, 4)))

static void prepare_derivations(void)
{
	static char names[PARTICIPANTS][JID_ROOM];
	size_t i;
	for (i = 0; i < PARTICIPANTS; i++) {
		snprintf(names[i], JID_ROOM, "22222222222%04d:0@lid", (int)i);
		participants[i] = names[i];
	}
	for (i = 0; i < sizeof hbh; i++)
		hbh[i] = (uint8_t)(i + 1);
	/* A packet from the candidate in the middle. */
	OK(callkey.derive_e2e_keys(keys, key, sizeof key, participants[CANDIDATES / 2]));
	OK(callkey.warp_tag(packet + sizeof packet - CALLKEY_WARP_TAG_BYTES, keys->srtp_auth_key,
	                    sizeof keys->srtp_auth_key, packet, sizeof packet - CALLKEY_WARP_TAG_BYTES, 0));
	OK(callkey.derive_e2e_sframe_key(sframe_key, key, sizeof key, PARTICIPANT));
}

static void measure_derivations(void)
{
	measure("E2EKeys", e2e_keys, NULL);
	measure("E2EKeysBatch", e2e_keys_batch, NULL);
	measure("SSRCs", nine_ssrcs, NULL);
	measure("HBHKeys", hbh_keys, NULL);
	measure("SFrameKey", e2e_sframe_key, NULL);
	measure("SFrameSeal", sframe_seal, NULL);
	measure("SelectParticipant", select_participant, NULL);
}

/* The session keys of one participant: wacore does not show the master key of a call. */
static void add_session_keys(struct answer *a, const callkey_srtp_keys *k)
{
	add(a, k->srtp_cipher_key, sizeof k->srtp_cipher_key);
	add(a, k->srtp_auth_key, sizeof k->srtp_auth_key);
	add(a, k->srtp_salt, sizeof k->srtp_salt);
	add(a, k->srtcp_cipher_key, sizeof k->srtcp_cipher_key);
	add(a, k->srtcp_auth_key, sizeof k->srtcp_auth_key);
	add(a, k->srtcp_salt, sizeof k->srtcp_salt);
}

static void answer_derivations(void)
{
	struct answer a = begin_answer();
	size_t i;
	e2e_keys(NULL, 1);
	add_session_keys(&a, keys);
	tell(&a, "E2EKeys");
	e2e_keys_batch(NULL, 1);
	for (i = 0; i < PARTICIPANTS; i++)
		add_session_keys(&a, &keys[i]);
	tell(&a, "E2EKeysBatch");
	nine_ssrcs(NULL, 1);
	for (i = 0; i < CALLKEY_SSRC_COUNT; i++)
		add_number(&a, ssrcs[i]);
	tell(&a, "SSRCs");
	hbh_keys(NULL, 1);
	add(&a, keys->master_key, sizeof keys->master_key);
	add(&a, keys->master_salt, sizeof keys->master_salt);
	add_session_keys(&a, keys);
	tell(&a, "HBHKeys");
	e2e_sframe_key(NULL, 1);
	add(&a, sframe_key, sizeof sframe_key);
	tell(&a, "SFrameKey");
	frame_counter = 0;
	sframe_seal(NULL, 1);
	add(&a, sealed_frame, sealed_frame_len);
	tell(&a, "SFrameSeal");
	select_participant(NULL, 1);
	add_number(&a, (uint32_t)selected);
	tell(&a, "SelectParticipant");
}

#endif
