#include "trial.h"
#include "attempt.h"
#include "pages.h"
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static callkey_status pass(const function *f, const argument *a);

#define REAL(name) name
#define DECLARED(text)
#define ENTRY(name) trial_##name
#define PASS pass
#include "arguments.inc"

static const char *tried;
static int done[COUNT(functions)];

void trial_of(const char *name)
{
	tried = name;
}

void trial_complete(void)
{
	size_t i;

	for (i = 0; i < COUNT(functions); i++)
		if (functions[i]->n > 0 && !done[i])
			test_fail(__FILE__, __LINE__, "%s has no row in every.c", functions[i]->name);
}

/* The argument in the error text if argument i, a capacity or a length, is wrong. */
static const char *owner(const function *f, size_t i)
{
	size_t k;

	for (k = 0; k < f->n; k++)
		if (f->parameters[k].role != ROLE_HANDLE && (size_t)f->parameters[k].count == i &&
		    (f->parameters[i].role == ROLE_CAPACITY || f->parameters[i].role == ROLE_LENGTH))
			return f->parameters[k].name;
	return f->parameters[i].name;
}

static int is_counted(const parameter *p)
{
	return p->role == ROLE_VARIABLE_OUT || p->role == ROLE_LIST_OUT || p->role == ROLE_BYTES ||
	       p->role == ROLE_LIST;
}

/* Rule 5: NULL. */
static void without(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	attempt t;

	if (p->role == ROLE_HANDLE || p->role == ROLE_LENGTH || p->role == ROLE_SCALAR || p->optional ||
	    (is_counted(p) && argument_count(f, a, i) == 0))
		return;
	attempt_prepare(&t, f, a);
	WHAT(&t, "%s NULL", p->name);
	t.a[i].pointer = NULL;
	t.early = 1;
	attempt_refused(&t, CALLKEY_ERR_ARGUMENT, owner(f, i));
}

/* Length 0 is allowed, and the result is the same with a pointer as with NULL. Returns it. */
static callkey_status nothing(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	callkey_status with;
	attempt t;
	size_t k;

	if (p->role != ROLE_LENGTH)
		return CALLKEY_OK;
	attempt_prepare(&t, f, a);
	WHAT(&t, "%s 0", p->name);
	t.a[i].number = 0;
	with = attempt_finish(&t);
	attempt_prepare(&t, f, a);
	WHAT(&t, "%s 0 and NULL", p->name);
	t.a[i].number = 0;
	for (k = 0; k < f->n; k++)
		if (is_counted(&f->parameters[k]) && (size_t)f->parameters[k].count == i)
			t.a[k].pointer = NULL;
	attempt_finish(&t);
	if (t.status == CALLKEY_ERR_ARGUMENT || t.status != with)
		test_fail(__FILE__, __LINE__, "%s, %s: %s, but with pointers %s", f->name, t.what,
		          callkey_status_name(t.status), callkey_status_name(with));
	return with;
}

/* Rule 5: impossible lengths, without memory of that length. */
static void absurd(const function *f, const argument *a, size_t i)
{
	size_t lengths[3] = {(size_t)-1, ((size_t)1 << 30) + 1, ((size_t)1 << 30) + 1}, k, size = 1;

	if (f->parameters[i].role != ROLE_LENGTH)
		return;
	for (k = 0; k < f->n; k++)
		if (is_counted(&f->parameters[k]) && f->parameters[k].role != ROLE_BYTES &&
		    (size_t)f->parameters[k].count == i && f->parameters[k].size >= size) {
			size = f->parameters[k].size;
			lengths[1] = LONGEST_LIST + 1;
			lengths[2] = (size_t)-1 / size;
		}
	for (k = 0; k < COUNT(lengths); k++) {
		attempt t;
		attempt_prepare(&t, f, a);
		WHAT(&t, "%s %lu", f->parameters[i].name, (unsigned long)lengths[k]);
		t.a[i].number = lengths[k];
		t.early = 1;
		attempt_refused(&t, CALLKEY_ERR_ARGUMENT, owner(f, i));
	}
}

/* Rule 6. */
static void handle(const function *f, const argument *a, size_t i)
{
	const uint64_t tokens[] = {
		0, 1, (uint64_t)-1, a[i].number + 1, a[i].number ^ 0x8000000000000000u,
	};
	size_t k;

	for (k = 0; f->parameters[i].role == ROLE_HANDLE && k < COUNT(tokens); k++) {
		attempt t;
		attempt_prepare(&t, f, a);
		WHAT(&t, "handle %lu", (unsigned long)k);
		t.a[i].number = tokens[k];
		t.early = 1;
		attempt_refused(&t, CALLKEY_ERR_HANDLE, NULL);
	}
}

/* A text that is too long has no NUL in readable memory: the byte behind the limit must not be read. */
static char *endless(size_t limit)
{
	static char *text;

	if ((text = realloc(text, limit + 1)) == NULL)
		abort();
	memset(text, '2', limit + 1);
	return text;
}

static const char *const not_utf8[] = {
	"\xff@lid",
	"222\xc3@lid",          /* cut short */
	"\xc0\xb2@lid",         /* over-long */
	"\xed\xa0\x80@lid",     /* a surrogate */
	"\xf4\x90\x80\x80@lid", /* beyond U+10FFFF */
};

/* Rule 7. */
static void text(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	argument b[MOST_PARAMETERS];
	size_t k;
	attempt t;

	if (p->role != ROLE_TEXT || a[i].pointer == NULL)
		return;
	memcpy(b, a, f->n * sizeof *b);
	for (k = 0; k < COUNT(not_utf8); k++) {
		b[i].pointer = (void *)not_utf8[k];
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s not UTF-8, %lu", p->name, (unsigned long)k);
		attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
	}
	b[i].pointer = endless(p->limit);
	attempt_prepare(&t, f, b);
	WHAT(&t, "%s without end", p->name);
	attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
	b[i].pointer = "";
	attempt_prepare(&t, f, b);
	WHAT(&t, "%s empty", p->name);
	if (attempt_finish(&t) != CALLKEY_ERR_PARTICIPANT && t.status != CALLKEY_ERR_ARGUMENT &&
	    t.status != CALLKEY_ERR_MALFORMED)
		attempt_wrong(&t, p->name, "was allowed to be empty");
}

/* The longest allowed text, which may be invalid for another reason. Only in calls that change nothing. */
static void longest_text(const function *f, const argument *a, size_t i)
{
	argument b[MOST_PARAMETERS];
	char longest[CALLKEY_JID_BYTES];
	attempt t;

	if (f->parameters[i].role != ROLE_TEXT || f->parameters[i].limit != sizeof longest - 1 ||
	    f->parameters[0].role == ROLE_HANDLE)
		return;
	memset(longest, '2', sizeof longest);
	memcpy(longest + sizeof longest - 7, ":7@lid", 7);
	memcpy(b, a, f->n * sizeof *b);
	b[i].pointer = longest;
	attempt_prepare(&t, f, b);
	WHAT(&t, "%s of 127 bytes", f->parameters[i].name);
	if (attempt_finish(&t) == CALLKEY_ERR_ARGUMENT)
		attempt_wrong(&t, f->parameters[i].name, "was too long");
}

/* A list of texts: the last is NULL, or one is not a valid text. */
static void texts(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	size_t n, k, s;
	const char *list[8];
	argument b[MOST_PARAMETERS];
	attempt t;

	if (!p->texts)
		return;
	n = argument_count(f, a, i);
	if (!EXPECT(n > 0 && n <= COUNT(list)))
		return;
	memcpy(b, a, f->n * sizeof *b);
	memcpy(list, a[i].pointer, n * sizeof *list);
	b[i].pointer = list;
	if (!p->sparse) {
		list[n - 1] = NULL;
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s[%lu] NULL", p->name, (unsigned long)n - 1);
		t.early = 1;
		attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
	}

	for (k = 0; k < COUNT(not_utf8) + 2; k++) {
		const char *bad = k < COUNT(not_utf8) ? not_utf8[k] :
		                  k == COUNT(not_utf8) ? endless(CALLKEY_JID_BYTES - 1) : "";
		int passes = 1;
		for (s = 0; s < n; s++)
			list[s] = bad;
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s bad, %lu", p->name, (unsigned long)k);
		attempt_run(&t);
		/* A bad text fails the whole call, or only its own element. */
		for (s = 0; s < f->n; s++)
			if (f->parameters[s].statuses && *(callkey_status *)t.a[s].pointer != CALLKEY_OK)
				passes = 0;
		if (t.status == CALLKEY_OK && passes)
			attempt_wrong(&t, p->name, "passed");
		pages_end();
	}
}

/* A list of pointers to bytes or structs: the last is NULL where none may be, or longer than anything, or a struct of no
 * version. */
static void pointers(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	union { size_t size; unsigned char bytes[LONGEST_STRUCT]; } s;
	size_t n, k, lengths[8];
	const void *list[8];
	argument b[MOST_PARAMETERS];
	attempt t;

	if (!p->structs && p->lengths == 0)
		return;
	n = argument_count(f, a, i);
	if (!EXPECT(n > 0 && n <= COUNT(list)))
		return;
	memcpy(b, a, f->n * sizeof *b);
	memcpy(list, a[i].pointer, n * sizeof *list);
	b[i].pointer = list;
	if (!p->sparse) {
		list[n - 1] = NULL;
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s[%lu] NULL", p->name, (unsigned long)n - 1);
		t.early = 1;
		attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
	}

	if (p->lengths != 0) {
		b[i].pointer = a[i].pointer;
		b[p->lengths].pointer = lengths;
		memcpy(lengths, a[p->lengths].pointer, n * sizeof *lengths);
		for (k = 0; k < 2; k++) {
			lengths[n - 1] = k == 0 ? (size_t)-1 : ((size_t)1 << 30) + 1;
			attempt_prepare(&t, f, b);
			WHAT(&t, "%s[%lu] of %lu bytes", p->name, (unsigned long)n - 1, (unsigned long)lengths[n - 1]);
			t.early = 1;
			attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
		}
		return;
	}
	list[n - 1] = &s;
	memcpy(&s, ((void **)a[i].pointer)[n - 1], p->layout->size);
	memset(s.bytes + p->layout->size, 0, 64);
	for (k = 0; k < 3; k++) {
		s.size = k == 0 ? 0 : k == 1 ? LONGEST_STRUCT + 1 : p->layout->size + 64;
		s.bytes[p->layout->size + 63] = k == 2; /* a later version's member */
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s[%lu]->struct_size %lu", p->name, (unsigned long)n - 1, (unsigned long)s.size);
		attempt_refused(&t, k == 2 ? CALLKEY_ERR_UNSUPPORTED : CALLKEY_ERR_ARGUMENT, p->name);
	}
}

/* Rule 12: a struct_size that no version had, unknown flags and unknown members. */
static void growing(const function *f, const argument *a, size_t i)
{
	const parameter *p = &f->parameters[i];
	union { size_t size; unsigned char bytes[LONGEST_STRUCT]; } s;
	argument b[MOST_PARAMETERS];
	attempt t;
	size_t k;
	int bit;

	if ((p->role != ROLE_GROWING_IN && p->role != ROLE_GROWING_OUT) || a[i].pointer == NULL)
		return;
	memcpy(b, a, f->n * sizeof *b);
	b[i].pointer = &s;
	{
		const size_t sizes[] = {
			0, 1, sizeof(size_t), p->layout->size - 1, LONGEST_STRUCT + 1, 1 << 20, (size_t)-1,
		};
		for (k = 0; k < COUNT(sizes); k++) {
			memcpy(&s, a[i].pointer, p->layout->size);
			s.size = sizes[k];
			attempt_prepare(&t, f, b);
			WHAT(&t, "%s->struct_size %lu", p->name, (unsigned long)sizes[k]);
			attempt_refused(&t, CALLKEY_ERR_ARGUMENT, p->name);
		}
	}
	if (p->role == ROLE_GROWING_OUT)
		return;
	for (k = 0; k < p->layout->n; k++) {
		const member *m = &p->layout->members[k];
		for (bit = 0; (m->kind == MEMBER_FLAGS || m->kind == MEMBER_RESERVED) && bit < 32; bit++) {
			uint32_t flags;
			if (m->known >> bit & 1)
				continue;
			memcpy(&s, a[i].pointer, p->layout->size);
			memcpy(&flags, s.bytes + m->at, sizeof flags);
			flags |= (uint32_t)1 << bit;
			memcpy(s.bytes + m->at, &flags, sizeof flags);
			attempt_prepare(&t, f, b);
			WHAT(&t, "%s->%s bit %d", p->name, m->name, bit);
			attempt_refused(&t, m->kind == MEMBER_FLAGS ? CALLKEY_ERR_ARGUMENT : CALLKEY_ERR_UNSUPPORTED, p->name);
		}
	}
	/* Members of a later version: ignored if zero, else rejected. */
	memcpy(&s, a[i].pointer, p->layout->size);
	memset(s.bytes + p->layout->size, 0, 64);
	s.size = p->layout->size + 64;
	for (k = 0; k < 64; k += 63) {
		s.bytes[p->layout->size + k] = 1;
		attempt_prepare(&t, f, b);
		WHAT(&t, "%s with a later member", p->name);
		attempt_refused(&t, CALLKEY_ERR_UNSUPPORTED, p->name);
		s.bytes[p->layout->size + k] = 0;
	}
}

/* The first variable output from parameter i on, or f->n. */
static size_t variable(const function *f, size_t i)
{
	while (i < f->n && f->parameters[i].role != ROLE_VARIABLE_OUT)
		i++;
	return i;
}

/* Rule 11: a wiped key, both with enough capacity and when asking for the size. */
static void wiped(const function *f, const argument *a, size_t i)
{
	static uint8_t zeros[CALLKEY_KEY_BYTES];
	const parameter *p = &f->parameters[i];
	argument b[MOST_PARAMETERS];
	size_t out = variable(f, 0), none = 0;
	attempt t;

	if (!p->wiped)
		return;
	memcpy(b, a, f->n * sizeof *b);
	b[i].pointer = zeros;
	b[p->count].number = sizeof zeros;
	attempt_prepare(&t, f, b);
	WHAT(&t, "%s wiped", p->name);
	attempt_refused(&t, CALLKEY_ERR_INVALID_KEY, NULL);
	if (out == f->n)
		return;
	b[out].pointer = NULL;
	b[f->parameters[out].count].pointer = &none;
	attempt_prepare(&t, f, b);
	WHAT(&t, "%s wiped, and no room", p->name);
	attempt_refused(&t, CALLKEY_ERR_INVALID_KEY, NULL);
}

/* Rule 4: a call with a too small output changes nothing. Returns the size needed, or 0. */
static size_t too_small(const function *f, const argument *a, size_t out)
{
	size_t need, n = 0, short_of;
	const int count = f->parameters[out].count;
	argument b[MOST_PARAMETERS];
	attempt t;

	memcpy(b, a, f->n * sizeof *b);
	b[out].pointer = NULL;
	b[count].pointer = &n;
	attempt_prepare(&t, f, b);
	WHAT(&t, "no room");
	attempt_run(&t);
	need = *(size_t *)t.a[count].pointer;
	pages_end();
	if (t.status != CALLKEY_ERR_BUFFER || need == 0) {
		attempt_wrong(&t, f->parameters[out].name, "does not have the size needed");
		return 0;
	}
	b[out].pointer = a[out].pointer;
	for (short_of = need; short_of > 0; short_of -= short_of > 8 ? short_of / 2 : 1) {
		n = need - short_of;
		attempt_prepare(&t, f, b);
		WHAT(&t, "room for %lu of %lu", (unsigned long)n, (unsigned long)need);
		attempt_run(&t);
		if (t.status != CALLKEY_ERR_BUFFER || *(size_t *)t.a[count].pointer != need)
			attempt_wrong(&t, f->parameters[out].name, "has another size needed the second time");
		pages_end();
	}
	return need;
}

/* Exactly enough capacity works, and so does an impossibly large one. Bytes behind the used size stay
 * unchanged. */
static void enough(const function *f, const argument *a, size_t out, size_t need)
{
	size_t n, k;
	const parameter *p = &f->parameters[out];
	argument b[MOST_PARAMETERS];

	memcpy(b, a, f->n * sizeof *b);
	b[p->count].pointer = &need;
	for (k = 0; k < 2; k++) {
		const char *written;
		attempt t;
		attempt_prepare(&t, f, b);
		WHAT(&t, k == 0 ? "exactly enough room" : "room without end");
		if (k == 1)
			*(size_t *)t.a[p->count].pointer = (size_t)-1;
		attempt_run(&t);
		written = t.a[out].pointer;
		n = *(size_t *)t.a[p->count].pointer;
		if (t.status != CALLKEY_OK || n == 0 || n > need)
			attempt_wrong(&t, p->name, "had too little room");
		else if (!attempt_all(written + n * p->size, FILL, (need - n) * p->size))
			attempt_wrong(&t, p->name, "has changed behind its size");
		else if (p->text && (n != need || memchr(written, '\0', n) != written + n - 1))
			attempt_wrong(&t, p->name, "does not end with a NUL");
		pages_end();
	}
}

enum { LONGEST_INPUT = 200, BEHIND = 64 };

/* The result of a call. */
typedef struct results {
	callkey_status status;
	size_t n;
	unsigned char bytes[16384];
} results;

/* A call with n bytes of input i, and more bytes behind it that its length does not count. */
static void call_with(const function *f, const argument *a, size_t i, uint8_t *in, size_t n, size_t behind,
                      results *r)
{
	const int count = f->parameters[i].count;
	argument b[MOST_PARAMETERS];
	attempt t;
	size_t k;

	memcpy(b, a, f->n * sizeof *b);
	b[i].pointer = in;
	b[count].number = n + behind;
	attempt_prepare(&t, f, b);
	t.a[count].number = n;
	WHAT(&t, "%lu bytes of %s, %lu behind", (unsigned long)n, f->parameters[i].name, (unsigned long)behind);
	attempt_run(&t);
	r->status = t.status;
	r->n = 0;
	for (k = 0; k < f->n; k++) {
		size_t size = attempt_is_out(&f->parameters[k]) ? attempt_room(&t, k) : 0;
		if (f->parameters[k].opens != OPENS_NOTHING || size == 0 || r->n + size > sizeof r->bytes)
			continue;
		memcpy(r->bytes + r->n, t.a[k].pointer, size);
		r->n += size;
	}
	if (t.status == CALLKEY_OK)
		attempt_close(&t);
	pages_end();
}

static int same(const results *a, const results *b)
{
	return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* Whether to try n bytes of an input. Where few are tried: those of keys and headers, and beside each that means
 * something. */
static int tried_length(const parameter *p, size_t own, size_t n)
{
	const size_t means[] = {p->least, p->most, p->also, own};
	size_t i;

	if (!test_few() || n <= 34 || n % 7 == 0)
		return 1;
	for (i = 0; i < COUNT(means); i++)
		if (n + 1 >= means[i] && n <= means[i] + 1)
			return 1;
	return 0;
}

/* An input of every other length: KEY_LENGTH if there is such a rule, and the same result alone and with
 * other bytes behind it. Random results are compared only by status. */
static void every_length(const function *f, const argument *a, size_t i)
{
	static results once, again, followed;
	const parameter *p = &f->parameters[i];
	uint8_t in[4096];
	size_t own, most, n;

	/* Once is enough: only the bytes behind the input matter. */
	if (p->role != ROLE_BYTES || pages_behind)
		return;
	own = argument_count(f, a, i);
	most = own > LONGEST_INPUT ? own - 1 : LONGEST_INPUT;
	if (!EXPECT(most + BEHIND <= sizeof in))
		return;
	for (n = 0; n < sizeof in; n++)
		in[n] = (uint8_t)('0' + n % 10);
	if (own > 0)
		memcpy(in, a[i].pointer, own);
	for (n = 0; n <= most; n++) {
		int right = (n >= p->least && n <= p->most) || n == p->also;

		if (n == own || !tried_length(p, own, n))
			continue;
		call_with(f, a, i, in, n, 0, &once);
		call_with(f, a, i, in, n, 0, &again);
		call_with(f, a, i, in, n, BEHIND, &followed);
		if (p->measured && (once.status == CALLKEY_ERR_KEY_LENGTH) == right)
			test_fail(__FILE__, __LINE__, "%s, %s of %lu bytes: %s", f->name, p->name, (unsigned long)n,
			          callkey_status_name(once.status));
		if (followed.status != once.status || (same(&once, &again) && !same(&once, &followed)))
			test_fail(__FILE__, __LINE__, "%s: %lu bytes of %s give another result with other bytes behind",
			          f->name, (unsigned long)n, p->name);
	}
}

/* The contents of a store or group, as far as its functions show them. */
typedef struct mark {
	callkey_status status[8];
	callkey_identity own;
	callkey_signed_prekey signed_prekey;
	uint64_t since;
	callkey_prekey unpublished[64];
	size_t n_unpublished, left;
	record sessions[3];
	uint8_t identities[3][CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t number;
} mark;

static void take_mark(uint64_t token, mark *m)
{
	static const char *const devices[] = {ALICE, BOB, CAROL};
	size_t i;

	memset(m, 0, sizeof *m);
	m->n_unpublished = COUNT(m->unpublished);
	m->status[0] = callkey_store_identity(token, &m->own);
	m->status[1] = callkey_store_signed_prekey(token, &m->signed_prekey, &m->since);
	memset(m->signed_prekey.signature, 0, sizeof m->signed_prekey.signature); /* random each time */
	m->status[2] = callkey_store_unpublished(token, m->unpublished, &m->n_unpublished);
	m->status[3] = callkey_store_prekeys_left(token, &m->left);
	m->status[4] = callkey_epochs_current(token, m->epoch, &m->number);
	for (i = 0; i < COUNT(devices); i++) {
		pair_record(token, devices[i], &m->sessions[i]);
		m->status[5 + i] = callkey_identity_get(token, m->identities[i], devices[i]);
	}
}

static void expect_mark(uint64_t token, const mark *before)
{
	static mark after;

	take_mark(token, &after);
	EXPECT_BYTES(&after, before, sizeof after);
}

/* First every trial that must fail, then those that may succeed, then the call itself. */
static callkey_status pass(const function *f, const argument *a)
{
	static void (*const refusals[])(const function *, const argument *, size_t) = {
		without, absurd, handle, text, texts, pointers, growing, wiped,
	};
	static mark before;
	size_t i, k, need[MOST_PARAMETERS];
	attempt t;

	if (tried == NULL || strcmp(f->name, tried) != 0)
		return f->run(a);
	for (i = 0; i < COUNT(functions); i++)
		done[i] |= functions[i] == f;
	for (i = 0; i < f->n; i++) {
		if (f->parameters[0].role == ROLE_HANDLE)
			take_mark(a[0].number, &before);
		if (nothing(f, a, i) != CALLKEY_OK && f->parameters[0].role == ROLE_HANDLE)
			expect_mark(a[0].number, &before);
	}
	if (f->parameters[0].role == ROLE_HANDLE)
		take_mark(a[0].number, &before);
	for (k = 0; k < COUNT(refusals); k++)
		for (i = 0; i < f->n; i++)
			refusals[k](f, a, i);
	for (i = variable(f, 0); i < f->n; i = variable(f, i + 1))
		need[i] = too_small(f, a, i);
	if (f->parameters[0].role == ROLE_HANDLE)
		expect_mark(a[0].number, &before);
	for (i = 0; i < f->n; i++) {
		longest_text(f, a, i);
		every_length(f, a, i);
	}
	for (i = variable(f, 0); i < f->n; i = variable(f, i + 1))
		if (need[i] > 0)
			enough(f, a, i, need[i]);

	attempt_prepare(&t, f, a);
	WHAT(&t, "valid");
	attempt_run(&t);
	for (i = 0; i < f->n; i++)
		if (a[i].pointer != NULL && (attempt_is_out(&f->parameters[i]) || f->parameters[i].role == ROLE_CAPACITY))
			memcpy(a[i].pointer, t.a[i].pointer,
			       attempt_is_out(&f->parameters[i]) ? attempt_room(&t, i) : sizeof(size_t));
	pages_end();
	return t.status;
}
