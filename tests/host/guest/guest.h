/* The library in a host: linked, or loaded at one of the times at which hosts load plug-ins. */
#ifndef GUEST_H
#define GUEST_H

#include "work.h"

#include <sys/types.h>

/* The program's first step; way is what the library comes by:
 *
 *   linked   with the program
 *   early    loaded here, before the host has set its mask and handlers
 *   late     loaded by guest_late, when the host is all set up
 *   thread   by guest_late, in a second thread that has ended when it returns
 *   blocked  by guest_late, while every signal is blocked
 *
 * Ends the program where the library cannot be loaded. */
void guest_early(const char *way);
void guest_late(void);
/* The thread that loaded it with "thread", else 0. */
extern volatile pid_t guest_loader;

/* Those of work.h, once the library is there. */
extern work *(*guest_begin)(void);
extern int (*guest_call)(work *w, unsigned kind);
extern int (*guest_fan_out)(work *w);
extern int (*guest_file)(work *w, const char *folder);
extern int (*guest_bug)(const char *says);
extern void (*guest_end)(work *w);

/* Calls of every kind, from this thread and four others. Says which answers are wrong and returns 0, or
 * returns 1. */
int guest_all_right(void);

#endif
