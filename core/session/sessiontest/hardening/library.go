package hardening

import (
	"bytes"
	"fmt"
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

// RecordsThatDoNotComeBack: the library's stored prekeys are other keys when they are read.
func RecordsThatDoNotComeBack(t *testing.T, d Device) {
	theirs := NewTheirs(t)
	had := theirs.prekeys[1]
	if text := string(had.Serialize()); !strings.HasPrefix(text, "{") {
		t.Errorf("the library's records are no longer JSON: %q", text[:1])
	}
	back, err := librecord.NewPreKeyFromBytes(had.Serialize(), theirs.serializer.PreKeyRecord)
	if err != nil {
		t.Fatal(err)
	}
	if back.KeyPair().PublicKey().PublicKey() == had.KeyPair().PublicKey().PublicKey() {
		t.Error("the library's prekeys now survive a round trip")
	}
	// So who begins a session with what the store kept is not understood.
	theirs.prekeys[1] = back
	bundle, peer := theirs.Bundle(), NewTheirs(t)
	if err := peer.Begin(&bundle); err != nil {
		t.Fatal(err)
	}
	if _, err := theirs.Open(Sealed(t)(peer.Seal("x"))); err == nil {
		t.Error("the library now opens what was sealed for a stored prekey")
	}
	v := NewVictims(t, d, true)
	encoded, err := v.Ours.Record()
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

// PrintsKeys: the library prints what it does, and gives keys to a logger.
func PrintsKeys(t *testing.T, d Device) {
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
	v := NewVictims(t, d, true)
	if print(func() {
		v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
	}) == "" {
		t.Error("the library no longer prints by default")
	}
	var heard listener
	logger.Logger = &heard
	Sealed(t)(v.Theirs.Seal("x"))
	if !strings.Contains(string(heard), "cipherKey: [") {
		t.Error("the library no longer gives cipher keys to a logger")
	}
	heard = ""
	text := print(func() {
		v.Ours.Open(v.against(t, sessiontest.Padded("x"), (*sessiontest.Forgery).BogusTurn))
		v.Ours.Open(session.Ciphertext{Bytes: []byte("nonsense")})
		Opened(t, "x")(v.Ours.Open(seal(t, v.AgainstOurs, "x")))
	})
	if text != "" || heard != "" {
		t.Fatalf("printed: %q, logged: %q", text, heard)
	}
}

// listener is a logger that keeps its messages.
type listener string

func (l *listener) Debug(_, text string)   { *l += listener(text) }
func (l *listener) Info(_, text string)    { *l += listener(text) }
func (l *listener) Warning(_, text string) { *l += listener(text) }
func (l *listener) Error(_, text string)   { *l += listener(text) }
func (l *listener) Configure(string)       {}

// NumbersOfTheWrongSize: the library's key helper makes registration ids of the wrong size and too few prekeys. Sessions
// never call it.
func NumbersOfTheWrongSize(t *testing.T, d Device) {
	large := false
	for range 64 {
		large = large || keyhelper.GenerateRegistrationID() > 1<<14
	}
	if made, err := keyhelper.GeneratePreKeys(5, 3, NewTheirs(t).serializer.PreKeyRecord); !large || err != nil || len(made) != 0 {
		t.Errorf("the library's numbers are now right: %d prekeys", len(made))
	}
	for range 64 {
		if _, id := d.New(t).Own(t); id == 0 || id > 1<<14-1 {
			t.Fatalf("registration id %d", id)
		}
	}
	if made, err := d.New(t).AddPrekeys(3); err != nil || len(made) != 3 {
		t.Fatalf("%d prekeys of 3: %v", len(made), err)
	}
}

// SecretsStay: the library leaves old chain keys in memory. The tests of ours are those named NothingIsLeft.
func SecretsStay(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	chain := v.Theirs.sessions[v.Theirs.peer.String()].SessionState().SenderChainKey().Key()
	Sealed(t)(v.Theirs.Seal("x"))
	if bytes.Equal(chain, make([]byte, 32)) {
		t.Error("the library now wipes an old chain key")
	}
}

// TalksWithTheSignalLibrary: apps built on the Signal library and on this one call each other.
func TalksWithTheSignalLibrary(t *testing.T, d Device) {
	for _, weBegin := range []bool{true, false} {
		t.Run(fmt.Sprintf("we begin: %v", weBegin), func(t *testing.T) {
			a, b := d.New(t), NewTheirs(t)
			if weBegin {
				bundle := b.Bundle()
				MustBegin(t, a, &bundle)
			} else {
				bundle := a.Bundle(t)
				if err := b.Begin(&bundle); err != nil {
					t.Fatal(err)
				}
			}
			for round := range 6 {
				for i := range 4 {
					text := fmt.Sprintf("message %d of round %d", i, round)
					if (round+i)%2 == 0 == weBegin || round > 0 {
						Opened(t, text)(b.Open(seal(t, a, text)))
					}
					if (round+i)%2 == 1 == weBegin || round > 0 {
						Opened(t, text)(a.Open(Sealed(t)(b.Seal(text))))
					}
				}
			}
		})
	}
}
