/* The state that a call must not change: of the thread the signal mask, the alternate stack, floating
 * point control and flags, errno and cancellation; of the process its working folder, its umask and
 * every signal's action. */
#ifndef STATE_H
#define STATE_H

/* Gives the thread one of many states, selected by the number; state_back undoes that. The alternate
 * stack is none, 8 KB or 64 KB. */
void state_set(unsigned number);
void state_back(void);

/* NULL, or the first difference from the thread's state set by state_set and from the process's state
 * before the library was loaded. Only SIGSEGV, SIGBUS and SIGFPE may have another handler. */
const char *state_changed(void);

/* The same for the process only. */
const char *state_process_changed(void);

#endif
