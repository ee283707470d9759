#include "value.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

int value_hex(const char *text, value *v)
{
	size_t i;

	v->n = strlen(text) / 2;
	if (strlen(text) % 2 != 0 || v->n >= sizeof v->bytes ||
	    strspn(text, "0123456789abcdef") != 2 * v->n)
		return 0;
	for (i = 0; i < v->n; i++) {
		char two[3] = {text[2 * i], text[2 * i + 1], 0};
		v->bytes[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	v->bytes[v->n] = 0;
	return 1;
}

int value_take(node *object, const char *name, value *v)
{
	char name_hex[64];
	const char *text = node_text(object, name);

	v->n = 0;
	if (text != NULL && strlen(text) < sizeof v->bytes) {
		v->n = strlen(text);
		memcpy(v->bytes, text, v->n + 1);
		return 1;
	}
	strcat(strcpy(name_hex, name), "_hex");
	text = node_text(object, name_hex);
	if (text != NULL && value_hex(text, v))
		return 1;
	test_fail(__FILE__, __LINE__, "no readable %s or %s", name, name_hex);
	return 0;
}

uint32_t value_number(node *object, const char *name)
{
	node *j = node_member(object, name);

	if (j != NULL && j->kind == NODE_NUMBER)
		return (uint32_t)j->number;
	test_fail(__FILE__, __LINE__, "no number %s", name);
	return 0;
}
