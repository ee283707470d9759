package session

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// bundlesOf are those of n devices; each second one has a one-time prekey.
func bundlesOf(t *testing.T, n int) (bundles []*Bundle) {
	t.Helper()
	for i := range n {
		b := newAlone(t).bundle()
		if i%2 == 1 {
			b.PrekeyID = 5
			var private [32]byte
			curve.Generate(&private, &b.Prekey)
		}
		bundles = append(bundles, b)
	}
	return bundles
}

// If this failed, a device whose session is begun with others would get messages that it can't
// open: one device's secrets would be another's.
func TestBegunTogetherIsBegunAlone(t *testing.T) {
	own := newAlone(t).own
	for _, n := range []int{1, 2, together - 1, together, together + 1, 3*together + 5} {
		bundles := bundlesOf(t, n)
		stream := func() Random {
			source := rand.NewChaCha8([32]byte{byte(n)})
			return func(b []byte) { source.Read(b) }
		}
		begun := make([]Beginning, n)
		BeginAll(&own, bundles, noon, stream(), begun)
		random := stream()
		for i, b := range bundles {
			alone, with := NewRecord(), NewRecord()
			if err := alone.Begin(&own, b, noon, random); err != nil {
				t.Fatal(err)
			}
			if err := with.Take(&begun[i]); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(alone.Encode(), with.Encode()) {
				t.Errorf("device %d of %d has another session", i, n)
			}
			alone.Release()
			with.Release()
		}
	}
}

// If this failed, one bad bundle would keep a caller from all devices of the call, or pass beside
// good ones.
func TestCheckedTogetherIsCheckedAlone(t *testing.T) {
	bundles := bundlesOf(t, 2*together+3)
	errs := make([]error, len(bundles))
	spoiled := map[int]string{}
	for i, spoil := range []struct {
		what string
		in   func(b *Bundle)
	}{
		{"identity key", func(b *Bundle) { b.IdentityKey = [32]byte{1} }},
		{"bundle's signed prekey: ", func(b *Bundle) { b.SignedPrekey = [32]byte{1} }},
		{"one-time prekey", func(b *Bundle) { b.PrekeyID, b.Prekey = 1, [32]byte{1} }},
		{"is not signed", func(b *Bundle) { b.Signature[0] ^= 1 }},
		{"identity key", func(b *Bundle) { *b = Bundle{PrekeyID: 1} }},
	} {
		at := 4 * i
		spoil.in(bundles[at])
		spoiled[at] = spoil.what
	}
	CheckAll(bundles, errs)
	for i, err := range errs {
		alone := bundles[i].Check()
		switch what := spoiled[i]; {
		case what == "" && (err != nil || alone != nil):
			t.Errorf("bundle %d: %v, alone %v", i, err, alone)
		case what != "" && (status.Of(err) != status.InvalidKey || !strings.Contains(err.Error(), what) || alone == nil || alone.Error() != err.Error()):
			t.Errorf("bundle %d: %v, alone %v, want %s", i, err, alone, what)
		}
	}
}

// If this failed, the keys of a session would stay in memory where no record takes it: with a
// device that is named twice, or one whose stored record is damaged.
func TestBegunForNothingIsWiped(t *testing.T) {
	own := newAlone(t).own
	begun := make([]Beginning, 2)
	BeginAll(&own, bundlesOf(t, 2), noon, System, begun)
	lost, taken := begun[0].fresh, begun[1].fresh
	r := NewRecord()
	defer r.Release()
	if err := r.Take(&begun[1]); err != nil {
		t.Fatal(err)
	}
	for i := range begun {
		begun[i].Wipe()
	}
	for _, s := range []*state{lost, taken} {
		if s.root != [32]byte{} || s.sender.private != [32]byte{} || s.sender.chain.key != [32]byte{} || s.room[0].chain.key != [32]byte{} {
			t.Error("a session is there that no record took, or that one has a copy of")
		}
	}
	if r.current.root == [32]byte{} || r.current.receivers[0].chain.key == [32]byte{} {
		t.Error("a session that a record took is gone")
	}
}
