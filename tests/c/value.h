/* What a vector file gives a function: bytes, texts and numbers. */
#ifndef VALUE_H
#define VALUE_H

#include <stdint.h>

#include "reader.h"

/* A value of a case as bytes with a NUL behind them: given as text under name, or in
 * hexadecimal under name_hex. */
typedef struct value {
	uint8_t bytes[32768];
	size_t n;
} value;

/* 0 when text is not lower-case hexadecimal. */
int value_hex(const char *text, value *v);

/* 0 and a failure of the test when there is none, for a case without its input is no case. */
int value_take(node *object, const char *name, value *v);

/* A failure of the test when there is none. */
uint32_t value_number(node *object, const char *name);

#endif
