#ifndef CALLKEY_FORK_H
#define CALLKEY_FORK_H

/* Not 0 in a child of fork(), _Fork(), or a clone() with memory of its own. */
int fork_child(void);

#endif
