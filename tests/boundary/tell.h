/* What a host says to the searcher, on stdout:
 *
 *   secret NAME HEX    each byte XOR 0xa5, so that telling leaves no second copy
 *   stage NAME         now; the host goes on when a line comes on stdin
 */
#ifndef TELL_H
#define TELL_H

#include <stddef.h>

void tell_secret(const char *name, const void *secret, size_t n);
void tell_stage(const char *name);

#define TELL(name, secret) tell_secret(name, &(secret), sizeof(secret))

#endif
