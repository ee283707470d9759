// Under the race detector a pool forgets at random.
//go:build !race

package session

import (
	"testing"

	"libcallkey/core/aes"
)

// If this failed, a message would cost about a microsecond more for each: memory that is made inside
// secret.Do is noted, so that it is erased. There it is only crypto/aes's object, if that is used.
func TestAllocationsOfAMessage(t *testing.T) {
	cipher := 1.0
	if aes.Available() {
		cipher = 0
	}
	a, b := twoAlone(t)
	plaintext := Plaintext{Bytes: []byte("a plaintext")}
	row := rowOf(a.decoded(t))
	c := b.sealed(t, "on the chain that is known")
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := row.Seal(plaintext, a.trusted); err != nil {
			t.Fatal(err)
		}
	}); n > 2+cipher { // the message, the row
		t.Errorf("to seal allocates %v times", n)
	}
	kept := Row{Record: a.decoded(t), Ready: true, Now: noon, Random: System}
	kept.Record.Rows(System)
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := kept.Seal(plaintext, a.trusted); err != nil {
			t.Fatal(err)
		}
	}); n > 2+cipher {
		t.Errorf("to seal in a kept session allocates %v times", n)
	}
	var together [8]Sealing
	if n := testing.AllocsPerRun(100, func() {
		for i := range together {
			together[i] = Sealing{Row: row, Trusted: a.trusted, Plaintext: plaintext}
		}
		SealAll(together[:], nil)
		for i := range together {
			if err := together[i].Err; err != nil {
				t.Fatal(err)
			}
		}
	}); n > 1+float64(len(together))*(1+cipher) { // the messages, the rows
		t.Errorf("to seal for %d devices allocates %v times", len(together), n)
	}
	begun := newAlone(t)
	if err := begun.begin(b.bundle()); err != nil {
		t.Fatal(err)
	}
	first := rowOf(begun.decoded(t))
	if n := testing.AllocsPerRun(100, func() {
		if _, c, err := first.Seal(plaintext, begun.trusted); err != nil || !c.Prekey {
			t.Fatal(c.Prekey, err)
		}
	}); n > 2+cipher {
		t.Errorf("to seal a first message allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		in, err := Parse(c.Prekey, c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		left := MessageBudget
		if _, _, err := row.Open(in, a.trusted, &left); err != nil {
			t.Fatal(err)
		}
	}); n > 3+cipher { // what was parsed, the plaintext, the row
		t.Errorf("to open allocates %v times", n)
	}
}
