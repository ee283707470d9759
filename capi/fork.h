#ifndef CALLKEY_FORK_H
#define CALLKEY_FORK_H

/* Returns non-zero in a child of fork(), _Fork(), or clone() without shared memory. */
int fork_child(void);

#endif
