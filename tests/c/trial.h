/*
 * A trial takes one valid call of a function and, before the call itself, breaks each rule of callkey.h
 * for each argument in turn. All of it happens in guarded memory (pages.h).
 *
 * Files compiled with trial_names.h make their calls through here.
 */
#ifndef TRIAL_H
#define TRIAL_H

/* Makes the next calls of that function trials; NULL ends this. */
void trial_of(const char *name);

/* Fails the running test for each function of callkey.h that has arguments and no tried valid call. */
void trial_complete(void);

#endif
