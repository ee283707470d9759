/* The library in a host: linked, or loaded at one of the moments when hosts load plug-ins. */
#ifndef GUEST_H
#define GUEST_H

#include "work.h"

#include <sys/types.h>

/* The program's first step; way is how the library gets into the process:
 *
 *   linked   linked with the program
 *   early    loaded here, before the host sets its mask and handlers
 *   late     loaded by guest_late, after the host has set everything up
 *   thread   loaded by guest_late, in a second thread that ends before guest_late returns
 *   blocked  loaded by guest_late, while every signal is blocked
 *
 * Ends the program if the library cannot be loaded. */
void guest_early(const char *way);
void guest_late(void);
/* For "thread" the thread that loaded the library, else 0. */
extern volatile pid_t guest_loader;

/* The functions of work.h, once the library is loaded. */
extern work *(*guest_begin)(void);
extern int (*guest_call)(work *w, unsigned kind);
extern int (*guest_fan_out)(work *w);
extern int (*guest_file)(work *w, const char *folder);
extern int (*guest_bug)(const char *says);
extern void (*guest_end)(work *w);

/* Makes calls of every kind, from this thread and four others. Returns 1, or prints the wrong answers and
 * returns 0. */
int guest_all_right(void);

#endif
