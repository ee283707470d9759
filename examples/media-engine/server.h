/* Starts the participants, forwards their signalling, and shows their results. No media goes through
 * it, and it has no key. */
#ifndef SERVER_H
#define SERVER_H

#include "call.h"

/* The descriptor of a participant's socket to the server. */
#define SERVER_DESCRIPTOR 3

/* arguments: of this program, passed to each participant. Returns the exit status. */
int server_run(const struct settings *settings, char *const *arguments);

#endif
