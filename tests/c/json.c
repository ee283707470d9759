#include "json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void skip_space(const char **at)
{
	while (isspace((unsigned char)**at))
		++*at;
}

static int take(const char **at, char c)
{
	skip_space(at);
	if (**at != c)
		return 0;
	++*at;
	return 1;
}

static char *take_string(const char **at)
{
	const char *end;
	char *s;
	if (!take(at, '"') || (end = strchr(*at, '"')) == NULL)
		return NULL;
	s = calloc((size_t)(end - *at) + 1, 1);
	if (s != NULL)
		memcpy(s, *at, (size_t)(end - *at));
	*at = end + 1;
	return s;
}

static json *parse(const char **at);

static int parse_children(const char **at, json *j, char close)
{
	json **next = &j->first;
	if (take(at, close))
		return 1;
	do {
		char *name = NULL;
		if (j->kind == JSON_OBJECT && ((name = take_string(at)) == NULL || !take(at, ':'))) {
			free(name);
			return 0;
		}
		*next = parse(at);
		if (*next == NULL) {
			free(name);
			return 0;
		}
		(*next)->name = name;
		next = &(*next)->next;
	} while (take(at, ','));
	return take(at, close);
}

static json *parse(const char **at)
{
	json *j = calloc(1, sizeof *j);
	char *end;
	int sound;
	if (j == NULL)
		return NULL;
	if (take(at, '{')) {
		j->kind = JSON_OBJECT;
		sound = parse_children(at, j, '}');
	} else if (take(at, '[')) {
		j->kind = JSON_LIST;
		sound = parse_children(at, j, ']');
	} else if (**at == '"') {
		j->kind = JSON_TEXT;
		sound = (j->text = take_string(at)) != NULL;
	} else {
		j->kind = JSON_NUMBER;
		j->number = (uint32_t)strtoul(*at, &end, 10);
		sound = end != *at;
		*at = end;
	}
	if (!sound) {
		json_free(j);
		return NULL;
	}
	return j;
}

json *json_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *all = NULL;
	const char *at;
	json *j = NULL;
	long n;
	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
	    (all = calloc((size_t)n + 1, 1)) != NULL && fread(all, 1, (size_t)n, f) == (size_t)n) {
		at = all;
		j = parse(&at);
		skip_space(&at);
		if (*at != '\0') {
			json_free(j);
			j = NULL;
		}
	}
	free(all);
	fclose(f);
	return j;
}

void json_free(json *j)
{
	while (j != NULL) {
		json *next = j->next;
		json_free(j->first);
		free(j->name);
		free(j->text);
		free(j);
		j = next;
	}
}

const json *json_member(const json *j, const char *name)
{
	if (j == NULL)
		return NULL;
	for (j = j->first; j != NULL; j = j->next)
		if (j->name != NULL && strcmp(j->name, name) == 0)
			return j;
	return NULL;
}

size_t json_count(const json *list)
{
	size_t n = 0;
	const json *j;
	for (j = list->first; j != NULL; j = j->next)
		n++;
	return n;
}

uint8_t *json_bytes(const json *text, size_t *n)
{
	uint8_t *bytes;
	unsigned value;
	size_t i;
	if (text == NULL || text->kind != JSON_TEXT || strlen(text->text) % 2 != 0)
		return NULL;
	*n = strlen(text->text) / 2;
	if ((bytes = malloc(*n + (*n == 0))) == NULL)
		return NULL;
	for (i = 0; i < *n; i++) {
		if (sscanf(text->text + 2 * i, "%2x", &value) != 1) {
			free(bytes);
			return NULL;
		}
		bytes[i] = (uint8_t)value;
	}
	return bytes;
}
