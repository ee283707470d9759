#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct party_name parties[PARTIES] = {
	[ALICE] = {"alice", "111111111111111:0@lid"},
	[BOB_0] = {"bob:0", "222222222222222:0@lid"},
	[BOB_1] = {"bob:1", "222222222222222:1@lid"},
	[BOB_2] = {"bob:2", "222222222222222:2@lid"},
	[CAROL] = {"carol", "333333333333333:4@lid"},
};

uint64_t call_frames(const struct settings *settings)
{
	if (settings->wrong_device)
		return WRONG_DEVICE_SECONDS * FRAMES_PER_SECOND;
	return (ONE_TO_ONE_SECONDS + GROUP_SECONDS) * FRAMES_PER_SECOND;
}

uint64_t call_join_frame(const struct settings *settings)
{
	return settings->wrong_device ? 0 : ONE_TO_ONE_SECONDS * FRAMES_PER_SECOND;
}

uint64_t call_first_index(const struct settings *settings)
{
	return 65536 - (uint64_t)(settings->wrap_at * FRAMES_PER_SECOND);
}

/* A person has one voice on every device: bob of bob:2. */
static int person(uint32_t party)
{
	return (int)strcspn(parties[party].name, ":");
}

void call_wav_path(char *out, uint32_t room, const struct settings *settings, uint32_t speaker,
                   uint32_t listener)
{
	bool heard = listener < PARTIES;
	int n = snprintf(out, room, "%s/%.*s%s%.*s.wav", settings->folder, person(speaker),
	                 parties[speaker].name, heard ? "-heard-by-" : "",
	                 heard ? person(listener) : 0, heard ? parties[listener].name : "");

	if (n < 0 || (uint32_t)n >= room)
		give_up("the folder's name is too long");
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) != 0)
		give_up("no clock");
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t call_clock(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t call_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

void give_up(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("media-engine: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(EXIT_FAILURE);
}
