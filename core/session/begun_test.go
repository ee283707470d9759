package session

import (
	"math"
	"testing"
)

// The time in a record of another program may be in milliseconds, or anything. The session would
// seal for ever, although its peer never answered and has deleted the prekeys, and a program that
// shows the date would fail.
func TestImpossibleTimeOfAHandshake(t *testing.T) {
	for _, since := range []int64{-1, math.MinInt64, LastSecond + 1, 1_700_000_000_000, math.MaxInt64} {
		a, b := twoAlone(t)
		begun, err := BeginRecord(nil, &Keys{RegistrationID: 1, Private: &a.own.Private}, b.bundle(), noon, System)
		if err != nil {
			t.Fatal(err)
		}
		r := NewRecord()
		if err := r.Decode(begun, noon); err != nil {
			t.Fatal(err)
		}
		r.current.pending.since = since
		foreign := r.Encode()
		identity := r.current.remoteIdentity
		r.Release()

		taken, err := MergeRecords(foreign, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range [][]byte{foreign, taken} {
			info, err := RecordInfo(record, identity[:], noon)
			if err != nil || info.Begun != noon || !info.CanSeal {
				t.Errorf("since %d: begun %d, can seal %t, %v", since, info.Begun, info.CanSeal, err)
			}
		}
	}
}
