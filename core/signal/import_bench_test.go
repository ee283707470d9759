package signal

import "testing"

// A session that an app moves into the store, over an older copy of it, and out again.
func BenchmarkImport(b *testing.B) {
	us, record := settled(b)
	for b.Loop() {
		if err := us.Import(record); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExport(b *testing.B) {
	us, _ := settled(b)
	for b.Loop() {
		if _, err := Export(us.store, us.peer); err != nil {
			b.Fatal(err)
		}
	}
}

// settled is a device with an answered session, and the session's record.
func settled(b *testing.B) (us *ours, record []byte) {
	b.Helper()
	us = newVictims(b, true).ours
	record, err := Export(us.store, us.peer)
	if err != nil {
		b.Fatal(err)
	}
	return us, record
}
