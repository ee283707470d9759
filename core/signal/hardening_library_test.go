package signal

import (
	"bytes"
	"io"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"os"
	"strings"
	"testing"
	"time"

	"go.mau.fi/libsignal/logger"
	librecord "go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/keyhelper"
)

func TestFault17_RecordsThatDoNotComeBack(t *testing.T) {
	d := newTheirs(t)
	had := d.prekeys[1]
	if text := string(had.Serialize()); !strings.HasPrefix(text, "{") {
		t.Errorf("the library's records are no longer JSON: %q", text[:1])
	}
	back, err := librecord.NewPreKeyFromBytes(had.Serialize(), d.serializer.PreKeyRecord)
	if err != nil {
		t.Fatal(err)
	}
	if back.KeyPair().PublicKey().PublicKey() == had.KeyPair().PublicKey().PublicKey() {
		t.Error("the library's prekeys now survive a round trip")
	}
	// So who begins a session with what the store kept is not understood.
	d.prekeys[1] = back
	bundle, peer := d.bundle(), newTheirs(t)
	if err := peer.begin(&bundle); err != nil {
		t.Fatal(err)
	}
	if _, err := d.open(sealed(t)(peer.seal("x"))); err == nil {
		t.Error("the library now opens what was sealed for a stored prekey")
	}
	v := newVictims(t, true)
	encoded, err := Export(v.ours.store, v.ours.peer)
	if err != nil {
		t.Fatal(err)
	}
	r := session.NewRecord()
	defer r.Release()
	if err := r.Decode(encoded, time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Encode(), encoded) {
		t.Fatal("a record does not survive a round trip")
	}
}

func TestFault18_PrintsKeys(t *testing.T) {
	print := func(work func()) string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		out, errout := os.Stdout, os.Stderr
		os.Stdout, os.Stderr = w, w
		work()
		os.Stdout, os.Stderr = out, errout
		w.Close()
		text, _ := io.ReadAll(r)
		return string(text)
	}
	quiet := logger.Logger
	defer func() { logger.Logger = quiet }()
	logger.Logger = nil
	v := newVictims(t, true)
	if print(func() {
		v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
	}) == "" {
		t.Error("the library no longer prints by default")
	}
	var heard listener
	logger.Logger = &heard
	sealed(t)(v.theirs.seal("x"))
	if !strings.Contains(string(heard), "cipherKey: [") {
		t.Error("the library no longer gives cipher keys to a logger")
	}
	heard = ""
	text := print(func() {
		v.ours.open(forge(t, v.againstOurs, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
		v.ours.open(session.Ciphertext{Bytes: []byte("nonsense")})
		opened(t, "x")(v.ours.open(sealed(t)(v.againstOurs.seal("x"))))
	})
	if text != "" || heard != "" {
		t.Fatalf("printed: %q, logged: %q", text, heard)
	}
	// Nobody has to set a logger first: linking this library does.
	logger.Logger = quiet
	if text := print(func() {
		v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
	}); text != "" {
		t.Fatalf("printed: %q", text)
	}
}

// listener is a logger that keeps its messages.
type listener string

func (l *listener) Debug(_, text string)   { *l += listener(text) }
func (l *listener) Info(_, text string)    { *l += listener(text) }
func (l *listener) Warning(_, text string) { *l += listener(text) }
func (l *listener) Error(_, text string)   { *l += listener(text) }
func (l *listener) Configure(string)       {}

// The fault lies in the library's key helper: sessions never call it.
func TestFault21_NumbersOfTheWrongSize(t *testing.T) {
	large := false
	for range 64 {
		large = large || keyhelper.GenerateRegistrationID() > 1<<14
	}
	if made, err := keyhelper.GeneratePreKeys(5, 3, newTheirs(t).serializer.PreKeyRecord); !large || err != nil || len(made) != 0 {
		t.Errorf("the library's numbers are now right: %d prekeys", len(made))
	}
	for range 64 {
		if id := newRegistrationID(); id == 0 || id > 1<<14-1 {
			t.Fatalf("registration id %d", id)
		}
	}
	if made, err := AddPrekeys(newOurs(t).store, 3); err != nil || len(made) != 3 {
		t.Fatalf("%d prekeys of 3: %v", len(made), err)
	}
}

func TestFault22_SecretsStay(t *testing.T) {
	v := newVictims(t, true)
	chain := v.theirs.sessions[v.theirs.peer.String()].SessionState().SenderChainKey().Key()
	sealed(t)(v.theirs.seal("x"))
	if bytes.Equal(chain, make([]byte, 32)) {
		t.Error("the library now wipes an old chain key")
	}
}
