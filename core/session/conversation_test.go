package session_test

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/session"
	"libcallkey/testdata/vectors"
)

// speaker is one of the two devices of a conversation with given randomness.
type speaker struct {
	session.Keys
	bundle session.Bundle
	prekey [32]byte // the public one
	record []byte
}

func newSpeaker(t *testing.T, in vectors.Values, name string) *speaker {
	t.Helper()
	private := func(what string) *[32]byte { return (*[32]byte)(in.Hex(t, name+"_"+what)) }
	id := func(what string) uint32 { return in.Number(t, name+"_"+what) }
	s := &speaker{Keys: session.Keys{
		RegistrationID: id("registration_id"), Private: private("private"),
		Prekey: private("prekey_private"), SignedPrekey: private("signed_prekey_private"),
	}}
	s.bundle = session.Bundle{RegistrationID: s.RegistrationID, SignedPrekeyID: id("signed_prekey_id")}
	own, err := session.OpenAccount(s.RegistrationID, s.Private)
	if err != nil {
		t.Fatal(err)
	}
	s.bundle.IdentityKey = own.Public
	curve.Public(&s.bundle.SignedPrekey, s.SignedPrekey)
	curve.Public(&s.prekey, s.Prekey)
	typed := curve.Typed(&s.bundle.SignedPrekey)
	s.bundle.Signature = own.Sign(typed[:])
	return s
}

// If this failed, a session would have taken randomness from elsewhere than its one parameter, or
// its messages and records would be none of Signal's: another implementation computed these.
func TestConversation(t *testing.T) {
	vectors.Each(t, "primitive_conversation", func(t *testing.T, c vectors.Case) {
		at := int64(c.In.Number(t, "now"))
		left := c.In.Texts(t, "random_hex")
		random := func(b []byte) {
			if len(left) == 0 || len(b) != 32 {
				t.Fatalf("%d random bytes are asked for, and %d keys are left", len(b), len(left))
			}
			next, err := hex.DecodeString(left[0])
			if err != nil {
				t.Fatal(err)
			}
			copy(b, next)
			left = left[1:]
		}
		speakers := map[string]*speaker{"a": newSpeaker(t, c.In, "a"), "b": newSpeaker(t, c.In, "b")}
		var sent []session.Ciphertext
		var texts []string
		for _, step := range c.In.Texts(t, "steps") {
			who, does, _ := strings.Cut(step, " ")
			does, what, _ := strings.Cut(does, " ")
			me, peer := speakers[who], speakers["b"]
			if who == "b" {
				peer = speakers["a"]
			}
			var err error
			switch does {
			case "begins":
				b := peer.bundle
				if what != "" {
					b.PrekeyID, b.Prekey = c.In.Number(t, map[string]string{"a": "b", "b": "a"}[who]+"_prekey_id"), peer.prekey
				}
				me.record, err = session.BeginRecord(me.record, &me.Keys, &b, at, random)
				me.Identity = b.IdentityKey[:]
			case "seals":
				var sealed session.Ciphertext
				me.record, sealed, err = session.SealRecord(me.record, &me.Keys, []byte(what), at)
				sent, texts = append(sent, sealed), append(texts, what)
			case "opens":
				var i int
				if i, err = strconv.Atoi(what); err != nil {
					break
				}
				var plaintext []byte
				var sender [32]byte
				me.record, plaintext, sender, err = session.OpenRecord(me.record, &me.Keys, sent[i].Prekey, sent[i].Bytes, at, random)
				if err == nil && (string(plaintext) != texts[i] || sender != peer.bundle.IdentityKey) {
					t.Errorf("%s: it says %q, and is from %x", step, plaintext, sender)
				}
				me.Identity = sender[:]
			default:
				t.Fatalf("no step: %q", step)
			}
			if err != nil {
				t.Fatalf("%s: %v", step, err)
			}
		}
		if len(left) != 0 {
			t.Errorf("%d random keys are left", len(left))
		}
		ciphertexts, types := c.Out.Texts(t, "ciphertexts_hex"), c.Out.Texts(t, "enc_types")
		if len(sent) != len(ciphertexts) || len(sent) != len(types) {
			t.Fatalf("%d messages, want %d", len(sent), len(ciphertexts))
		}
		for i, m := range sent {
			if hex.EncodeToString(m.Bytes) != ciphertexts[i] || m.Prekey != (types[i] == "pkmsg") {
				t.Errorf("message %d is %x, want %s %s", i, m.Bytes, types[i], ciphertexts[i])
			}
		}
		for name, s := range speakers {
			if want := c.Out.Hex(t, name+"_record"); !bytes.Equal(s.record, want) {
				t.Errorf("%s's record is %x, want %x", name, s.record, want)
			}
		}
	})
}
