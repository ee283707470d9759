package callkey_test

import (
	"bytes"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// If this failed, a shortened key would be let into a call, or a good one kept out.
func TestCheck(t *testing.T) {
	vectors.Each(t, "callkey_check", func(t *testing.T, c vectors.Case) {
		err := callkey.Check(c.In.Hex(t, "key"))
		if want := statusName(c.Error); status.Of(err).Name() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// If this failed, two ends that hold one key would show different fingerprints, or a
// failed call would leave an old fingerprint standing.
func TestFingerprint(t *testing.T) {
	vectors.Each(t, "callkey_fingerprint", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		before := bytes.Clone(key)
		out := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
		err := callkey.Fingerprint(&out, key)
		if want := statusName(c.Error); status.Of(err).Name() != want {
			t.Fatalf("got %v, want %s", err, want)
		}
		want := make([]byte, 8)
		if c.Error == "" {
			want = c.Out.Hex(t, "fingerprint")
		}
		if !bytes.Equal(out[:], want) {
			t.Errorf("got %x, want %x", out, want)
		}
		if !bytes.Equal(key, before) {
			t.Error("the key was modified")
		}
	})
}

// If this failed, keys would repeat, or have bytes or bits that an attacker knows.
func TestGenerate(t *testing.T) {
	const n = 256
	seen := map[[callkey.Bytes]byte]bool{}
	var ones [callkey.Bytes * 8]int
	for range n {
		var key [callkey.Bytes]byte
		if err := callkey.Generate(&key); err != nil {
			t.Fatal(err)
		}
		seen[key] = true
		for bit := range ones {
			ones[bit] += int(key[bit/8] >> (bit % 8) & 1)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d keys are distinct", len(seen), n)
	}
	for bit, count := range ones {
		// 128 is expected with a standard deviation of 8; ten of them happen once in 2^70.
		if count < 48 || count > 208 {
			t.Errorf("bit %d is set in %d of %d keys", bit, count, n)
		}
	}
}

// If this failed, call keys would leave copies on the heap.
func TestNothingOnTheHeap(t *testing.T) {
	var key [callkey.Bytes]byte
	var fingerprint [8]byte
	if n := testing.AllocsPerRun(100, func() {
		callkey.Generate(&key)
		callkey.Fingerprint(&fingerprint, key[:])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func statusName(want string) string {
	if want == "" {
		return status.OK.Name()
	}
	return want
}
