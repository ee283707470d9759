"""A new field in the stored session: how many old copies it was in. It needs a new schema version, so that an older
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
            new="	// copies counts the old copies that a stale session was in.\n	copies uint32\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            after="	sessionBaseKey            = 13\n",
            new="	sessionCopies             = 1004 // ours; other clients skip it\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            old="		e.Number(sessionNeedsRefresh, 1)\n	}\n",
            new="		e.Number(sessionNeedsRefresh, 1)\n		e.Number(sessionCopies, uint64(max(s.copies, 1)))\n	}\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            old="		n += protobuf.NumberBytes(1)\n	}\n	return n\n}\n\nfunc (p *pendingPrekey) bodySize() int {\n",
            new="		n += protobuf.NumberBytes(1)\n		n += 1 + protobuf.NumberBytes(uint64(max(s.copies, 1))) // a tag of two bytes\n	}\n	return n\n}\n\nfunc (p *pendingPrekey) bodySize() int {\n",
        ),
        Edit(
            "core/session/state.go",
            source=True,
            before="		case sessionPendingExchange:\n",
            new="		case sessionCopies:\n			err = f.Uint32(&s.copies)\n",
        ),
        Edit("core/session/state.go", source=True, old="	stateMax    = 337\n", new="	stateMax    = 340\n"),
        Edit("core/store/schema.go", old="	schemaVersion = 4\n", new="	schemaVersion = 5\n"),
        Edit(
            "core/store/schema.go",
            after="	4: {itemTable, archiveTable, chainTable, linkTable},\n",
            new="	5: {itemTable, archiveTable, chainTable, linkTable},\n",
        ),
        Edit("core/store/schema.go", after="	3: (*file).fromThird,\n", new="	4: (*file).fromFourth,\n"),
        Edit(
            "core/store/schema.go",
            before="// moveFirst moves every record, some at a time.\n",
            new="""// fromFourth makes a file of schema 4 one of schema 5, whose session records say how many old
// copies they were in. An older record does not say it.
func (f *file) fromFourth([]byte) error { return f.exec(setVersion) }

""",
        ),
        Edit(
            "core/session/records_test.go",
            before="// A record with more archived sessions",
            new="""// If this failed, nobody could tell how old a session is.
func TestStoredCopies(t *testing.T) {
	a, _ := twoAlone(t)
	r := a.decoded(t)
	r.Restored()
	a.record = r.Encode()
	if a.decoded(t).current.copies != 1 {
		t.Error("the count is not stored")
	}
}

""",
        ),
        Edit(
            "CHANGELOG.md",
            after="## 0.3.0 (unreleased)\n\n",
            new="* Schema 5: a stale session says how many old copies it was in.\n",
        ),
    ),
    tests=(("go", "test", "-short", "./core/session", "./core/signal", "./core/store"),),
)
