/* The calls that a host makes, each with a check of the result. They are in a shared object with the
 * library, like a plug-in, so a host can load both at any time. */
#ifndef WORK_H
#define WORK_H

/* One thread's accounts, in memory. */
typedef struct work work;

/* NULL if the library fails. */
work *work_begin(void);
/* Runs the calls of one kind; every number is a kind. 1 if all answers were right, else 0. */
int work_call(work *w, unsigned kind);
/* The larger calls: an offer to 300 devices, and a delivery into a store in a new file in folder, opened
 * and closed. */
int work_fan_out(work *w);
int work_file(work *w, const char *folder);
/* The bug of a library built with one: INTERNAL, an error text with `says` in it, and INTERNAL from then
 * on. */
int work_bug(const char *says);
void work_end(work *w);

#endif
