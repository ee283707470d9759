/*
 * Replaces everything that a call's arguments point to, including structs and lists, by copies. Each
 * copy has its own memory, exactly as long as the library may read.
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdlib.h>
#include <string.h>

#include "argument.h"

/* Memory with a copy of n bytes of content; written means that the library may change it. */
typedef void *lend(void *content, size_t n, int written);

/* A larger length is impossible: the library must reject it before it reads. */
#define LONGEST ((size_t)64 << 20)

static void *place_text(lend *memory, void *text, size_t limit)
{
	const char *end;

	if (text == NULL)
		return NULL;
	end = memchr(text, '\0', limit + 1);
	return memory(text, end == NULL ? limit + 1 : (size_t)(end - (const char *)text) + 1, 0);
}

static void *place_growing(lend *memory, const layout *l, void *s);

/* Makes the pointers in the first size bytes of a struct point to copies. */
static void place_members(lend *memory, const layout *l, char *s, size_t size)
{
	size_t i, n;

	for (i = 0; i < l->n; i++) {
		const member *m = &l->members[i];
		void *p;

		if (m->kind == MEMBER_NUMBER || m->kind == MEMBER_FLAGS || m->kind == MEMBER_RESERVED ||
		    m->at + m->size > size || m->length_at + sizeof n > size)
			continue;
		memcpy(&p, s + m->at, sizeof p);
		if (m->kind == MEMBER_TEXT) {
			p = place_text(memory, p, CALLKEY_JID_BYTES - 1);
		} else if (m->kind == MEMBER_STRUCT) {
			p = p == NULL ? NULL : place_growing(memory, m->layout, p);
		} else {
			n = m->fixed;
			if (m->kind == MEMBER_BYTES)
				memcpy(&n, s + m->length_at, sizeof n);
			if (p != NULL && n <= LONGEST)
				p = memory(p, n, 0);
		}
		memcpy(s + m->at, &p, sizeof p);
	}
}

/* The bytes of a struct that the library may touch: if struct_size is impossible, only that member. */
static size_t place_size(const void *s)
{
	size_t n;

	memcpy(&n, s, sizeof n);
	return n < sizeof n || n > LONGEST_STRUCT ? sizeof n : n;
}

static void *place_growing(lend *memory, const layout *l, void *s)
{
	char copy[LONGEST_STRUCT];
	size_t n = place_size(s);

	memcpy(copy, s, n);
	place_members(memory, l, copy, n);
	return memory(copy, n, 0);
}

static void *place_fixed(lend *memory, const parameter *p, void *s)
{
	char copy[LONGEST_STRUCT];

	if (p->layout == NULL)
		return memory(s, p->size, 0);
	memcpy(copy, s, p->size);
	place_members(memory, p->layout, copy, p->size);
	return memory(copy, p->size, 0);
}

static void *place_struct(lend *memory, const parameter *p, void *s)
{
	if (p->role == ROLE_GROWING_OUT)
		return memory(s, place_size(s), 1);
	return place_growing(memory, p->layout, s);
}

static void *place_list(lend *memory, const parameter *p, void *list, const size_t *lengths, size_t n)
{
	char *copy;
	size_t i;

	if (n > LONGEST_LIST)
		return list;
	if ((copy = malloc(n * p->size + 1)) == NULL)
		abort();
	memcpy(copy, list, n * p->size);
	for (i = 0; i < n; i++) {
		if (p->texts)
			((char **)(void *)copy)[i] = place_text(memory, ((char **)list)[i], CALLKEY_JID_BYTES - 1);
		else if (p->structs && ((char **)list)[i] != NULL)
			((void **)(void *)copy)[i] = place_struct(memory, p, ((void **)list)[i]);
		else if (lengths != NULL && ((char **)list)[i] != NULL && lengths[i] <= LONGEST)
			((void **)(void *)copy)[i] = memory(((void **)list)[i], lengths[i], 0);
		else if (p->structs || lengths != NULL)
			continue;
		else if (p->layout != NULL)
			place_members(memory, p->layout, copy + i * p->size, p->size);
	}
	list = memory(copy, n * p->size, 0);
	free(copy);
	return list;
}

static void place(lend *memory, const function *f, const argument *from, argument *to)
{
	size_t i, n;

	for (i = 0; i < f->n; i++) {
		const parameter *p = &f->parameters[i];

		to[i] = from[i];
		if (from[i].pointer == NULL)
			continue;
		switch (p->role) {
		case ROLE_HANDLE: case ROLE_LENGTH: case ROLE_SCALAR:
			break;
		case ROLE_TEXT:
			to[i].pointer = place_text(memory, from[i].pointer, p->limit);
			break;
		case ROLE_GROWING_IN: case ROLE_GROWING_OUT:
			to[i].pointer = place_struct(memory, p, from[i].pointer);
			break;
		case ROLE_LIST:
			to[i].pointer = place_list(memory, p, from[i].pointer,
			                           p->lengths == 0 ? NULL : from[p->lengths].pointer,
			                           argument_count(f, from, i));
			break;
		case ROLE_BYTES: case ROLE_VARIABLE_OUT: case ROLE_LIST_OUT:
			n = argument_count(f, from, i);
			if (n <= (p->role == ROLE_LIST_OUT ? LONGEST_LIST : LONGEST / p->size))
				to[i].pointer = memory(from[i].pointer, n * p->size, p->role != ROLE_BYTES);
			break;
		case ROLE_FIXED_OUT: case ROLE_CAPACITY:
			to[i].pointer = memory(from[i].pointer, p->size, 1);
			break;
		case ROLE_FIXED_IN:
			to[i].pointer = place_fixed(memory, p, from[i].pointer);
			break;
		}
	}
}

#endif
