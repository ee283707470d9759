/* The calls that a host makes, each with an answer that shows whether it worked. They are in a
 * shared object with the library, as in a plug-in, so that a host can load both when it likes. */
#ifndef WORK_H
#define WORK_H

/* One thread's accounts, in memory. */
typedef struct work work;

/* NULL when the library fails. */
work *work_begin(void);
/* Runs the calls of one kind; every number is one. 1 when all answers were right, else 0. */
int work_call(work *w, unsigned kind);
/* The larger ones: an offer to 300 devices, and a delivery into a store that is a file of its
 * own in folder, opened and closed. */
int work_fan_out(work *w);
int work_file(work *w, const char *folder);
/* The bug of a library built with it: INTERNAL, words that hold `says`, and INTERNAL from then on. */
int work_bug(const char *says);
void work_end(work *w);

#endif
