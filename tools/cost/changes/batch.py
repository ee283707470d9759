"""A new batch function: for which of many devices a key can be sealed."""

from __future__ import annotations

from tools.cost.change import Change, Edit

_HEADER = """/** Check for each of many devices that a key can be sealed for it without a new bundle.
 *
 *  Returns: CALLKEY_OK               look at each status; n may be 0
 *           CALLKEY_ERR_ARGUMENT     statuses or jids is NULL and n is not 0, a JID is NULL, or n is
 *                                    above 4096
 *           CALLKEY_ERR_HANDLE       store is not open
 *           CALLKEY_ERR_STORE
 *           CALLKEY_ERR_STORE_CORRUPT
 *           CALLKEY_ERR_FORKED
 *           CALLKEY_ERR_INTERNAL
 *           CALLKEY_ERR_BUSY
 *  Args:    store     an open store
 *  Out:     statuses  n elements: the status of callkey_session_check for that device; after a
 *                     failure all are the returned status
 *  In:      jids      n texts: the devices
 *           n         number of devices
 *  Since:   0.3.0
 */
CALLKEY_API callkey_status
callkey_session_check_batch(callkey_store store, callkey_status *statuses, const char *const *jids,
                            size_t n);

"""

_CAPI = """//export ck_session_check_batch
func ck_session_check_batch(text *C.char, token C.callkey_store, statuses *C.callkey_status, jids **C.char, n C.size_t) C.callkey_status {
	return onStore(text, token, func(s *store.Store) error {
		names, refused, err := textsAt("jids", jids, n)
		if err != nil {
			return err
		}
		codes := codesAt(statuses, n)
		addresses := make([]signal.Address, n)
		invalid := make([]error, n)
		for i, name := range names {
			var jid stanza.JID
			jid, invalid[i] = stanza.ParseJID(name)
			addresses[i].Name, addresses[i].Device = jid.Address()
		}
		if err := signal.CheckEach(s, codes, addresses); err != nil {
			return err
		}
		overrule(codes, invalid)
		overrule(codes, refused)
		return nil
	})
}

"""

_CORE = """// CheckEach sets each of codes to the status of Check for that device. Errors: STORE,
// STORE_CORRUPT, BUSY: then codes say nothing.
func CheckEach(s *store.Store, codes []status.Code, addresses []Address) error {
	for i, a := range addresses {
		err := Check(s, a)
		switch codes[i] = status.Of(err); codes[i] {
		case status.OK, status.NoSession, status.Unsupported:
		default:
			return err
		}
	}
	return nil
}

"""

_GO_TEST = """// If this failed, an app would fetch bundles that it does not need, or call a device that it
// cannot reach.
func TestCheckEach(t *testing.T) {
	a, b := acquainted(t)
	codes := make([]status.Code, 2)
	if err := signal.CheckEach(a.store, codes, []signal.Address{b.address, {Name: "nobody", Device: 1}}); err != nil {
		t.Fatal(err)
	}
	if codes[0] != status.OK || codes[1] != status.NoSession {
		t.Errorf("got %v", codes)
	}
}

"""

_PYTHON = '''    def sessions_exist(self, jids: Sequence[str]) -> list[bool]:
        """For each device whether a key can be sealed for it without a bundle: Session.exists, in one call."""
        batch = Batch(self, jids, "jids")
        call("callkey_session_check_batch", self._open(), batch.statuses, batch.jids, batch.n)
        return [status == 0 for status in batch.statuses]

'''

_PYTHON_TEST = '''def test_sessions_exist(pair: Pair) -> None:
    # An app would fetch bundles that it does not need.
    assert pair.caller.sessions_exist([PHONE, "999:1@lid"]) == [True, False]


'''

_SWIFT = """    /// For each device whether a key can be sealed for it without a bundle: ``Session/exists()``, in one call.
    public func sessionsExist(with jids: [String]) throws(CallKeyError) -> [Bool] {
        var statuses = [callkey_status](repeating: CALLKEY_OK, count: jids.count)
        try check(withTexts(jids, "a JID") { callkey_session_check_batch(handle, &statuses, $0, $1) })
        return statuses.map { $0 == CALLKEY_OK }
    }

"""

_SWIFT_TEST = """    // An app would fetch bundles that it does not need.
    @Test func sessionsExist() throws {
        let caller = try Store.open()
        let callee = try Store.open()
        try caller.session(with: Pair.bob).begin(callee.takeBundle())
        #expect(try caller.sessionsExist(with: [Pair.bob, "999:1@lid"]) == [true, false])
    }

"""

_KOTLIN = """    /** For each device whether a key can be sealed for it without a bundle: [Session.exists], in one call. */
    public fun sessionsExist(jids: List<String>): List<Boolean> {
        val statuses = IntArray(jids.size)
        native.sessionCheckBatch(handle, statuses, utf8(jids, "jids"))
        return statuses.map { it == Header.OK }
    }

"""

_KOTLIN_TEST = """    // An app would fetch bundles that it does not need.
    @Test
    fun sessionsExist() {
        Pair().use { assertEquals(listOf(true, false), it.caller.sessionsExist(listOf(Pair.BOB, "999:1@lid"))) }
    }

"""

CHANGE = Change(
    name="batch",
    what="a batch function",
    limit=12,
    edits=(
        Edit(
            "include/callkey.h",
            source=True,
            before="/** Remove the session with a device;",
            new=_HEADER,
        ),
        Edit("capi/session.go", before="//export ck_session_remove\n", new=_CAPI),
        Edit("core/signal/session.go", before="// Remove removes the sessions with a device", new=_CORE),
        Edit("core/signal/session_test.go", before="// Every single-bit change of a message", new=_GO_TEST),
        Edit(
            "tests/c/every.c",
            before="CALL(session_export)",
            new="CALL(session_check_batch) BODY(callkey_status each[2];\n"
            "	return callkey_session_check_batch(s, each, devices, 2);)\n",
        ),
        Edit("tests/c/every.c", after="ROW(session_check, ON_CALLER),\n", new="	ROW(session_check_batch, ON_CALLER),\n"),
        Edit("bindings/python/src/callkey/_store.py", before="    def identity_of(self", new=_PYTHON),
        Edit("bindings/python/tests/test_session.py", before="def test_refused(", new=_PYTHON_TEST),
        Edit("bindings/swift/Sources/CallKey/Store.swift", before="    /// The known identity key of a device", new=_SWIFT),
        Edit(
            "bindings/swift/Tests/CallKeyTests/StoreTests.swift",
            before="    // A thief of the file could read the sessions",
            new=_SWIFT_TEST,
        ),
        Edit(
            "bindings/kotlin/src/main/kotlin/callkey/Store.kt",
            before="    /**\n     * The known identity key of a device, 32 bytes.\n",
            new=_KOTLIN,
        ),
        Edit(
            "bindings/kotlin/src/test/kotlin/callkey/StoreTest.kt",
            before="    // A thief of the file could read the sessions",
            new=_KOTLIN_TEST,
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* `callkey_session_check_batch`.\n",
        ),
    ),
    tests=(
        ("go", "test", "-short", "./core/signal", "./tools/contract/..."),
        ("python3", "-m", "tests.c.run", "build/libcallkey.so.0", "trials", "handles"),
    ),
)
