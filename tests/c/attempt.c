#include "attempt.h"
#include "pages.h"
#include "place.h"
#include "test.h"

#include <string.h>

void attempt_wrong(const attempt *t, const char *name, const char *is)
{
	test_fail(__FILE__, __LINE__, "%s, %s: after %s %s %s", t->f->name, t->what,
	          callkey_status_name(t->status), name, is);
}

int attempt_is_out(const parameter *p)
{
	return p->role == ROLE_FIXED_OUT || p->role == ROLE_GROWING_OUT || p->role == ROLE_VARIABLE_OUT ||
	       p->role == ROLE_LIST_OUT;
}

size_t attempt_room(const attempt *t, size_t i)
{
	const parameter *p = &t->f->parameters[i];
	size_t n;

	switch (p->role) {
	case ROLE_GROWING_OUT:
		memcpy(&n, t->from[i].pointer, sizeof n);
		return n < sizeof n || n > LONGEST_STRUCT ? sizeof n : n;
	case ROLE_VARIABLE_OUT: case ROLE_LIST_OUT:
		return argument_count(t->f, t->from, i) * p->size;
	default:
		return p->size;
	}
}

void attempt_prepare(attempt *t, const function *f, const argument *from)
{
	size_t i;

	t->f = f;
	t->from = from;
	t->early = 0;
	place(pages_lend, f, from, t->a);
	for (i = 0; i < f->n; i++) {
		const parameter *p = &f->parameters[i];
		if (t->a[i].pointer == NULL || !attempt_is_out(p))
			continue;
		if (p->role == ROLE_GROWING_OUT)
			memset((char *)t->a[i].pointer + sizeof(size_t), FILL, attempt_room(t, i) - sizeof(size_t));
		else
			memset(t->a[i].pointer, FILL, attempt_room(t, i));
	}
}

int attempt_all(const void *p, unsigned char value, size_t n)
{
	const unsigned char *bytes = p;

	while (n > 0 && bytes[n - 1] == value)
		n--;
	return n == 0;
}

/* Rules 3, 4 and 12: the contents of output i after the call. */
static void check_output(const attempt *t, size_t i)
{
	const parameter *p = &t->f->parameters[i];
	const char *out = t->a[i].pointer;
	size_t n = attempt_room(t, i), count, k;

	switch (p->role) {
	case ROLE_GROWING_OUT:
		if (memcmp(out, t->from[i].pointer, sizeof n) != 0)
			attempt_wrong(t, p->name, "has another struct_size");
		memcpy(&count, out, sizeof count);
		out += sizeof n;
		n -= sizeof n;
		if (count < p->layout->size || count > LONGEST_STRUCT) {
			if (!attempt_all(out, FILL, n))
				attempt_wrong(t, p->name, "was written to");
		} else if (t->status == CALLKEY_ERR_BUFFER && p->always) {
			if (attempt_all(out, FILL, n) || attempt_all(out, 0, n))
				attempt_wrong(t, p->name, "is not filled");
		} else if (t->status == CALLKEY_ERR_BUFFER ? !attempt_all(out, FILL, n) :
		           (!p->always || t->early) && !attempt_all(out, 0, n)) {
			attempt_wrong(t, p->name, "is neither unchanged nor zero");
		} else if (p->always && attempt_all(out, FILL, n)) {
			attempt_wrong(t, p->name, "is neither filled nor cleared");
		}
		return;
	case ROLE_VARIABLE_OUT:
		if (!attempt_all(out, FILL, n))
			attempt_wrong(t, p->name, "has changed");
		return;
	case ROLE_LIST_OUT:
		count = argument_count(t->f, t->a, i);
		if (t->status == CALLKEY_ERR_BUFFER || count > LONGEST_LIST)
			count = 0;
		if (!attempt_all(out + count * p->size, FILL, n - count * p->size))
			attempt_wrong(t, p->name, "has changed");
		if (!p->statuses) {
			if (!attempt_all(out, 0, count * p->size))
				attempt_wrong(t, p->name, "is not zero");
		} else {
			const callkey_status *s = (const void *)out;
			for (k = 0; k < count; k++)
				if (t->status == p->apart ? s[k] == CALLKEY_OK : s[k] != t->status)
					attempt_wrong(t, p->name, "is not the failure");
		}
		return;
	default:
		if (!attempt_all(out, t->status == CALLKEY_ERR_BUFFER ? FILL : 0, n))
			attempt_wrong(t, p->name, "is neither unchanged nor zero");
	}
}

void attempt_close(const attempt *t)
{
	size_t i;

	for (i = 0; i < t->f->n; i++) {
		const parameter *p = &t->f->parameters[i];
		if (p->opens == OPENS_STORE)
			EXPECT_OK(callkey_store_close(*(callkey_store *)t->a[i].pointer));
		else if (p->opens == OPENS_EPOCHS)
			EXPECT_OK(callkey_epochs_free(*(callkey_epochs *)t->a[i].pointer));
	}
}

/* BUFFER sets the sizes of all variable outputs; one of them is above its capacity. */
static int any_too_small(const attempt *t)
{
	size_t i, n;

	for (i = 0; i < t->f->n; i++) {
		if (t->f->parameters[i].role != ROLE_CAPACITY || t->a[i].pointer == NULL)
			continue;
		memcpy(&n, t->a[i].pointer, sizeof n);
		if (n > t->capacity[i])
			return 1;
	}
	return 0;
}

void attempt_run(attempt *t)
{
	const function *f = t->f;
	size_t i;

	test_at("%s, %s, pieces %s the pages", f->name, t->what, pages_behind ? "behind" : "before");
	for (i = 0; i < f->n; i++)
		if (f->parameters[i].role == ROLE_CAPACITY && t->a[i].pointer != NULL)
			memcpy(&t->capacity[i], t->a[i].pointer, sizeof t->capacity[i]);
	t->status = f->run(t->a);
	if (!pages_intact())
		attempt_wrong(t, "a byte beside an argument", "has changed");
	if (t->status == CALLKEY_ERR_BUFFER && !any_too_small(t))
		attempt_wrong(t, "every output", "had the size needed");
	for (i = 0; i < f->n; i++) {
		const parameter *p = &f->parameters[i];
		size_t n;
		if (t->a[i].pointer == NULL)
			continue;
		if (p->role == ROLE_CAPACITY) {
			memcpy(&n, t->a[i].pointer, sizeof n);
			if (t->status == CALLKEY_OK ? n > t->capacity[i] :
			    t->status != CALLKEY_ERR_BUFFER && n != 0)
				attempt_wrong(t, p->name, "has the wrong size");
		} else if (attempt_is_out(p) && t->status != CALLKEY_OK) {
			check_output(t, i);
		}
	}
}

callkey_status attempt_finish(attempt *t)
{
	attempt_run(t);
	if (t->status == CALLKEY_OK)
		attempt_close(t);
	pages_end();
	return t->status;
}

void attempt_refused(attempt *t, callkey_status want, const char *name)
{
	char text[512] = "";
	size_t n = sizeof text;

	attempt_finish(t);
	if (t->status != want)
		test_fail(__FILE__, __LINE__, "%s, %s: %s, not %s", t->f->name, t->what,
		          callkey_status_name(t->status), callkey_status_name(want));
	/* The own failures of callkey_last_error and callkey_last_errno have no text. */
	if (name == NULL || strncmp(t->f->name, "callkey_last_", 13) == 0)
		return;
	if (callkey_last_error(text, &n) != CALLKEY_OK || strstr(text, name) == NULL)
		test_fail(__FILE__, __LINE__, "%s, %s: the text \"%s\" does not name %s", t->f->name, t->what,
		          text, name);
}
