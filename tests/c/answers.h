/* One case of a vector file, and what each function of the contract does with one. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "callkey.h"
#include "reader.h"

typedef struct answer_case {
	node *in, *out;      /* out NULL: the function must fail */
	callkey_status want;
} answer_case;

typedef struct answer_function {
	const char *name;
	void (*run)(answer_case *c);
} answer_function;

extern const answer_function answer_functions[];
extern const size_t answer_count;

#endif
