package session

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"libcallkey/core/status"
)

// If this failed, one bad device of a call would keep the others from it, or get a message under
// another's keys; or what it had would be changed or left in memory.
func TestSealAll(t *testing.T) {
	refused := errors.New("refused")
	text := Plaintext{Bytes: []byte("a call key")}
	kinds := []struct {
		name string
		make func(a *alone, s *Sealing) // of a good one
		err  error                      // nil: the peer opens it
		code status.Code
	}{
		{"a kept session", func(a *alone, s *Sealing) { s.Row = kept(t, a) }, nil, status.OK},
		{"its rows", func(a *alone, s *Sealing) { s.Row = rowOf(a.decoded(t)) }, nil, status.OK},
		{"a whole row", func(*alone, *Sealing) {}, nil, status.OK},
		{"no session", func(_ *alone, s *Sealing) { s.Row.Session = nil }, nil, status.NoSession},
		{"an unreadable row", func(_ *alone, s *Sealing) { s.Row.Session = []byte{0xff} }, UnreadableError{}, status.Malformed},
		{"an untrusted identity", func(a *alone, s *Sealing) { s.Row, s.Trusted = kept(t, a), make([]byte, 32) }, nil, status.UntrustedIdentity},
		{"chains of another time", func(a *alone, s *Sealing) {
			s.Row = rowOf(a.decoded(t))
			s.Row.Chains = rowOf(a.decoded(t)).Chains
		}, UnreadableError{}, status.Malformed},
		{"no identity", func(_ *alone, s *Sealing) { s.Trusted = nil }, nil, status.UntrustedIdentity},
		{"an old copy", func(_ *alone, s *Sealing) { s.Row.Stale = true }, nil, status.NoSession},
		{"a plaintext that is not written", func(a *alone, s *Sealing) {
			s.Row = kept(t, a)
			s.Plaintext = Plaintext{Size: 10, Writer: &writer{err: refused}}
		}, refused, status.Internal},
		{"a plaintext that is written", func(_ *alone, s *Sealing) {
			s.Plaintext = Plaintext{Size: 10, Writer: &writer{}}
		}, nil, status.OK},
	}
	var all []Sealing
	var from, to []*alone
	var before [][]byte
	for i := range 3 * len(kinds) {
		a, b := twoAlone(t)
		if i >= len(kinds) { // in the first third all are answered
			if a, b = newAlone(t), newAlone(t); a.begin(b.bundle()) != nil {
				t.Fatal("no session begins")
			}
		}
		s := Sealing{Row: Row{Session: bytes.Clone(a.record), Now: noon, Random: System}, Trusted: a.trusted, Plaintext: text}
		kinds[i%len(kinds)].make(a, &s)
		all, from, to = append(all, s), append(from, a), append(to, b)
		before = append(before, nil)
		if s.Row.Ready {
			before[i] = s.Row.Record.Encode()
		}
	}
	SealAll(all, nil)
	for i := range all {
		s, k := &all[i], kinds[i%len(kinds)]
		name := fmt.Sprintf("%d: %s", i, k.name)
		if k.code == status.OK {
			text, err := to[i].open(s.Ciphertext)
			if s.Err != nil || err != nil || text != "a call key" {
				t.Errorf("%s: %v, and the peer opened %q: %v", name, s.Err, text, err)
				continue
			}
			if w, ok := s.Plaintext.Writer.(*writer); ok && !bytes.Equal(w.given, make([]byte, 10)) {
				t.Errorf("%s: %q is left", name, w.given)
			}
			from[i].record = recordOf(t, s.Row.Session, s.Next)
			if c, err := from[i].seal("next"); err != nil {
				t.Errorf("%s: to seal the next: %v", name, err)
			} else if text, err := to[i].open(c); err != nil || text != "next" {
				t.Errorf("%s: the next is %q: %v", name, text, err)
			}
			continue
		}
		if _, unreadable := errors.AsType[UnreadableError](s.Err); unreadable != (k.err == UnreadableError{}) {
			t.Errorf("%s: %v", name, s.Err)
		}
		if bad, ok := errors.AsType[UnreadableError](s.Err); ok {
			s.Err = bad.Unwrap()
		}
		if k.err == refused && s.Err != refused || k.err != refused && status.Of(s.Err) != k.code {
			t.Errorf("%s: %v", name, s.Err)
		}
		if s.Next.Chains != nil || s.Next.Session != nil || s.Next.Archive != nil || s.Ciphertext.Bytes != nil {
			t.Errorf("%s: something was made", name)
		}
		if before[i] != nil && !bytes.Equal(s.Row.Record.Encode(), before[i]) {
			t.Errorf("%s: its session moved", name)
		}
		if w, ok := s.Plaintext.Writer.(*writer); ok && !bytes.Equal(w.given, make([]byte, 10)) {
			t.Errorf("%s: %q is left", name, w.given)
		}
	}
}

// recordOf is a whole record of the rows that were made next of a session row.
func recordOf(t *testing.T, session []byte, next Rows) []byte {
	t.Helper()
	if !next.Calm {
		session = next.Session
	}
	r := new(Record)
	if err := r.DecodeSession(session, next.Chains, noon); err != nil {
		t.Fatal(err)
	}
	return r.Encode()
}

// kept is the row of a kept session.
func kept(t *testing.T, a *alone) Row {
	r := a.decoded(t)
	return Row{Record: r, Ready: true, Session: r.Rows(System).Session, Now: noon, Random: System}
}

// If this failed, a bug that ends one message would leave what the others have made.
func TestSealAllPanics(t *testing.T) {
	var all [3]Sealing
	w := &writer{}
	for i := range all {
		a, _ := twoAlone(t)
		all[i] = Sealing{Row: Row{Session: a.record, Now: noon, Random: System}, Trusted: a.trusted, Plaintext: Plaintext{Size: 10, Writer: w}}
	}
	last := &panics{}
	all[1].Plaintext.Writer = last
	if said := func() (said any) {
		defer func() { said = recover() }()
		SealAll(all[:], nil)
		return nil
	}(); said != "a bug" {
		t.Fatalf("the panic is %v", said)
	}
	if none := make([]byte, 10); !bytes.Equal(w.given, none) || !bytes.Equal(last.given, none) {
		t.Errorf("%q and %q are left", w.given, last.given)
	}
	for i := range all {
		if all[i].Row.Record != nil {
			t.Errorf("record %d was not released", i)
		}
	}
}

type panics struct{ given []byte }

func (p *panics) WritePlaintext(plaintext []byte) error {
	copy(plaintext, "a call key")
	p.given = plaintext
	panic("a bug")
}
