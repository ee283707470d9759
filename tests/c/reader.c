#include "reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *space(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Reads "text" into a copy that the caller frees. */
static const char *text(const char *p, char **out)
{
	size_t n;

	if (*p++ != '"')
		return NULL;
	n = strcspn(p, "\"\\");
	if (p[n] != '"' || (*out = malloc(n + 1)) == NULL)
		return NULL;
	memcpy(*out, p, n);
	(*out)[n] = 0;
	return p + n + 1;
}

static const char *value(const char *p, node *j);

/* Reads the members of an object or the elements of a list, after its bracket. */
static const char *children(const char *p, node *j, char end)
{
	node **last = &j->first;

	p = space(p);
	if (*p == end)
		return p + 1;
	for (;;) {
		node *child = calloc(1, sizeof *child);
		if (child == NULL)
			return NULL;
		*last = child;
		last = &child->next;
		j->n++;
		p = space(p);
		if (j->kind == NODE_OBJECT) {
			if ((p = text(p, &child->name)) == NULL)
				return NULL;
			p = space(p);
			if (*p++ != ':')
				return NULL;
		}
		if ((p = value(p, child)) == NULL)
			return NULL;
		p = space(p);
		if (*p == end)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static const char *value(const char *p, node *j)
{
	char *end;

	p = space(p);
	switch (*p) {
	case '{':
		j->kind = NODE_OBJECT;
		return children(p + 1, j, '}');
	case '[':
		j->kind = NODE_LIST;
		return children(p + 1, j, ']');
	case '"':
		j->kind = NODE_TEXT;
		return text(p, &j->text);
	}
	if (!isdigit((unsigned char)*p))
		return NULL;
	j->kind = NODE_NUMBER;
	j->number = strtoul(p, &end, 10);
	return *end == '.' || *end == 'e' || *end == 'E' ? NULL : end;
}

static char *contents(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *all = NULL;
	long n;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
	    (all = calloc((size_t)n + 1, 1)) != NULL && fread(all, 1, (size_t)n, f) != (size_t)n) {
		free(all);
		all = NULL;
	}
	fclose(f);
	return all;
}

node *node_read(const char *path)
{
	char *all = contents(path);
	node *j = calloc(1, sizeof *j);
	const char *end = NULL;

	if (all != NULL && j != NULL)
		end = value(all, j);
	if (end == NULL || *space(end) != 0) {
		node_free(j);
		j = NULL;
	}
	free(all);
	return j;
}

void node_free(node *j)
{
	while (j != NULL) {
		node *next = j->next;
		node_free(j->first);
		free(j->name);
		free(j->text);
		free(j);
		j = next;
	}
}

node *node_member(node *object, const char *name)
{
	node *j = object != NULL && object->kind == NODE_OBJECT ? object->first : NULL;

	while (j != NULL && strcmp(j->name, name) != 0)
		j = j->next;
	if (j != NULL)
		j->read = 1;
	return j;
}

const char *node_text(node *object, const char *name)
{
	node *j = node_member(object, name);

	return j != NULL && j->kind == NODE_TEXT ? j->text : NULL;
}

const char *node_unread(const node *object)
{
	const node *j;

	for (j = object != NULL ? object->first : NULL; j != NULL; j = j->next)
		if (!j->read)
			return j->name;
	return NULL;
}
