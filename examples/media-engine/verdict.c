#include "verdict.h"
#include "correlation.h"
#include "table.h"
#include "wav.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	uint32_t sender, receiver;
} streams[] = {
	{ALICE, BOB_2}, {BOB_2, ALICE}, {ALICE, CAROL}, {BOB_2, CAROL}, {CAROL, ALICE}, {CAROL, BOB_2},
};

static unsigned stream_count(const struct settings *settings)
{
	return settings->wrong_device ? 2 : sizeof streams / sizeof *streams;
}

static bool same_person(uint32_t a, uint32_t b)
{
	return parties[a].jid[0] == parties[b].jid[0];
}

const struct stream_status *verdict_stream(const struct outcome *outcome, uint32_t sender,
                                           uint32_t receiver)
{
	const struct status *status = &outcome->status[receiver];
	int i;

	for (i = 0; i < 2; i++)
		if (status->streams[i].heard && same_person(status->streams[i].sender, sender))
			return &status->streams[i];
	return NULL;
}

/* In a wrong-device run the caller counts packets for the device that she assumes. */
static uint64_t packets_sent(const struct outcome *outcome, uint32_t sender, uint32_t receiver)
{
	uint64_t sent = 0;
	uint32_t party;

	for (party = 0; party < PARTIES; party++)
		if (same_person(party, receiver))
			sent += outcome->status[sender].sent[party];
	return sent;
}

static void judge_packets(const struct outcome *outcome, uint32_t sender, uint32_t receiver)
{
	const struct stream_status *in = verdict_stream(outcome, sender, receiver);
	uint64_t sent = packets_sent(outcome, sender, receiver);
	uint32_t roc = (uint32_t)((outcome->status[sender].next - 1) >> 16);
	const char *from = parties[sender].name, *to = parties[receiver].name;

	if (in == NULL) {
		table_check(false, "%-5s -> %-5s  of %" PRIu64 " packets none was heard", from, to, sent);
		return;
	}
	table_check(sent > 0 && in->reception.received == sent && in->reception.authentic == sent && in->reception.late == 0 &&
	                in->reception.roc == roc,
	            "%-5s -> %-5s  of %" PRIu64 " packets %" PRIu64 " authentic, %" PRIu64
	            " lost, %" PRIu64 " refused; ROC %" PRIu32,
	            from, to, sent, in->reception.authentic, sent > in->reception.received ? sent - in->reception.received : 0, in->reception.refused, in->reception.roc);
}

/* alice's camera: what she sent arrived, and all pictures are what it saw. */
static void judge_video(const struct outcome *outcome, uint32_t receiver)
{
	const struct stream_status *in = verdict_stream(outcome, ALICE, receiver);
	uint64_t sent = outcome->status[ALICE].video_sent[receiver];
	struct video none = {0}, video = in == NULL ? none : in->video;

	/* Who assumes the wrong device counts for that one. */
	if (receiver == BOB_2)
		sent += outcome->status[ALICE].video_sent[BOB_0];
	table_check(sent > 0 && video.authentic == sent && video.shown == video.pictures &&
	                video.pictures > 0,
	            "%-5s ~> %-5s  of %" PRIu64 " packets %" PRIu64 " authentic, %" PRIu64 " of %" PRIu64
	            " SFrame pictures",
	            parties[ALICE].name, parties[receiver].name, sent, video.authentic, video.shown,
	            video.pictures);
}

/* Every stream is under the epoch, and the ROC of those that started earlier was kept. */
static void judge_switch(const struct settings *settings, const struct outcome *outcome)
{
	unsigned i, wrapped = 0, keyed = 0, n = stream_count(settings);
	uint64_t overlap = 0;
	char before[2 * FINGERPRINT_BYTES + 1], after[2 * FINGERPRINT_BYTES + 1];
	const struct stream_status *first = verdict_stream(outcome, BOB_2, ALICE);

	for (i = 0; i < n; i++) {
		const struct stream_status *in =
		    verdict_stream(outcome, streams[i].sender, streams[i].receiver);

		if (in == NULL || first == NULL)
			continue;
		overlap += in->reception.overlap;
		wrapped += streams[i].sender != CAROL && in->reception.roc == 1;
		keyed += in->reception.epoch == 1 &&
		         memcmp(in->reception.fingerprint, first->reception.fingerprint, FINGERPRINT_BYTES) == 0 &&
		         memcmp(in->reception.fingerprint, outcome->call_key, FINGERPRINT_BYTES) != 0;
	}
	table_fingerprint(before, outcome->call_key);
	table_fingerprint(after, first == NULL ? outcome->call_key : first->reception.fingerprint);
	table_check(keyed == n, "key changed on %u of %u streams, %s to %s", keyed, n, before, after);
	table_check(wrapped == 4 && overlap > 0, "ROC wrapped and kept on %u of 4 streams; %" PRIu64 " packets in the overlap",
	            wrapped, overlap);
}

static void judge_reports(const struct settings *settings, const struct outcome *outcome)
{
	uint32_t sent = 0, authentic = 0, lost = 0, jitter = 0, round_trip = 0;
	unsigned i;

	/* Carol misses the reports from before she joined; the other two get every report. */
	for (i = 0; i < stream_count(settings) && i < 2; i++) {
		const struct stream_status *in =
		    verdict_stream(outcome, streams[i].sender, streams[i].receiver);

		sent += outcome->status[streams[i].sender].reports;
		if (in == NULL)
			continue;
		authentic += in->reports;
		lost += in->told_lost;
		jitter = in->told_jitter > jitter ? in->told_jitter : jitter;
		round_trip = in->round_trip > round_trip ? in->round_trip : round_trip;
	}
	table_check(sent > 0 && authentic == sent && lost == 0,
	            "RTCP: %" PRIu32 " sent, %" PRIu32 " authentic, told lost %" PRIu32
	            ", jitter %.1f ms, RTT %.1f ms", sent, authentic, lost, jitter / 1000.0,
	            round_trip / 1000.0);
}

static void judge_calls(const struct settings *settings, const struct outcome *outcome)
{
	uint64_t packets = 0;
	unsigned i;

	for (i = 0; i < stream_count(settings); i++) {
		const struct stream_status *in =
		    verdict_stream(outcome, streams[i].sender, streams[i].receiver);

		packets += packets_sent(outcome, streams[i].sender, streams[i].receiver);
		packets += in == NULL ? 0 : in->reception.received;
	}
	table_check(outcome->status[ALICE].packet_calls == 1 &&
	                outcome->status[BOB_2].packet_calls == 0 &&
	                outcome->status[CAROL].packet_calls == 0,
	            "libcallkey was called on %" PRIu32 " of %" PRIu64 " packets of audio",
	            outcome->status[ALICE].packet_calls + outcome->status[BOB_2].packet_calls +
	                outcome->status[CAROL].packet_calls, packets);
}

/* The sender's speech while the receiver listened, from its file: repeated like the sender does. */
static void judge_sound(const struct settings *settings, const struct outcome *outcome,
                        uint32_t sender, uint32_t receiver)
{
	const struct stream_status *in = verdict_stream(outcome, sender, receiver);
	struct correlation found = {0, 0};
	char path[512];
	int16_t *voice, *heard, *said;
	size_t n_voice, n_heard, i, skipped;

	if (in != NULL && in->reception.played > 0) {
		call_wav_path(path, sizeof path, settings, sender, PARTIES);
		voice = wav_read(path, &n_voice);
		call_wav_path(path, sizeof path, settings, sender, receiver);
		heard = wav_read(path, &n_heard);
		said = malloc(n_heard * sizeof *said);
		if (said == NULL)
			give_up("out of memory");
		skipped = (size_t)(in->reception.first - call_first_index(settings)) * FRAME_SAMPLES;
		for (i = 0; i < n_heard; i++)
			said[i] = voice[(skipped + i) % n_voice];
		found = correlation_of(said, heard, n_heard);
		free(voice);
		free(heard);
		free(said);
	}
	table_check(found.value >= THRESHOLD,
	            "%-5s -> %-5s  correlation %.3f of at least %.2f, %.1f ms later",
	            parties[sender].name, parties[receiver].name, found.value, THRESHOLD,
	            (double)found.lag * 1000 / SAMPLE_RATE);
}

void verdict_give(const struct settings *settings, const struct outcome *outcome)
{
	unsigned i, n = stream_count(settings);

	table_check(outcome->found == outcome->answered, "%s answered, and alice found out: %s",
	            parties[outcome->answered].name,
	            outcome->found < PARTIES ? parties[outcome->found].name : "nothing");
	for (i = 0; i < n; i++)
		judge_packets(outcome, streams[i].sender, streams[i].receiver);
	judge_video(outcome, BOB_2);
	if (!settings->wrong_device)
		judge_video(outcome, CAROL);
	if (!settings->wrong_device)
		judge_switch(settings, outcome);
	judge_reports(settings, outcome);
	judge_calls(settings, outcome);
	for (i = 0; i < n; i++)
		judge_sound(settings, outcome, streams[i].sender, streams[i].receiver);
}
