/* The lines that a host prints on stdout for the searcher:
 *
 *   secret NAME HEX    each byte XOR 0xa5, so that the line is not a second copy
 *   stage NAME         the stage begins; the host continues after a line on stdin
 */
#ifndef TELL_H
#define TELL_H

#include <stddef.h>

void tell_secret(const char *name, const void *secret, size_t n);
void tell_stage(const char *name);

#define TELL(name, secret) tell_secret(name, &(secret), sizeof(secret))

#endif
