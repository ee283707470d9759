/* Runs each piece of a program, from one hop to the next, in a new thread that then waits until the
 * end: whatever a call leaves on the thread's stack and in its registers stays there. */
#ifndef APART_H
#define APART_H

/* Runs the program, and ends the process with exit status 0. Returns at once on Windows, where a
 * program cannot change its thread. */
void apart_run(void (*program)(void));

/* Continues in a new thread; without apart_run it does nothing. */
void apart_hop(void);

#endif
