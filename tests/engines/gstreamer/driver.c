/* GStreamer's srtpenc and srtpdec as an engine: see tests/engines/engine.py for the requests. */
#include <stdio.h>
#include <string.h>

#include <gst/gst.h>

#include "callkey.h"

#include "../position.h"
#include "../request.h"

/* docs: stream */
static GstBuffer *key_of(const callkey_srtp_keys *keys)
{
	GstBuffer *key = gst_buffer_new_allocate(NULL, 30, NULL);

	gst_buffer_fill(key, 0, keys->master_key, 30); /* and master_salt behind it */
	return key;
}

/* srtpenc, at ROC 0. Without rtp-auth, RTP has tags of 10 bytes. A new key begins at ROC 0 and SRTCP index 1. */
static void set_encoder(GstElement *srtpenc, const callkey_srtp_keys *keys)
{
	GstBuffer *key = key_of(keys);

	gst_util_set_object_arg(G_OBJECT(srtpenc), "rtp-auth", "hmac-sha1-32");
	gst_util_set_object_arg(G_OBJECT(srtpenc), "rtcp-auth", "hmac-sha1-80");
	g_object_set(srtpenc, "key", key, NULL);
	gst_buffer_unref(key);
}

/* srtpdec asks for these with its signal request-key when it gets the first packet of an SSRC, or the first one after
 * remove-key: the keys of that moment, and the ROC of that packet. */
static GstCaps *decoder_caps(const callkey_srtp_keys *keys, uint32_t roc)
{
	GstBuffer *key = key_of(keys);
	GstCaps *caps = gst_caps_new_simple(
		"application/x-srtp", "srtp-key", GST_TYPE_BUFFER, key, "roc", G_TYPE_UINT, roc, "srtp-cipher",
		G_TYPE_STRING, "aes-128-icm", "srtp-auth", G_TYPE_STRING, "hmac-sha1-32", "srtcp-cipher", G_TYPE_STRING,
		"aes-128-icm", "srtcp-auth", G_TYPE_STRING, "hmac-sha1-80", NULL);

	gst_buffer_unref(key);
	return caps;
}

static GstPadProbeReturn drop(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
	(void)pad, (void)info, (void)data;
	return GST_PAD_PROBE_DROP;
}

/* Push a packet through srtpenc that is not sent, in order to lead it to a ROC or an SRTCP index. */
static void lead(GstPad *into, GstPad *out, const uint8_t *packet, gsize size)
{
	gulong probe = gst_pad_add_probe(out, GST_PAD_PROBE_TYPE_BUFFER, drop, NULL, NULL);
	GstBuffer *buffer = gst_buffer_new_allocate(NULL, size, NULL);

	gst_buffer_fill(buffer, 0, packet, size);
	gst_pad_chain(into, buffer);
	gst_pad_remove_probe(out, probe);
}

/* After a change of the key, and before the stream's next packet, of index `first` (ROC * 65536 + sequence number):
 * lead srtpenc there. Each step is shorter than 32768, so it counts every roll-over. `reports` is the number of RTCP
 * packets until now. */
static void lead_encoder(GstElement *srtpenc, uint32_t ssrc, uint64_t first, uint32_t reports)
{
	GstPad *rtp = gst_element_get_static_pad(srtpenc, "rtp_sink_0");
	GstPad *rtp_out = gst_element_get_static_pad(srtpenc, "rtp_src_0");
	GstPad *rtcp = gst_element_get_static_pad(srtpenc, "rtcp_sink_0");
	GstPad *rtcp_out = gst_element_get_static_pad(srtpenc, "rtcp_src_0");
	uint8_t packet[12] = {0x80}, report[8] = {0x80, 201, 0, 1};
	uint64_t index;

	GST_WRITE_UINT32_BE(packet + 8, ssrc);
	GST_WRITE_UINT32_BE(report + 4, ssrc);
	for (index = first % 30000; first > 0xffff && index < first; index += 30000) {
		GST_WRITE_UINT16_BE(packet + 2, (uint16_t)index);
		lead(rtp, rtp_out, packet, sizeof packet);
	}
	while (reports-- > 0)
		lead(rtcp, rtcp_out, report, sizeof report);
	gst_object_unref(rtp);
	gst_object_unref(rtp_out);
	gst_object_unref(rtcp);
	gst_object_unref(rtcp_out);
}
/* docs: end */

enum kind { RTP, RTCP };

/* An element between pads of ours, which push into it and take what comes out in the same call. */
struct stream {
	GstElement *element;
	GstPad *push[2], *take[2];
	GstBuffer *out;
	callkey_srtp_keys keys;
	uint32_t ssrc;
	struct position position;
	uint32_t roc; /* of the packet that arrives */
	int led;
};

static struct stream sides[2];

static GstStaticPadTemplate anything =
	GST_STATIC_PAD_TEMPLATE("take", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn took(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
	struct stream *side = gst_pad_get_element_private(pad);

	(void)parent;
	gst_buffer_replace(&side->out, buffer);
	gst_buffer_unref(buffer);
	return GST_FLOW_OK;
}

static GstCaps *request_key(GstElement *srtpdec, guint ssrc, gpointer data)
{
	struct stream *side = data;

	(void)srtpdec, (void)ssrc;
	return decoder_caps(&side->keys, side->roc);
}

static void connect_pads(struct stream *side, enum kind kind, enum side name)
{
	static const char *const sinks[2][2] = {{"rtp_sink_0", "rtcp_sink_0"}, {"rtp_sink", "rtcp_sink"}};
	static const char *const sources[2][2] = {{"rtp_src_0", "rtcp_src_0"}, {"rtp_src", "rtcp_src"}};
	static const char *const forms[2][2] = {{"application/x-rtp", "application/x-rtcp"},
	                                        {"application/x-srtp", "application/x-srtcp"}};
	GstPad *into = name == SENDER ? gst_element_request_pad_simple(side->element, sinks[name][kind])
	                              : gst_element_get_static_pad(side->element, sinks[name][kind]);
	GstPad *from = gst_element_get_static_pad(side->element, sources[name][kind]);
	GstCaps *caps = gst_caps_new_simple(forms[name][kind], "media", G_TYPE_STRING, "audio", "clock-rate", G_TYPE_INT,
	                                    48000, "payload", G_TYPE_INT, 120, "ssrc", G_TYPE_UINT, side->ssrc, NULL);
	GstSegment segment;

	side->push[kind] = gst_pad_new("push", GST_PAD_SRC);
	/* srtpenc sends other caps with another key: a pad with a template takes any. */
	side->take[kind] = gst_pad_new_from_static_template(&anything, "take");
	gst_pad_set_element_private(side->take[kind], side);
	gst_pad_set_chain_function(side->take[kind], took);
	gst_pad_set_active(side->take[kind], TRUE);
	gst_pad_set_active(side->push[kind], TRUE);
	gst_pad_link(from, side->take[kind]);
	gst_pad_link(side->push[kind], into);
	gst_segment_init(&segment, GST_FORMAT_TIME);
	gst_pad_push_event(side->push[kind], gst_event_new_stream_start(sinks[name][kind]));
	gst_pad_push_event(side->push[kind], gst_event_new_caps(caps));
	gst_pad_push_event(side->push[kind], gst_event_new_segment(&segment));
	gst_caps_unref(caps);
	gst_object_unref(into);
	gst_object_unref(from);
}

static void close_side(struct stream *side)
{
	int kind;

	if (!side->element)
		return;
	gst_element_set_state(side->element, GST_STATE_NULL);
	for (kind = RTP; kind <= RTCP; kind++) {
		gst_pad_set_active(side->push[kind], FALSE);
		gst_pad_set_active(side->take[kind], FALSE);
		gst_object_unref(side->push[kind]);
		gst_object_unref(side->take[kind]);
	}
	gst_object_unref(side->element);
}

const char *engine_begin(enum side name, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc)
{
	struct stream *side = &sides[name];

	close_side(side);
	memset(side, 0, sizeof *side);
	side->element = gst_element_factory_make(name == SENDER ? "srtpenc" : "srtpdec", NULL);
	side->keys = *keys;
	side->ssrc = ssrc;
	side->position = position_at(roc);
	if (name == SENDER)
		set_encoder(side->element, keys);
	else
		g_signal_connect(side->element, "request-key", G_CALLBACK(request_key), side);
	gst_element_set_state(side->element, GST_STATE_PLAYING);
	connect_pads(side, RTP, name);
	connect_pads(side, RTCP, name);
	return NULL;
}

const char *engine_rekey(enum side name, const callkey_srtp_keys *keys)
{
	struct stream *side = &sides[name];

	side->keys = *keys;
	side->led = 0;
	if (name == SENDER)
		set_encoder(side->element, keys);
	else
		g_signal_emit_by_name(side->element, "remove-key", side->ssrc);
	return NULL;
}

static const char *push(struct stream *side, enum kind kind, uint8_t *packet, size_t *size)
{
	GstBuffer *buffer = gst_buffer_new_allocate(NULL, *size, NULL);
	uint64_t index = kind == RTP ? position_of(&side->position, packet) : side->position.next;
	GstFlowReturn flow;

	side->roc = (uint32_t)(index >> 16);
	gst_buffer_fill(buffer, 0, packet, *size);
	flow = gst_pad_push(side->push[kind], buffer);
	if (!side->out)
		return flow == GST_FLOW_OK ? "dropped" : gst_flow_get_name(flow);
	*size = gst_buffer_extract(side->out, 0, packet, 2048);
	gst_buffer_replace(&side->out, NULL);
	if (kind == RTP)
		side->position.next = index + 1;
	else
		side->position.reports++;
	return NULL;
}

const char *engine_protect(int rtcp, uint8_t *packet, size_t *size)
{
	struct stream *side = &sides[SENDER];

	if (!side->led) {
		uint64_t first = rtcp ? side->position.next : position_of(&side->position, packet);

		lead_encoder(side->element, side->ssrc, first, side->position.reports);
		side->led = 1;
	}
	return push(side, rtcp ? RTCP : RTP, packet, size);
}

const char *engine_unprotect(int rtcp, uint8_t *packet, size_t *size)
{
	return push(&sides[RECEIVER], rtcp ? RTCP : RTP, packet, size);
}

int main(void)
{
	int status;

	gst_init(NULL, NULL);
	status = requests();
	close_side(&sides[SENDER]);
	close_side(&sides[RECEIVER]);
	return status;
}
