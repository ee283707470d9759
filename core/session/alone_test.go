package session

import (
	"errors"
	"testing"

	"libcallkey/core/curve"
)

// alone is a device with nothing but its record: what a program that keeps records in a
// database of its own does, without the database.
type alone struct {
	own     Account
	signed  [32]byte
	record  []byte
	trusted []byte
}

const noon = 1_700_000_000 // on every device

func newAlone(t testing.TB) *alone {
	t.Helper()
	var d alone
	d.own.RegistrationID = 7
	curve.Generate(&d.own.Private, &d.own.Public)
	var public [32]byte
	curve.Generate(&d.signed, &public)
	return &d
}

// bundle has no one-time prekey.
func (d *alone) bundle() *Bundle {
	b := &Bundle{RegistrationID: d.own.RegistrationID, SignedPrekeyID: 1, IdentityKey: d.own.Public}
	curve.Public(&b.SignedPrekey, &d.signed)
	typed := curve.Typed(&b.SignedPrekey)
	b.Signature = curve.Sign(&d.own.Private, typed[:])
	return b
}

// change decodes the record for work, and keeps what work made of it if that succeeded.
func (d *alone) change(work func(r *Record) error) error {
	r := NewRecord()
	defer r.Release()
	if err := r.Decode(d.record, noon); err != nil {
		return err
	}
	if err := work(r); err != nil {
		return err
	}
	d.record = r.Encode()
	return nil
}

func (d *alone) begin(b *Bundle) error {
	d.trusted = b.IdentityKey[:]
	return errors.Join(b.Check(), d.change(func(r *Record) error { return r.Begin(&d.own, b, noon, System) }))
}

func (d *alone) seal(text string) (c Ciphertext, err error) {
	err = d.change(func(r *Record) error {
		c, err = r.seal(nil, []byte(text), d.trusted, noon)
		return err
	})
	return c, err
}

func (d *alone) open(c Ciphertext) (text string, err error) {
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	err = d.change(func(r *Record) error {
		left := MessageBudget
		first, isFirst := in.First()
		if err := in.Trusted(d.trusted); err != nil {
			return err
		}
		var plaintext []byte
		if isFirst && !r.Has(in) {
			if err := in.CheckBaseKey(); err != nil {
				return err
			}
			plaintext, err = r.OpenFirst(in, &d.own, &d.signed, nil, &left, System)
		} else {
			plaintext, err = r.Open(in, d.trusted, &left, System)
		}
		if err == nil && isFirst {
			d.trusted = first.Identity[:]
		}
		text = string(plaintext)
		return err
	})
	return text, err
}

// take imports a record of a device that has none.
func (d *alone) take(encoded []byte) error {
	r := NewRecord()
	defer r.Release()
	if err := r.Import(encoded, noon, nil); err != nil {
		return err
	}
	identity, _ := r.Identity()
	d.record, d.trusted = r.Encode(), identity[:]
	return nil
}

// decoded is the record as the library sees it.
func (d *alone) decoded(t testing.TB) *Record {
	t.Helper()
	r := new(Record)
	if err := r.Decode(d.record, noon); err != nil {
		t.Fatal(err)
	}
	return r
}

// twoAlone are one that began a session and one whose answer was opened.
func twoAlone(t testing.TB) (a, b *alone) {
	t.Helper()
	a, b = newAlone(t), newAlone(t)
	if err := a.begin(b.bundle()); err != nil {
		t.Fatal(err)
	}
	passes(t, a, b)
	passes(t, b, a)
	return a, b
}

// passes seals a message and opens it.
func passes(t testing.TB, from, to *alone) {
	t.Helper()
	text, err := to.open(from.sealed(t, "message"))
	if err != nil || text != "message" {
		t.Fatalf("%q, %v", text, err)
	}
}

func (d *alone) sealed(t testing.TB, text string) Ciphertext {
	t.Helper()
	c, err := d.seal(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
