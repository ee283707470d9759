/* Keeping house: lists of what a store holds, its removal, and an account that moves. */
#include "pair.h"
#include "test.h"

#include <string.h>

#define BOBS_NUMBER "15550001111@s.whatsapp.net"

static const char bob[] = "222222222222222@lid", number[] = "15550001111@s.whatsapp.net";

/* The number of JIDs in a list, and a bit for each place in want where one of them stands. */
typedef struct listed {
	size_t n;
	unsigned long which;
} listed;

static listed list(callkey_store s, uint32_t what, const char *user, const char *const *want, size_t n)
{
	char jid[CALLKEY_JID_BYTES], after[CALLKEY_JID_BYTES] = "";
	listed all = {0, 0};
	callkey_status status;
	size_t size, i;

	for (;;) {
		size = sizeof jid;
		status = callkey_store_next(s, jid, &size, what, user, all.n == 0 ? NULL : after);
		if (status != CALLKEY_OK) {
			EXPECT_STATUS(status, CALLKEY_ERR_NOT_FOUND);
			EXPECT(size == 0);
			return all;
		}
		if (!EXPECT(size == strlen(jid) + 1) || !EXPECT(all.n < 100))
			return all;
		strcpy(after, jid);
		for (i = 0; i < n; i++)
			if (strcmp(jid, want[i]) == 0)
				all.which |= 1ul << i;
		all.n++;
	}
}

/* Begins sessions with devices, each under the one identity of the callee. */
static void meet(const pair *p, const char *const *jids, size_t n)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		REQUIRE_OK(callkey_store_take_bundle(p->callee, &bundle));
		REQUIRE_OK(callkey_session_begin(p->caller, jids[i], &bundle));
	}
}

static void lists(void)
{
	static const char *const devices[] = {BOB, "222222222222222:33@lid", CAROL, BOBS_NUMBER};
	pair p;
	listed all;
	uint32_t what;

	REQUIRE_OK(pair_open(&p));
	meet(&p, devices + 1, 2);
	REQUIRE_OK(callkey_store_alias(p.caller, number, BOB));
	for (what = CALLKEY_LIST_SESSIONS; what <= CALLKEY_LIST_IDENTITIES; what++) {
		all = list(p.caller, what, NULL, devices, 4);
		EXPECT(all.n == 3 && all.which == 7);
		all = list(p.caller, what, bob, devices, 4);
		EXPECT(all.n == 2 && all.which == 3);
		all = list(p.caller, what, number, devices, 4);
		EXPECT(all.n == 1 && all.which == 1);
		all = list(p.caller, what, "1@lid", devices, 4);
		EXPECT(all.n == 0);
	}
	all = list(p.caller, CALLKEY_LIST_ALIASES, NULL, devices, 4);
	EXPECT(all.n == 1 && all.which == 8);
	all = list(p.caller, CALLKEY_LIST_ALIASES, bob, devices, 4);
	EXPECT(all.n == 1 && all.which == 8);
	all = list(p.caller, CALLKEY_LIST_ALIASES, "333333333333333@lid", devices, 4);
	EXPECT(all.n == 0);
	pair_close(&p);
}

static void refused(void)
{
	static const char *const users[] = {"", "222222222222222", BOB, "1@g.us", "1.2@lid"};
	char jid[CALLKEY_JID_BYTES];
	size_t i, size;
	pair p;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < sizeof users / sizeof *users; i++) {
		size = sizeof jid;
		EXPECT_STATUS(callkey_store_next(p.caller, jid, &size, CALLKEY_LIST_SESSIONS, users[i], NULL),
		              CALLKEY_ERR_ARGUMENT);
		EXPECT(size == 0);
		EXPECT_STATUS(callkey_user_remove(p.caller, users[i]), CALLKEY_ERR_ARGUMENT);
	}
	size = sizeof jid;
	EXPECT_STATUS(callkey_store_next(p.caller, jid, &size, CALLKEY_LIST_SESSIONS, NULL, ""),
	              CALLKEY_ERR_ARGUMENT);
	for (i = 0; i < 6; i++) { /* what */
		size = sizeof jid;
		if (i < CALLKEY_LIST_SESSIONS || i > CALLKEY_LIST_ALIASES)
			EXPECT_STATUS(callkey_store_next(p.caller, jid, &size, (uint32_t)i, NULL, NULL),
			              CALLKEY_ERR_ARGUMENT);
	}
	/* One byte too few: the size, and the same JID afterwards. */
	size = 0;
	EXPECT_STATUS(callkey_store_next(p.caller, NULL, &size, CALLKEY_LIST_SESSIONS, NULL, NULL),
	              CALLKEY_ERR_BUFFER);
	EXPECT(size == sizeof BOB);
	size--;
	memset(jid, 'x', sizeof jid);
	EXPECT_STATUS(callkey_store_next(p.caller, jid, &size, CALLKEY_LIST_SESSIONS, NULL, NULL),
	              CALLKEY_ERR_BUFFER);
	EXPECT(size == sizeof BOB && jid[0] == 'x');
	EXPECT_OK(callkey_store_next(p.caller, jid, &size, CALLKEY_LIST_SESSIONS, NULL, NULL));
	EXPECT(size == sizeof BOB && strcmp(jid, BOB) == 0);
	pair_close(&p);
}

static void removed(void)
{
	static const char *const others[] = {CAROL};
	uint8_t known[CALLKEY_PUBLIC_KEY_BYTES], key[CALLKEY_KEY_BYTES];
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store anew;
	sealed enc;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(pair_seal(&p, &enc));
	meet(&p, others, 1);
	REQUIRE_OK(callkey_store_alias(p.caller, number, BOB));
	REQUIRE_OK(callkey_user_remove(p.caller, number));
	EXPECT(list(p.caller, CALLKEY_LIST_SESSIONS, NULL, others, 1).which == 1);
	EXPECT(list(p.caller, CALLKEY_LIST_SESSIONS, NULL, others, 1).n == 1);
	EXPECT(list(p.caller, CALLKEY_LIST_IDENTITIES, NULL, others, 1).n == 1);
	EXPECT(list(p.caller, CALLKEY_LIST_ALIASES, NULL, others, 1).n == 0);
	EXPECT_OK(callkey_user_remove(p.caller, number));
	EXPECT_STATUS(callkey_session_check(p.caller, BOB), CALLKEY_ERR_NO_SESSION);
	EXPECT_STATUS(callkey_identity_get(p.caller, known, BOB), CALLKEY_ERR_NOT_FOUND);

	/* The other side, too: what was sealed before does not open, and a new identity is met. */
	EXPECT_OK(callkey_user_remove(p.callee, "111111111111111@lid"));
	EXPECT_STATUS(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n),
	              CALLKEY_ERR_NO_SESSION);
	REQUIRE_OK(callkey_store_open(&anew, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(callkey_session_begin(anew, BOB, &bundle));
	enc.n = sizeof enc.bytes;
	REQUIRE_OK(callkey_enc_seal(anew, enc.bytes, &enc.n, &enc.enc_type, BOB, p.key, sizeof p.key));
	EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	EXPECT_BYTES(key, p.key, sizeof key);
	EXPECT_OK(callkey_store_close(anew));
	pair_close(&p);
}

static void identity_removed(void)
{
	uint8_t known[CALLKEY_PUBLIC_KEY_BYTES];
	record before, after;
	sealed enc;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_identity_get(p.caller, known, BOB));
	pair_record(p.caller, BOB, &before);
	EXPECT_OK(callkey_identity_remove(p.caller, BOB));
	EXPECT_OK(callkey_identity_remove(p.caller, BOB));
	EXPECT_STATUS(pair_seal(&p, &enc), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	pair_record(p.caller, BOB, &after);
	EXPECT(pair_same_record(&before, &after));
	EXPECT_OK(callkey_identity_trust(p.caller, BOB, known));
	EXPECT_OK(pair_seal(&p, &enc));
	pair_close(&p);
}

static void told(void)
{
	callkey_session_info info = CALLKEY_SESSION_INFO_INIT;
	callkey_identity callee;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_identity(p.callee, &callee));
	EXPECT_OK(callkey_session_info_get(p.caller, &info, BOB));
	EXPECT(info.flags == (CALLKEY_SESSION_CAN_SEAL | CALLKEY_SESSION_UNACKNOWLEDGED));
	EXPECT(info.begun > 1000000000 && info.archived == 0 && info.kept_keys == 0);
	EXPECT(info.registration_id == callee.registration_id && info.reserved == 0);
	EXPECT_BYTES(info.identity_key, callee.public_key, sizeof info.identity_key);
	REQUIRE_OK(pair_acknowledge(&p));
	EXPECT_OK(callkey_session_info_get(p.caller, &info, BOB));
	EXPECT(info.flags == CALLKEY_SESSION_CAN_SEAL && info.begun == 0);
	EXPECT_STATUS(callkey_session_info_get(p.caller, &info, CAROL), CALLKEY_ERR_NO_SESSION);
	EXPECT(info.struct_size == sizeof info && info.flags == 0 && info.registration_id == 0);
	EXPECT_ZERO(info.identity_key, sizeof info.identity_key);
	pair_close(&p);
}

static void account_moves(void)
{
	const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
	callkey_account account = CALLKEY_ACCOUNT_INIT;
	callkey_identity before, after;
	callkey_store old, new_home;

	REQUIRE_OK(callkey_store_open(&old, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_open(&new_home, NULL, NULL, 0, &importing));
	memset(account.private_key, 0x5a, sizeof account.private_key);
	EXPECT_STATUS(callkey_store_account(new_home, &account), CALLKEY_ERR_NO_IDENTITY);
	EXPECT_ZERO(account.private_key, sizeof account.private_key);
	REQUIRE_OK(callkey_store_account(old, &account));
	REQUIRE_OK(callkey_store_import_identity(new_home, account.private_key, account.registration_id));
	callkey_wipe(&account, sizeof account);
	REQUIRE_OK(callkey_store_identity(old, &before));
	REQUIRE_OK(callkey_store_identity(new_home, &after));
	EXPECT_BYTES(&after, &before, sizeof after);
	EXPECT_OK(callkey_store_close(old));
	EXPECT_OK(callkey_store_close(new_home));
}

static const test tests[] = {
	{"lists", "an app cannot show or clean up what it keeps about others", lists},
	{"refused", "a list goes on at a wrong place, or a device's JID removes its whole user", refused},
	{"removed", "a user who asked to be forgotten is still known, or is never met anew", removed},
	{"identity removed", "a key is sealed for an identity that the app gave up", identity_removed},
	{"told", "an operator cannot tell a session that waits for its answer from one that works", told},
	{"an account moves", "a moved account has another identity, and every peer is warned", account_moves},
};

TEST_MAIN(tests)
