/*
 * What callkey.h says of each function's parameters, and the arguments of one call: for tests that try
 * the same on every function. arguments.inc has the tables. Who includes it defines
 *
 * REAL(name)      how the function itself is called
 * DECLARED(text)  text, if that must be declared first
 * ENTRY(name)     if functions are to stand in for all that have arguments, under these names; each
 *                 ends with PASS(function, arguments)
 */
#ifndef ARGUMENT_H
#define ARGUMENT_H

#include <stddef.h>

#include "callkey.h"

/* A member of a struct that a pointer leads to. */
typedef struct member {
	const char *name;
	enum { MEMBER_NUMBER, MEMBER_TEXT, MEMBER_BYTES, MEMBER_FLAGS, MEMBER_RESERVED } kind;
	size_t at, size;
	size_t length_at; /* of MEMBER_BYTES: where their length is */
	uint32_t known;   /* of MEMBER_FLAGS: all that there are */
} member;

/* A struct that grows or holds pointers. */
typedef struct layout {
	size_t size;
	const member *members;
	size_t n;
	int grows; /* it starts with struct_size */
} layout;

/* What a parameter is for: rules 1 to 5 and 12 of callkey.h. */
typedef enum role {
	ROLE_HANDLE, ROLE_FIXED_OUT, ROLE_GROWING_OUT, ROLE_VARIABLE_OUT, ROLE_CAPACITY, ROLE_LIST_OUT,
	ROLE_BYTES, ROLE_FIXED_IN, ROLE_GROWING_IN, ROLE_LIST, ROLE_TEXT, ROLE_LENGTH, ROLE_SCALAR
} role;

typedef struct parameter {
	const char *name;
	role role;
	const char *type; /* of what a pointer leads to, without const */
	size_t size;  /* of what a pointer leads to; of one element, if another parameter counts them */
	int count;    /* which parameter that is */
	int optional; /* it may be NULL */
	int texts;    /* the elements are texts */
	const layout *layout;
	/* An output: */
	int text;     /* it ends with a NUL */
	int always;   /* after a failure it may be filled */
	int statuses; /* it holds the failure, but after apart */
	callkey_status apart;
	enum { OPENS_NOTHING, OPENS_STORE, OPENS_EPOCHS } opens;
	/* An input: */
	size_t limit; /* the most bytes of a text, without its NUL */
	int measured; /* any length but these is KEY_LENGTH: least to most, and also */
	size_t least, most, also;
	int wiped;    /* 32 zero bytes are INVALID_KEY */
} parameter;

typedef struct argument {
	void *pointer;   /* of a parameter that is a pointer, not written to if that is const */
	uint64_t number; /* of one that is not */
} argument;

typedef struct function {
	const char *name;
	const parameter *parameters;
	size_t n;
	callkey_status (*run)(const argument *arguments);
} function;

/* More than any function has. */
#define MOST_PARAMETERS 16
/* The longest list, and a struct_size that none will ever have more than. */
#define LONGEST_LIST 4096
#define LONGEST_STRUCT 4096

/* How many elements a counted argument has. */
static inline size_t argument_count(const function *f, const argument *a, size_t i)
{
	const parameter *count = &f->parameters[f->parameters[i].count];
	const argument *n = &a[f->parameters[i].count];

	if (count->role == ROLE_CAPACITY)
		return n->pointer == NULL ? 0 : *(size_t *)n->pointer;
	return (size_t)n->number;
}

#endif
