package store

import (
	"path/filepath"
	"testing"
)

// meanwhile is a backend in which something happens right after a read.
type meanwhile struct {
	backend
	then func()
}

func (m *meanwhile) get(t Table, names []string, each func(name string, row []byte)) error {
	err := m.backend.get(t, names, each)
	if then := m.then; then != nil && t == Aliases {
		m.then = nil
		then()
	}
	return err
}

// An alias that is changed while another call looks it up: what the look-up found must not be
// what every later call finds. A key would go to a device that the name does not mean.
func TestAliasChangedDuringALookUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		other func(t *testing.T, path string, s *Store) *Store // who changes it
	}{
		{"by another thread", func(_ *testing.T, _ string, s *Store) *Store { return s }},
		{"by another process", func(t *testing.T, path string, _ *Store) *Store { return openPlain(t, path) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			s := openPlain(t, path)
			other := c.other(t, path, s)
			point := func(target string) {
				t.Helper()
				if err := other.Update(func(tx *Tx) error { tx.Put(Aliases, "number", []byte(target)); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			means := func() (target string) {
				t.Helper()
				if err := s.Update(func(tx *Tx) (err error) { target, err = tx.Alias("number"); return err }); err != nil {
					t.Fatal(err)
				}
				return target
			}
			point("a")
			slow := &meanwhile{s.backend, func() { point("b") }}
			s.backend = slow
			means()
			if slow.then != nil {
				t.Fatal("the look-up read nothing")
			}
			for range 2 {
				if target := means(); target != "b" {
					t.Fatalf("the number means %q, it was pointed at b", target)
				}
			}
		})
	}
}

func openPlain(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, nil, Options{Plaintext: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
