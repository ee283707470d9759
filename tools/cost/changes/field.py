"""A new field in the stored session: the format that it was stored in. It needs a new schema version, so that an older
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
            "core/session/state.go",
            source=True,
            after="	stale bool\n",
            new="	// format is the format that the session was last stored in; 0: an older library's.\n	format uint32\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            after="	sessionBaseKey            = 13\n",
            new="	sessionFormat             = 1001 // ours; other clients skip it\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            before="	e.PublicKey(sessionBaseKey, &s.baseKey)\n	e.End(session)\n",
            new="	s.format = 3\n	e.Number(sessionFormat, uint64(s.format))\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            before="		case sessionPendingExchange:\n",
            new="		case sessionFormat:\n			err = f.Uint32(&s.format)\n",
        ),
        Edit("core/store/schema.go", old="	schemaVersion = 2\n", new="	schemaVersion = 3\n"),
        Edit("core/store/schema.go", after="	2: {recordTable, linkTable},\n", new="	3: {recordTable, linkTable},\n"),
        Edit("core/store/schema.go", after="	1: (*file).fromFirst,\n", new="	2: (*file).fromSecond,\n"),
        Edit(
            "core/store/schema.go",
            before="// moveFirst moves every record, some at a time.\n",
            new="""// fromSecond makes a file of schema 2 one of schema 3, whose session records say in which format
// they were stored. An older record does not say it.
func (f *file) fromSecond([]byte) error { return f.exec("PRAGMA user_version = 3") }

""",
        ),
        Edit(
            "core/session/records_test.go",
            before="// A record with more archived sessions",
            new="""// If this failed, nobody could tell how a session was stored.
func TestStoredFormat(t *testing.T) {
	a, _ := twoAlone(t)
	if a.decoded(t).current.format != 3 {
		t.Error("the format is not stored")
	}
}

""",
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* Schema 3: a stored session says the format that it was stored in.\n",
        ),
    ),
    tests=(("go", "test", "-short", "./core/session", "./core/signal", "./core/store"),),
)
