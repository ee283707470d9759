#ifndef CALLKEY_START_H
#define CALLKEY_START_H

/* Returns 0 before the library's initialisers, including Go's, have run: a call would hang. */
int start_begun(void);

/* Returns the reason why the Go runtime did not start with the library, or NULL if it runs. */
const char *start_failure(void);

#endif
