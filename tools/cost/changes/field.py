"""A new field in the stored session: the time of its last change. It needs a new schema version, so that an older
library does not open the file."""

from __future__ import annotations

from tools.cost.change import Change, Edit

CHANGE = Change(
    name="field",
    what="a field in the stored session, with a migration",
    limit=4,
    declared=False,
    edits=(
        Edit(
            "core/signal/state.go",
            source=True,
            after="	stale bool\n",
            new="	// stored is when the session was last stored, in Unix seconds; 0: by an older library.\n	stored int64\n",
        ),
        Edit(
            "core/signal/state.go",
            source=True,
            after="	sessionBaseKey            = 13\n",
            new="	sessionStored             = 1001 // ours; other clients skip it\n",
        ),
        Edit(
            "core/signal/state.go",
            source=True,
            before="	e.publicKey(sessionBaseKey, &s.baseKey)\n	e.end(session)\n",
            new="	s.stored = time.Now().Unix()\n	e.number(sessionStored, uint64(s.stored))\n",
        ),
        Edit(
            "core/signal/state.go",
            source=True,
            before="		case sessionPendingExchange:\n",
            new="		case sessionStored:\n			err = f.unixTime(&s.stored)\n",
        ),
        Edit("core/store/schema.go", old="	schemaVersion = 2\n", new="	schemaVersion = 3\n"),
        Edit("core/store/schema.go", after="	2: {recordTable, linkTable},\n", new="	3: {recordTable, linkTable},\n"),
        Edit("core/store/schema.go", after="	1: (*file).fromFirst,\n", new="	2: (*file).fromSecond,\n"),
        Edit(
            "core/store/schema.go",
            before="// moveFirst moves every record, some at a time.\n",
            new="""// fromSecond makes a file of schema 2 one of schema 3, whose session records say when they were
// stored. An older record does not say it.
func (f *file) fromSecond([]byte) error { return f.exec("PRAGMA user_version = 3") }

""",
        ),
        Edit(
            "core/signal/records_test.go",
            before="// What can be done to a field.\n",
            new="""// If this failed, nobody could tell how old a session is.
func TestStoredSince(t *testing.T) {
	a, _ := twoDevices(t)
	if a.record(t).current.stored == 0 {
		t.Error("the time is not stored")
	}
}

""",
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* Schema 3: a stored session says when it was stored.\n",
        ),
    ),
    tests=(("go", "test", "-short", "./core/signal", "./core/store"),),
)
