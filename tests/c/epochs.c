/* Which secret of a group call is in force, for every order of epochs and rosters, and a member that
 * uses it. core/epoch tests every corner of the rules. */
#define _POSIX_C_SOURCE 200809L
#include "pair.h"
#include "test.h"

#include <pthread.h>
#include <string.h>

static callkey_epochs group;

static const uint8_t *secret(uint8_t value)
{
	static uint8_t all[256][CALLKEY_KEY_BYTES];
	memset(all[value], value, sizeof all[value]);
	return all[value];
}

static callkey_status add(uint32_t number, uint8_t value)
{
	return callkey_epochs_add(group, number, secret(value), CALLKEY_KEY_BYTES);
}

static void in_force(uint32_t number, uint8_t value)
{
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t found = 99;

	memset(epoch, 0x5a, sizeof epoch);
	EXPECT_STATUS(callkey_epochs_current(group, epoch, &found),
	              number == 0 ? CALLKEY_ERR_NOT_FOUND : CALLKEY_OK);
	EXPECT(found == number);
	EXPECT_FILLED(epoch, value, sizeof epoch);
}

static void rules(void)
{
	uint32_t number;

	REQUIRE_OK(callkey_epochs_new(&group));
	in_force(0, 0);
	EXPECT_STATUS(add(0, 1), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_epochs_add(group, 0, secret(1), 31), CALLKEY_ERR_KEY_LENGTH);

	/* Without a roster all epochs wait. Then only the newest one that the roster reaches comes into
	 * force. */
	EXPECT_OK(add(2, 2));
	EXPECT_OK(add(1, 1));
	EXPECT_OK(add(4, 4));
	in_force(0, 0);
	EXPECT_STATUS(add(2, 9), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(add(2, 2));
	EXPECT_OK(callkey_epochs_roster(group, 3));
	in_force(2, 2);
	EXPECT_STATUS(add(1, 1), CALLKEY_ERR_STALE);
	EXPECT_STATUS(add(2, 9), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(add(2, 2));

	/* An epoch that the roster has reached comes into force at once. */
	EXPECT_OK(add(3, 3));
	in_force(3, 3);
	EXPECT_OK(callkey_epochs_roster(group, 3));
	EXPECT_OK(callkey_epochs_roster(group, 1));
	EXPECT_OK(callkey_epochs_roster(group, 0));
	in_force(3, 3);
	EXPECT_OK(callkey_epochs_roster(group, 4));
	in_force(4, 4);

	/* Eight can wait; the ninth drops the largest number, which may be its own. */
	for (number = 12; number > 4; number--)
		EXPECT_OK(add(number, (uint8_t)number));
	EXPECT_OK(add(13, 13));
	EXPECT_OK(callkey_epochs_roster(group, 11));
	in_force(11, 11);
	EXPECT_OK(callkey_epochs_roster(group, 13));
	in_force(12, 12);
	EXPECT_OK(add(0xffffffffu, 200));
	EXPECT_OK(callkey_epochs_roster(group, 0xffffffffu));
	in_force(0xffffffffu, 200);
	EXPECT_OK(callkey_epochs_free(group));
}

/* A creator and one member's device: the epoch is sealed, opened and in force on both sides, and each
 * side opens the other's media. */
static void member(void)
{
	callkey_epochs creator;
	uint8_t epoch[CALLKEY_KEY_BYTES], theirs[CALLKEY_KEY_BYTES];
	callkey_srtp_keys sent[2], received[2];
	static const char *const both[] = {ALICE, BOB};
	callkey_status statuses[2];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	sealed_rekey r;
	uint32_t number, round;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_epochs_new(&creator));
	REQUIRE_OK(callkey_epochs_new(&group));
	for (round = 1; round < 5; round++) {
		REQUIRE_OK(callkey_generate(epoch));
		EXPECT_OK(callkey_epochs_add(creator, round, epoch, sizeof epoch));
		r.n = sizeof r.bytes;
		REQUIRE_OK(callkey_rekey_seal(p.caller, r.bytes, &r.n, epoch, sizeof epoch, round, BOB,
		                              &pair_options));
		EXPECT_OK(callkey_epochs_roster(creator, round));
		if (round % 2 == 0) /* the roster is ahead of the epoch every other time */
			EXPECT_OK(callkey_epochs_roster(group, round));
		REQUIRE_OK(callkey_rekey_open(p.callee, theirs, &info, r.bytes, r.n, NULL));
		EXPECT(strcmp(info.sender, info.call_creator) == 0);
		EXPECT_OK(callkey_epochs_add(group, info.transaction_id, theirs, sizeof theirs));
		EXPECT_OK(callkey_epochs_roster(group, round));
		REQUIRE_OK(callkey_epochs_current(creator, epoch, &number));
		EXPECT(number == round);
		REQUIRE_OK(callkey_epochs_current(group, theirs, &number));
		EXPECT(number == round);
		EXPECT_OK(callkey_derive_e2e_keys_batch(sent, statuses, epoch, sizeof epoch, both, 2));
		EXPECT_OK(callkey_derive_e2e_keys_batch(received, statuses, theirs, sizeof theirs, both,
		                                        2));
		EXPECT_BYTES(received, sent, sizeof sent);
		EXPECT(memcmp(&sent[0], &sent[1], sizeof *sent) != 0);
	}
	EXPECT_OK(callkey_epochs_free(creator));
	EXPECT_OK(callkey_epochs_free(group));
	pair_close(&p);
}

/* Uses the epochs until another thread frees them. */
static void *until_freed(void *nothing)
{
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t number = 0, next = 1;
	callkey_status status;

	for (;;) {
		status = callkey_epochs_add(group, next, secret(7), CALLKEY_KEY_BYTES);
		if (status == CALLKEY_ERR_HANDLE)
			return nothing;
		EXPECT(status == CALLKEY_OK || status == CALLKEY_ERR_STALE);
		status = callkey_epochs_roster(group, next++);
		if (status == CALLKEY_ERR_HANDLE)
			return nothing;
		EXPECT_OK(status);
		status = callkey_epochs_current(group, epoch, &number);
		if (status == CALLKEY_ERR_HANDLE)
			return nothing;
		EXPECT_OK(status);
		EXPECT_FILLED(epoch, 7, sizeof epoch);
	}
}

static void freed_meanwhile(void)
{
	pthread_t threads[4];
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t number = 0;
	size_t i;

	REQUIRE_OK(callkey_epochs_new(&group));
	for (i = 0; i < COUNT(threads); i++)
		REQUIRE(pthread_create(&threads[i], NULL, until_freed, NULL) == 0);
	while (number < 2000 && test_failures() == 0) {
		callkey_status s = callkey_epochs_current(group, epoch, &number);
		EXPECT(s == CALLKEY_OK || s == CALLKEY_ERR_NOT_FOUND);
	}
	EXPECT_OK(callkey_epochs_free(group));
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

static const test tests[] = {
	{"rules", "members of one group key their media with different secrets", rules},
	{"member", "a group call is silent after its first change of secret", member},
	{"freed meanwhile", "an app that hangs up while a secret arrives crashes", freed_meanwhile},
};

TEST_MAIN(tests)
