/*
 * A media engine with keys from libcallkey: see README.md.
 *
 *     media-engine [--speed N] [--wav FILE] [--wrap-at SECONDS] [--wrong-device] [--pcap FILE] FOLDER
 */
#include "call.h"
#include "participant.h"
#include "server.h"
#include "table.h"
#include "voice.h"
#include "wav.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: media-engine [--speed N] [--wav FILE] [--wrap-at SECONDS] [--wrong-device] "
    "[--pcap FILE] FOLDER";

static double number(const char *option, const char *text, double least, double most)
{
	char *end;
	double value = strtod(text == NULL ? "" : text, &end);

	if (text == NULL || end == text || *end != '\0' || !(value >= least && value <= most))
		give_up("%s takes a number from %g to %g", option, least, most);
	return value;
}

/* Returns the party of this process, or PARTIES for the server. */
static uint32_t read_arguments(struct settings *settings, char *const *argument)
{
	uint32_t party = PARTIES, i;

	while (*++argument != NULL) {
		if (strcmp(*argument, "--wrong-device") == 0) {
			settings->wrong_device = true;
		} else if (strcmp(*argument, "--speed") == 0) {
			settings->speed = (unsigned)number("--speed", *++argument, 1, 20);
		} else if (strcmp(*argument, "--wrap-at") == 0) {
			settings->wrap_at = number("--wrap-at", *++argument, 0.1, 1000);
		} else if (strcmp(*argument, "--wav") == 0 && argument[1] != NULL) {
			settings->wav = *++argument;
		} else if (strcmp(*argument, "--pcap") == 0 && argument[1] != NULL) {
			settings->pcap = *++argument;
		} else if (strcmp(*argument, "--be") == 0 && argument[1] != NULL) {
			argument++;
			for (i = 0; i < PARTIES; i++)
				if (strcmp(*argument, parties[i].name) == 0)
					party = i;
		} else if ((*argument)[0] != '-' && settings->folder == NULL) {
			settings->folder = *argument;
		} else {
			give_up("%s", usage);
		}
	}
	if (settings->folder == NULL)
		give_up("%s", usage);
	return party;
}

/* A voice for each person, as long as the call. */
static void write_voices(const struct settings *settings)
{
	static const uint32_t people[] = {ALICE, BOB_0, CAROL};
	size_t n = call_frames(settings) * FRAME_SAMPLES, i;
	char path[512];

	if (mkdir(settings->folder, 0777) != 0 && errno != EEXIST)
		give_up("%s: %s", settings->folder, strerror(errno));
	for (i = 0; i < sizeof people / sizeof *people; i++) {
		int16_t *samples;
		size_t length = n;

		if (people[i] == ALICE && settings->wav != NULL) {
			samples = wav_read(settings->wav, &length);
		} else {
			samples = malloc(n * sizeof *samples);
			if (samples == NULL)
				give_up("out of memory");
			voice_speak(samples, n, (uint32_t)i);
		}
		call_wav_path(path, sizeof path, settings, people[i], PARTIES);
		wav_write(path, samples, length);
		free(samples);
	}
}

int main(int argc, char **argv)
{
	struct settings settings = {.speed = 1, .wrap_at = 5};
	uint32_t party;
	char pace[40];

	(void)argc;
	party = read_arguments(&settings, argv);
	if (party < PARTIES)
		return participant_run(&settings, party, SERVER_DESCRIPTOR);
	table_start();
	write_voices(&settings);
	snprintf(pace, sizeof pace, "at %u times its speed", settings.speed);
	table_title("A call of %lu s over loopback UDP, %s%s",
	            (unsigned long)(call_frames(&settings) / FRAMES_PER_SECOND), settings.speed == 1 ? "in real time" : pace,
	            settings.wrong_device ? ", wrong device" : "");
	return server_run(&settings, argv);
}
