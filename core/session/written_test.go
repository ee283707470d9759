package session

import (
	"bytes"
	"errors"
	"testing"
)

// writer writes a call key.
type writer struct {
	err   error
	given []byte
}

func (w *writer) WritePlaintext(plaintext []byte) error {
	copy(plaintext, "a call key")
	w.given = plaintext
	return w.err
}

// A call key is written where it is sealed. If this failed, it would stay in memory, or a key that
// can't be written would cost a message.
func TestWrittenPlaintext(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	row := Row{Record: a.decoded(t), Ready: true, Now: noon, Random: System}
	before := row.Record.Encode()
	refused := errors.New("refused")
	w := &writer{err: refused}
	if _, _, err := row.Seal(Plaintext{Size: 10, Writer: w}, a.trusted); err != refused {
		t.Errorf("an error of the Writer is %v", err)
	}
	if len(w.given) != 10 || !bytes.Equal(w.given, make([]byte, 10)) {
		t.Errorf("after an error %q is left", w.given)
	}
	if !bytes.Equal(row.Record.Encode(), before) {
		t.Error("a plaintext that was not written moved the session")
	}
	w.err = nil
	_, c, err := row.Seal(Plaintext{Size: 10, Writer: w}, a.trusted)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.given, make([]byte, 10)) {
		t.Errorf("once it is sealed, %q is left", w.given)
	}
	if plaintext, err := b.open(c); err != nil || string(plaintext) != "a call key" {
		t.Errorf("the peer opened %q: %v", plaintext, err)
	}
}
