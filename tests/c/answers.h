/* One case of a vector file, and its run through a function of callkey.h. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "callkey.h"
#include "reader.h"

typedef struct answer_case {
	node *in, *out;      /* out NULL: the function must fail */
	callkey_status want;
} answer_case;

/* The functions of callkey.h. Returns the name of a function that must have known answers, else NULL. */
extern const size_t answer_functions;
const char *answer_function(size_t i);

/* Runs a case of a function and compares the result. */
void answer_run(size_t i, answer_case *c);

#endif
