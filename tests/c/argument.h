/*
 * The parameters of each function, as callkey.h describes them, and the arguments of one call: for tests
 * that try the same on every function. arguments.inc has the tables. The file that includes it defines
 *
 * REAL(name)      the name of the real function
 * DECLARED(text)  text, if the real function must be declared first
 * ENTRY(name)     to define a substitute with this name for every function that has arguments; each
 *                 ends with PASS(function, arguments)
 */
#ifndef ARGUMENT_H
#define ARGUMENT_H

#include <stddef.h>

#include "callkey.h"

/* A member of a struct that a parameter points to. */
typedef struct member {
	const char *name;
	enum { MEMBER_NUMBER, MEMBER_TEXT, MEMBER_BYTES, MEMBER_FIXED, MEMBER_STRUCT, MEMBER_FLAGS, MEMBER_RESERVED } kind;
	size_t at, size;
	size_t length_at; /* of MEMBER_BYTES: the offset of their length */
	uint32_t known;   /* of MEMBER_FLAGS: all known flags */
	size_t fixed;     /* of MEMBER_FIXED: the number of bytes that it points to */
	const struct layout *layout; /* of MEMBER_STRUCT: of the struct that it points to */
} member;

/* A struct that grows or has pointers. */
typedef struct layout {
	size_t size;
	const member *members;
	size_t n;
	int grows; /* it starts with struct_size */
} layout;

/* The use of a parameter: rules 1 to 5 and 12 of callkey.h. */
typedef enum role {
	ROLE_HANDLE, ROLE_FIXED_OUT, ROLE_GROWING_OUT, ROLE_VARIABLE_OUT, ROLE_CAPACITY, ROLE_LIST_OUT,
	ROLE_BYTES, ROLE_FIXED_IN, ROLE_GROWING_IN, ROLE_LIST, ROLE_TEXT, ROLE_LENGTH, ROLE_SCALAR
} role;

typedef struct parameter {
	const char *name;
	role role;
	const char *type; /* of the target of a pointer, without const */
	size_t size;  /* of the target of a pointer; of one element, if another parameter counts them */
	int count;    /* the index of that parameter */
	int optional; /* it may be NULL */
	int texts;    /* the elements are texts */
	int structs;  /* the elements are pointers to structs */
	int sparse;   /* and some may be NULL */
	int lengths;  /* not 0: they are pointers to bytes, and this is the index of the list of their lengths */
	const layout *layout;
	/* An output: */
	int text;     /* it ends with a NUL */
	int always;   /* it may be filled even after a failure */
	int statuses; /* after a failure it has that status, except after apart */
	callkey_status apart;
	enum { OPENS_NOTHING, OPENS_STORE, OPENS_EPOCHS } opens;
	/* An input: */
	size_t limit; /* the maximum length of a text in bytes, without its NUL */
	int measured; /* KEY_LENGTH for any length except least to most, and also */
	size_t least, most, also;
	int wiped;    /* 32 zero bytes are INVALID_KEY */
} parameter;

typedef struct argument {
	void *pointer;   /* of a pointer parameter; not written to if that is const */
	uint64_t number; /* of any other parameter */
} argument;

typedef struct function {
	const char *name;
	const parameter *parameters;
	size_t n;
	callkey_status (*run)(const argument *arguments);
} function;

/* More than the parameters of any function. */
#define MOST_PARAMETERS 16
/* The longest list, and a larger struct_size than any struct will ever have. */
#define LONGEST_LIST 4096
#define LONGEST_STRUCT 4096

/* Returns the number of elements of a counted argument. */
static inline size_t argument_count(const function *f, const argument *a, size_t i)
{
	const parameter *count = &f->parameters[f->parameters[i].count];
	const argument *n = &a[f->parameters[i].count];

	if (count->role == ROLE_CAPACITY)
		return n->pointer == NULL ? 0 : *(size_t *)n->pointer;
	return (size_t)n->number;
}

#endif
