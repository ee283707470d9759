/* Reads the test vectors: JSON in pure ASCII without escapes (testdata/vectors/README.md). */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

typedef struct json {
	enum json_kind { JSON_OBJECT, JSON_LIST, JSON_TEXT, JSON_NUMBER } kind;
	char *name;         /* as a member of an object, else NULL */
	char *text;         /* of a text */
	uint32_t number;    /* of a number */
	struct json *first; /* member or element */
	struct json *next;  /* beside it */
} json;

/* NULL if the file cannot be read or is not such JSON. */
json *json_read(const char *path);
void json_free(json *j);

/* NULL if there is none. j may be NULL. */
const json *json_member(const json *j, const char *name);
size_t json_count(const json *list);

/* The bytes of a hexadecimal text in memory of exactly that size, for free(). NULL if it is not
 * hexadecimal. */
uint8_t *json_bytes(const json *text, size_t *n);

#endif
