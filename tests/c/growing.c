/* Structs that start with struct_size, from programs with an older or a newer header: as an input
 * and as an output. The options are in options.c. */
#include "pair.h"
#include "test.h"

#include <string.h>

/* A struct with space for members of a later version. */
typedef struct later {
	callkey_prekey_bundle known;
	unsigned char added[64];
} later;

static pair p;

static callkey_status begin(const callkey_prekey_bundle *bundle)
{
	return callkey_session_begin(p.caller, CAROL, bundle);
}

static void refused(const callkey_prekey_bundle *bundle, callkey_status want)
{
	EXPECT_STATUS(begin(bundle), want);
	EXPECT_STATUS(callkey_session_check(p.caller, CAROL), CALLKEY_ERR_NO_SESSION);
}

static void inputs(void)
{
	later l;

	REQUIRE_OK(pair_open(&p));
	memset(&l, 0, sizeof l);
	l.known.struct_size = sizeof l.known;
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &l.known));
	l.known.struct_size = sizeof l;
	l.added[0] = 1;
	refused(&l.known, CALLKEY_ERR_UNSUPPORTED);
	l.added[0] = 0;
	l.added[63] = 1;
	refused(&l.known, CALLKEY_ERR_UNSUPPORTED);
	l.added[63] = 0;
	l.known.reserved = 1;
	refused(&l.known, CALLKEY_ERR_UNSUPPORTED);
	l.known.reserved = 0;
	EXPECT_OK(begin(&l.known));
	/* Memory behind struct_size does not belong to the struct. */
	memset(l.added, 0x5a, sizeof l.added);
	l.known.struct_size = sizeof l.known;
	EXPECT_OK(begin(&l.known));
	pair_close(&p);
}

static void outputs(void)
{
	later l;

	REQUIRE_OK(pair_open(&p));
	memset(&l, 0x5a, sizeof l);
	l.known.struct_size = sizeof l;
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &l.known));
	EXPECT(l.known.struct_size == sizeof l && l.known.signed_prekey_id != 0);
	EXPECT(l.known.reserved == 0);
	EXPECT_ZERO(l.added, sizeof l.added);
	EXPECT_OK(begin(&l.known));

	memset(&l, 0x5a, sizeof l);
	l.known.struct_size = sizeof l.known;
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &l.known));
	EXPECT_FILLED(l.added, 0x5a, sizeof l.added);

	/* After a failure all of it is zero except struct_size, which the next call needs. */
	memset(&l, 0x5a, sizeof l);
	l.known.struct_size = sizeof l;
	EXPECT_STATUS(callkey_store_take_bundle(0, &l.known), CALLKEY_ERR_HANDLE);
	EXPECT(l.known.struct_size == sizeof l);
	EXPECT_ZERO(&l.known.registration_id, sizeof l.known - sizeof l.known.struct_size);
	EXPECT_ZERO(l.added, sizeof l.added);
	EXPECT_OK(callkey_store_take_bundle(p.callee, &l.known));
	pair_close(&p);
}

static void wrong_sizes(void)
{
	static const size_t wrong[] = {
		0, 1, sizeof(size_t), sizeof(callkey_prekey_bundle) - 1,
		sizeof(callkey_prekey_bundle) - sizeof(size_t), 4097, 1 << 20, (size_t)-1,
	};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_prekey_bundle untouched;
	size_t i;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	for (i = 0; i < COUNT(wrong); i++) {
		bundle.struct_size = wrong[i];
		untouched = bundle;
		refused(&bundle, CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_store_take_bundle(p.callee, &bundle), CALLKEY_ERR_ARGUMENT);
		EXPECT_BYTES(&bundle, &untouched, sizeof bundle);
		EXPECT_STATUS(callkey_store_take_bundle(0, &bundle), CALLKEY_ERR_ARGUMENT);
		EXPECT_BYTES(&bundle, &untouched, sizeof bundle);
	}
	pair_close(&p);
}

/* All is zero except struct_size: the compiler warns if a macro lacks a member. */
static void macros(void)
{
	static const callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	static const callkey_offer_options offer = CALLKEY_OFFER_OPTIONS_INIT;
	static const callkey_store_options store = CALLKEY_STORE_OPTIONS_INIT;

#define BEGINS(s) \
	do { \
		EXPECT((s).struct_size == sizeof(s)); \
		EXPECT_ZERO((const char *)&(s) + sizeof(size_t), sizeof(s) - sizeof(size_t)); \
	} while (0)
	BEGINS(bundle);
	BEGINS(offer);
	BEGINS(store);
}

static const test tests[] = {
	{"macros", "a struct starts with old bytes of the stack", macros},
	{"inputs", "a program compiled with another header begins a wrong session",
	 inputs},
	{"outputs", "a newer program reads its own stack as a bundle's members", outputs},
	{"wrong sizes", "without a struct_size the library writes past the end of the struct",
	 wrong_sizes},
};

TEST_MAIN(tests)
