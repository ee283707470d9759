/* The inputs in a vector file: bytes, texts and numbers. */
#ifndef VALUE_H
#define VALUE_H

#include <stdint.h>

#include "reader.h"

/* A value of a case as bytes with a NUL behind them: a text under name, or hexadecimal under
 * name_hex. */
typedef struct value {
	uint8_t bytes[32768];
	size_t n;
} value;

/* 0 if text is not lower-case hexadecimal. */
int value_hex(const char *text, value *v);

/* 0 and a failure of the test if there is none: every case needs its input. */
int value_take(node *object, const char *name, value *v);

/* A failure of the test if there is none. */
uint32_t value_number(node *object, const char *name);

#endif
