/* What a call must leave as it was: of the thread the signal mask, the alternate stack, floating
 * point control and flags, errno and cancellation; of the process the folder it works in, its umask
 * and every signal's action. */
#ifndef STATE_H
#define STATE_H

/* The thread's state becomes one of many, chosen by the number; state_back undoes that. The alternate
 * stack is none, one of 8 KB or one of 64 KB. */
void state_set(unsigned number);
void state_back(void);

/* NULL, or what is no longer as state_set made it, and of the process as it was before the library
 * was loaded. Only SIGSEGV, SIGBUS and SIGFPE may have got another handler. */
const char *state_changed(void);

/* The same of the process alone. */
const char *state_process_changed(void);

#endif
