package derive

import (
	"runtime"

	"libcallkey/core/callkey"
	"libcallkey/core/kdf"
	"libcallkey/core/parallel"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// minPerWorker is the number of participants that makes another goroutine worthwhile:
// about 0.4 ms of work. With fewer, waking another core costs as much as it saves
// (measured at 16 to 64).
const minPerWorker = 256

// E2EKeysBatch is E2EKeys for many participants of one call: out[i] and statuses[i]
// belong to participants[i]. A rejected participant gets its status and zeros in out;
// the others still get their keys and OK, and the error is nil.
//
// The error is for faults that affect all: KEY_LENGTH, or ARGUMENT if the three slices
// differ in length. Then every status is that error too, and out is all zeros.
//
// wacrg:CRY-02
func E2EKeysBatch(out []SRTPKeys, statuses []status.Code, key []byte, participants []string) error {
	err := callkey.Check(key)
	n := len(participants)
	if len(out) != n || len(statuses) != n {
		err = status.New(status.Argument, "%d participants, but %d keys and %d statuses", n, len(out), len(statuses))
	}
	if err != nil {
		clear(out)
		for i := range statuses {
			statuses[i] = status.Of(err)
		}
		return err
	}
	// Each range extracts the secret for itself: half a microsecond, and the extracted secret
	// need not lie where all of them can reach it.
	pieces := max(1, min(runtime.GOMAXPROCS(0), n/minPerWorker))
	parallel.Ranges(n, pieces, func(from, to int) {
		e2eKeysInTurn(out[from:to], statuses[from:to], key, participants[from:to])
	})
	return nil
}

func e2eKeysInTurn(out []SRTPKeys, statuses []status.Code, key []byte, participants []string) {
	secret.Do(func() {
		var prk [kdf.Size]byte
		var extracted kdf.Key
		var master [30]byte
		kdf.Extract(&prk, nil, key)
		extracted.Set(prk[:])
		for i, participant := range participants {
			var buf [MaxParticipantBytes]byte
			id, err := appendParticipantID(buf[:0], participant)
			statuses[i] = status.Of(err)
			if err != nil {
				out[i] = SRTPKeys{}
				continue
			}
			extracted.Expand(master[:], id)
			out[i].setMaster(&master)
		}
		clear(prk[:])
		clear(master[:])
		extracted.Clear()
	})
}
