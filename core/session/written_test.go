package session

import (
	"bytes"
	"errors"
	"testing"
)

// A call key is written where it is sealed. If this failed, it would stay in memory, or a key that
// can't be written would cost a message.
func TestWrittenPlaintext(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	row := Row{Record: a.decoded(t), Ready: true, Now: noon, Random: System}
	before := row.Record.Encode()
	refused := errors.New("refused")
	var given []byte
	write := func(err error) func([]byte) error {
		return func(plaintext []byte) error {
			copy(plaintext, "a call key")
			given = plaintext
			return err
		}
	}
	if _, _, err := row.SealWritten(10, write(refused), a.trusted); err != refused {
		t.Errorf("an error of write is %v", err)
	}
	if len(given) != 10 || !bytes.Equal(given, make([]byte, 10)) {
		t.Errorf("after an error %q is left", given)
	}
	if !bytes.Equal(row.Record.Encode(), before) {
		t.Error("a plaintext that was not written moved the session")
	}
	_, c, err := row.SealWritten(10, write(nil), a.trusted)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(given, make([]byte, 10)) {
		t.Errorf("once it is sealed, %q is left", given)
	}
	if plaintext, err := b.open(c); err != nil || string(plaintext) != "a call key" {
		t.Errorf("the peer opened %q: %v", plaintext, err)
	}
}
