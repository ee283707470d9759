package session

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"reflect"
	"testing"
)

// split is a device that keeps its record in rows, as core/signal does.
type split struct {
	*alone
	rows   Rows
	random Random
	reads  int // of the archive
	writes int

	kept *Record // from one message to the next
	of   []byte  // the chains row that it fits
	warm int     // messages that used it
	calm int     // messages that wrote the chains row only
}

func (d *split) row(archive bool) Row {
	row := Row{Session: d.rows.Session, Chains: d.rows.Chains, Now: noon, Random: d.random}
	if archive {
		d.reads++
		row.Read, row.Archive = true, d.rows.Archive
	}
	return row
}

func (d *split) keep(next Rows) {
	d.rows.Chains = next.Chains
	if next.Calm {
		d.calm++
		return
	}
	d.rows.Session = next.Session
	if next.Archived {
		d.writes++
		d.rows.Archive = next.Archive
	}
}

// warmRow is the row with the record that was kept, if it is of these rows.
func (d *split) warmRow() Row {
	row := d.row(false)
	row.Record = new(Record)
	if d.kept != nil && d.of != nil && bytes.Equal(d.of, d.rows.Chains) {
		row.Record, row.Ready, row.Session, row.Chains = d.kept, true, nil, nil
		d.warm++
	}
	d.kept = nil
	return row
}

// after keeps what a message made of a warmRow. It returns err.
func (d *split) after(row Row, next Rows, err error) error {
	if err == nil {
		d.keep(next)
	}
	if _, bad := errors.AsType[UnreadableError](err); !bad && row.Record.Keepable() {
		if difference := row.Record.differs(d.rows); difference != "" {
			panic("a kept record differs from its rows: " + difference)
		}
		d.kept, d.of = row.Record, d.rows.Chains
	}
	return err
}

// differs says in what a record that is kept differs from what its rows decode to, or what it has besides.
func (r *Record) differs(rows Rows) string {
	read := new(Record)
	if err := read.DecodeSession(rows.Session, rows.Chains, noon); err != nil {
		return err.Error()
	}
	bare := func(s *state) state {
		b := *s
		b.room = [len(b.room)]receiverChain{}
		return b
	}
	if a, b := bare(r.current), bare(read.current); !reflect.DeepEqual(a, b) {
		return fmt.Sprintf("%+v\n%+v", a, b)
	}
	for i := range r.own {
		if s := &r.own[i]; s != r.current && !reflect.DeepEqual(s, &state{}) {
			return "the state before is still there"
		}
	}
	if a, b := [4]any{r.mark, r.apart, r.kin, r.chains}, [4]any{read.mark, read.apart, read.kin, read.chains}; a != b {
		return fmt.Sprint(a, b)
	}
	return ""
}

// whole is the record of all rows.
func (d *split) whole(t testing.TB) *Record {
	t.Helper()
	r := new(Record)
	if err := d.load(r, true); err != nil {
		t.Fatal(err)
	}
	return r
}

func (d *split) load(r *Record, archive bool) error {
	err := r.DecodeSession(d.rows.Session, d.rows.Chains, noon)
	if err == nil && archive && r.Apart() {
		d.reads++
		err = r.DecodeArchive(d.rows.Archive, false, noon)
	}
	return err
}

func (d *split) seal(text string) (c Ciphertext, err error) {
	row := d.warmRow()
	next, c, err := row.Seal(Plaintext{Bytes: []byte(text)}, d.trusted)
	return c, d.after(row, next, err)
}

func (d *split) open(c Ciphertext) (text string, err error) {
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	left := MessageBudget
	if c.Prekey {
		return d.openPrekey(in, &left)
	}
	row := d.warmRow()
	next, plaintext, err := row.Open(in, d.trusted, &left)
	if err == ErrArchive {
		d.reads++
		row.Read, row.Archive, row.Ready = true, d.rows.Archive, true
		next, plaintext, err = row.Open(in, d.trusted, &left)
	}
	return string(plaintext), d.after(row, next, err)
}

func (d *split) openPrekey(in *Incoming, left *Budget) (text string, err error) {
	r := new(Record)
	if err := d.load(r, false); err != nil {
		return "", err
	}
	more := func() error {
		if !r.Apart() {
			return nil
		}
		d.reads++
		return r.DecodeArchive(d.rows.Archive, false, noon)
	}
	if !r.Has(in) {
		if err := more(); err != nil {
			return "", err
		}
	}
	if err := in.Trusted(d.trusted); err != nil {
		return "", err
	}
	var plaintext []byte
	if r.Has(in) {
		plaintext, err = r.Open(in, d.trusted, left, d.random)
		if err == ErrArchive {
			if err := more(); err != nil {
				return "", err
			}
			plaintext, err = r.Open(in, d.trusted, left, d.random)
		}
	} else {
		if err := in.CheckBaseKey(); err != nil {
			return "", err
		}
		plaintext, err = r.OpenFirst(in, &d.own, &d.signed, nil, left, d.random)
	}
	if err != nil {
		return "", err
	}
	d.keep(r.Rows(d.random))
	return string(plaintext), nil
}

func (d *split) begin(b *Bundle) error {
	r := new(Record)
	if err := errors.Join(b.Check(), d.load(r, true)); err != nil {
		return err
	}
	if err := r.Begin(&d.own, b, noon, d.random); err != nil {
		return err
	}
	d.keep(r.Rows(d.random))
	return nil
}

// beginAndSeal seals in a session that begins, before any row of it is written.
func (d *split) beginAndSeal(b *Bundle, text string) (c Ciphertext, err error) {
	row := d.warmRow()
	row.Record, row.Ready = new(Record), true
	if err := errors.Join(b.Check(), d.load(row.Record, true)); err != nil {
		return c, err
	}
	if err := row.Record.Begin(&d.own, b, noon, d.random); err != nil {
		return c, err
	}
	next, c, err := row.Seal(Plaintext{Bytes: []byte(text)}, d.trusted)
	return c, d.after(row, next, err)
}

// keysOf makes the same keys whenever it is made of the same number, and marks that are random.
func keysOf(n int) Random {
	stream := mathrand.NewChaCha8([32]byte{byte(n), byte(n >> 8), 1})
	return func(b []byte) {
		if len(b) == len(mark{}) {
			rand.Read(b)
			return
		}
		stream.Read(b)
	}
}
