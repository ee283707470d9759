/*
 * A trial: one valid call of a function is taken apart, and the function is called with each of its
 * arguments spoiled in every way that callkey.h has a rule for, before the call itself. All of that is
 * in memory that is watched (pages.h).
 *
 * What is compiled with trial_names.h calls through here.
 */
#ifndef TRIAL_H
#define TRIAL_H

/* The next calls of that function are trials; with NULL none is. */
void trial_of(const char *name);

/* Fails the running test for each function of callkey.h of which no valid call was tried, unless it has
 * no arguments. */
void trial_complete(void);

#endif
