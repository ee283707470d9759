/* PJMEDIA's SRTP transport as an engine: see tests/engines/engine.py for the requests. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "callkey.h"

#include "../request.h"
#include "pjmedia.h"

/* docs: stream */
static pjmedia_srtp_crypto crypto_of(const callkey_srtp_keys *keys)
{
	static char suite[] = "AES_CM_128_HMAC_SHA1_32"; /* SRTCP gets tags of 10 bytes */
	/* master_salt is behind master_key. */
	pjmedia_srtp_crypto crypto = {{(char *)keys->master_key, 30}, {suite, sizeof suite - 1}, 0};

	return crypto;
}

/* An SRTP transport on top of a member, usually a UDP transport, without SDP. The roll-over counters are 0 from a
 * call's first packet. */
static pj_status_t begin(pjmedia_transport **srtp, pjmedia_endpt *endpt, pjmedia_transport *member,
                         const callkey_srtp_keys *own, pjmedia_srtp_roc tx_roc, const callkey_srtp_keys *peer,
                         pjmedia_srtp_roc rx_roc)
{
	pjmedia_srtp_crypto tx = crypto_of(own), rx = crypto_of(peer);
	pjmedia_srtp_setting setting;
	pj_status_t status;

	pjmedia_srtp_setting_default(&setting);
	setting.tx_roc = tx_roc;
	setting.rx_roc = rx_roc;
	status = pjmedia_transport_srtp_create(endpt, member, &setting, srtp);
	return status == PJ_SUCCESS ? pjmedia_transport_srtp_start(*srtp, &tx, &rx) : status;
}

/* Other keys start both directions at ROC 0 and SRTCP index 1 again, so tell the counters, and send as many RTCP
 * packets as before: a peer reads empty reports, or rejects them as replayed. */
static pj_status_t change_keys(pjmedia_transport *srtp, const callkey_srtp_keys *own, pjmedia_srtp_roc tx_roc,
                               unsigned reports, const callkey_srtp_keys *peer, pjmedia_srtp_roc rx_roc)
{
	pjmedia_srtp_crypto tx = crypto_of(own), rx = crypto_of(peer);
	uint32_t report[2] = {htonl(0x80c90001), htonl(tx_roc.ssrc)};
	pjmedia_srtp_setting setting;
	pj_status_t status = pjmedia_transport_srtp_get_setting(srtp, &setting);

	setting.tx_roc = tx_roc;
	setting.rx_roc = rx_roc;
	if (status == PJ_SUCCESS)
		status = pjmedia_transport_srtp_modify_setting(srtp, &setting);
	if (status == PJ_SUCCESS)
		status = pjmedia_transport_srtp_start(srtp, &tx, &rx);
	while (status == PJ_SUCCESS && reports-- > 0)
		status = pjmedia_transport_send_rtcp(srtp, report, sizeof report);
	return status;
}
/* docs: end */

struct stream {
	pjmedia_transport *loop, *srtp;
	pjmedia_srtp_roc roc;
	uint16_t last; /* sequence number */
	unsigned reports;
};

static pjmedia_endpt *endpt;
static struct stream streams[2];
/* Of the direction that is not used; both need keys, and different ones. */
static const callkey_srtp_keys nobody = {{1}, {0}, {0}, {0}, {0}, {0}, {0}, {0}};
static const pjmedia_srtp_roc nowhere;
static uint8_t caught[2048];
static size_t caught_size;

/* What the SRTP transport sends comes back from the loop. */
static void catch_packet(void *user_data, void *packet, ssize_t size)
{
	(void)user_data;
	memcpy(caught, packet, (size_t)size);
	caught_size = (size_t)size;
}

static const char *text(pj_status_t status)
{
	static char said[40];

	if (status == PJ_SUCCESS)
		return NULL;
	snprintf(said, sizeof said, "pj_status_t %d", status);
	return said;
}

const char *engine_begin(enum side side, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc)
{
	struct stream *stream = &streams[side];
	struct sockaddr_in nothing = {.sin_family = AF_INET};
	pj_status_t status;

	if (stream->srtp)
		pjmedia_transport_close(stream->srtp);
	memset(stream, 0, sizeof *stream);
	stream->roc.ssrc = ssrc;
	stream->roc.roc = roc;
	status = pjmedia_transport_loop_create(endpt, &stream->loop);
	if (status == PJ_SUCCESS)
		status = stream->loop->op->attach(stream->loop, stream, &nothing, NULL, sizeof nothing, catch_packet,
		                                  catch_packet);
	if (status != PJ_SUCCESS)
		return text(status);
	return text(side == SENDER ? begin(&stream->srtp, endpt, stream->loop, keys, stream->roc, &nobody, nowhere)
	                           : begin(&stream->srtp, endpt, stream->loop, &nobody, nowhere, keys, stream->roc));
}

const char *engine_rekey(enum side side, const callkey_srtp_keys *keys)
{
	struct stream *stream = &streams[side];

	return text(side == SENDER ? change_keys(stream->srtp, keys, stream->roc, stream->reports, &nobody, nowhere)
	                           : change_keys(stream->srtp, &nobody, nowhere, 0, keys, stream->roc));
}

/* An app knows the ROC from the packets that it sends and gets. */
static void count(struct stream *stream, const uint8_t *packet)
{
	uint16_t sequence = (uint16_t)(packet[2] << 8 | packet[3]);

	if (sequence < stream->last && stream->last - sequence > 0x8000)
		stream->roc.roc++;
	stream->last = sequence;
}

const char *engine_protect(int rtcp, uint8_t *packet, size_t *size)
{
	struct stream *stream = &streams[SENDER];
	pj_status_t status;

	caught_size = 0;
	if (rtcp) {
		status = pjmedia_transport_send_rtcp(stream->srtp, packet, *size);
		stream->reports++;
	} else {
		count(stream, packet);
		status = pjmedia_transport_send_rtp(stream->srtp, packet, *size);
	}
	if (status == PJ_SUCCESS && caught_size == 0)
		return "nothing was sent";
	memcpy(packet, caught, caught_size);
	*size = caught_size;
	return text(status);
}

const char *engine_unprotect(int rtcp, uint8_t *packet, size_t *size)
{
	struct stream *stream = &streams[RECEIVER];
	int n = (int)*size;
	pj_status_t status = pjmedia_transport_srtp_decrypt_pkt(stream->srtp, !rtcp, packet, &n);

	if (status == PJ_SUCCESS && !rtcp)
		count(stream, packet);
	*size = (size_t)n;
	return text(status);
}

/* Called in a process of Python's: see load.py. */
int serve(void);

int serve(void)
{
	static uint64_t pool[1024];

	pj_log_set_level(0);
	if (pj_init() != PJ_SUCCESS || pjlib_util_init() != PJ_SUCCESS)
		return 1;
	pj_caching_pool_init(pool, NULL, 0);
	if (pjmedia_endpt_create2((pj_pool_factory *)pool, NULL, 0, &endpt) != PJ_SUCCESS)
		return 1;
	return requests();
}
