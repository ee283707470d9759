package session

import (
	"testing"
	"unsafe"
)

// If this failed, an open store would keep more memory than its limit says.
func TestRecordBytes(t *testing.T) {
	if n := unsafe.Sizeof(Record{}); n > RecordBytes || n < RecordBytes*3/4 {
		t.Errorf("a record has %d bytes, and RecordBytes is %d", n, RecordBytes)
	}
}

// If this failed, a record would be kept in memory that its row, read again, differs from, or that is
// large.
func TestKeepable(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	passes(t, b, a)
	c := b.sealed(t, "skipped")
	passes(t, b, a)
	for name, want := range map[string]bool{
		"a session": true, "none": false, "with an archive": false, "an archive that was read": false,
		"an archive that was not read": true, "one begun at no time": false, "one begun": true, "skipped keys, all used": true,
	} {
		r := a.decoded(t)
		used := append([]skippedKey(nil), make([]skippedKey, maxSkipped)...)[:0]
		for i := range r.current.receivers {
			if name != "with an archive" {
				r.current.receivers[i].skipped = nil
			}
		}
		switch name {
		case "none":
			r.current = nil
		case "an archive that was read":
			r.mark = mark{1}
		case "an archive that was not read":
			r.mark, r.apart = mark{1}, true
		case "one begun at no time":
			r.current.pending.unacknowledged = true
		case "one begun":
			r.current.pending = pendingPrekey{unacknowledged: true, since: noon}
		case "skipped keys, all used":
			r.current.receivers[0].skipped = used
		}
		if got := r.Keepable(); got != want {
			t.Errorf("%s: it is %v", name, got)
		}
		if want && cap(r.current.receivers[0].skipped) != 0 {
			t.Errorf("%s: it has the memory of used keys", name)
		}
	}
	if _, err := a.open(c); err != nil {
		t.Fatal(err)
	}
}

// A caller of many devices that never answer would keep a state more for each than RecordBytes says.
func TestBegunStateIsInItsRecord(t *testing.T) {
	a, b := newAlone(t), newAlone(t)
	r := NewRecord()
	for range 3 {
		if err := r.Begin(&a.own, b.bundle(), noon, System); err != nil {
			t.Fatal(err)
		}
		row := Row{Record: r, Ready: true, Now: noon, Random: System}
		if _, _, err := row.Seal(Plaintext{Bytes: []byte("first")}, b.own.Public[:]); err != nil {
			t.Fatal(err)
		}
		if r.Keepable() && r.current != &r.own[0] && r.current != &r.own[1] {
			t.Error("a record that may be kept has a state of which its size says nothing")
		}
	}
}
