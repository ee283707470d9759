/* A program of which each piece, from one hop to the next, runs in a thread of its own that then
 * waits to the end: what a call has left on the thread's stack and in its registers stays there. */
#ifndef APART_H
#define APART_H

/* Runs the program, and ends the process with exit status 0. Returns only where a program can't
 * change its thread (on Windows), at once. */
void apart_run(void (*program)(void));

/* Goes on in a new thread; without apart_run it does nothing. */
void apart_hop(void);

#endif
