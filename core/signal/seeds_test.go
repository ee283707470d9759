package signal

import (
	"bytes"
	"testing"

	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// A row keeps the seed of a skipped message. If it were exported like that, older releases of
// Signal's own client would open no skipped message of it. A row that an older version of this
// library wrote, with the keys, must go on.
func TestRowsKeepSeedsAndExportsKeys(t *testing.T) {
	rows := func(d *ours) (session, archive []byte) {
		t.Helper()
		return getRow(t, d.store, store.Sessions, d.peer.String()), getRow(t, d.store, store.Archives, d.peer.String())
	}
	v := newVictims(t, true)
	chain := v.againstOurs.record(t).Current.Sender.Chain
	want, seed := chain.MessageKeys(), chain.Seed()
	skipped := sealed(t)(v.againstOurs.seal("skipped"))
	opened(t, "passed")(v.ours.open(sealed(t)(v.againstOurs.seal("passed"))))

	session, archive := rows(v.ours)
	chains := getRow(t, v.ours.store, store.Chains, v.ours.peer.String())
	exported := exportedBy(t, v.ours)
	if !bytes.Contains(archive, seed[:]) || bytes.Contains(archive, want.Cipher[:]) || bytes.Contains(session, seed[:]) {
		t.Error("the archive row does not have the seed alone")
	}
	if bytes.Contains(exported, seed[:]) {
		t.Error("what is exported has a seed")
	}
	receivers := sessiontest.Parse(t, exported).Current.Receivers
	if got := receivers[len(receivers)-1].Skipped; len(got) != 1 || got[0] != want {
		t.Errorf("what is exported has %d keys, or another", len(got))
	}

	v.ours.SetRecord(t, exported) // what an older version wrote
	sealed(t)(v.ours.seal("between"))
	if _, again := rows(v.ours); !bytes.Contains(again, want.Cipher[:]) || bytes.Contains(again, seed[:]) {
		t.Error("the keys of an older row are gone")
	}
	opened(t, "skipped")(v.ours.open(skipped))
	v.ours.refuses(t, skipped, status.Duplicate)
	putRow(t, v.ours.store, store.Sessions, v.ours.peer.String(), session)
	putRow(t, v.ours.store, store.Chains, v.ours.peer.String(), chains)
	putRow(t, v.ours.store, store.Archives, v.ours.peer.String(), archive)
	opened(t, "skipped")(v.ours.open(skipped))
	if session, archive := rows(v.ours); archive != nil || bytes.Contains(session, seed[:]) {
		t.Error("the keys outlive their message")
	}
}

func exportedBy(t *testing.T, d *ours) []byte {
	t.Helper()
	encoded, err := Export(d.store, d.peer)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
