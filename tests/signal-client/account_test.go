package signalclient_test

import (
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
)

// account is one device of the official client, inside a peer. Its methods take
// the JID of the device it talks to, and spell the address as the library does.
type account struct {
	*peer
	name            string
	RegistrationID  uint32 `json:"registrationId"`
	IdentityKey     []byte `json:"identityKey"`
	IdentityPrivate []byte `json:"identityPrivate"`
}

// bundle is what peer.js publishes and begins from.
type bundle struct {
	RegistrationID      uint32 `json:"registrationId"`
	IdentityKey         []byte `json:"identityKey"`
	SignedPrekeyID      uint32 `json:"signedPrekeyId"`
	SignedPrekey        []byte `json:"signedPrekey"`
	SignedPrekeyPrivate []byte `json:"signedPrekeyPrivate,omitempty"`
	Signature           []byte `json:"signature"`
	PrekeyID            uint32 `json:"prekeyId"` // 0: none
	Prekey              []byte `json:"prekey,omitempty"`
	PrekeyPrivate       []byte `json:"prekeyPrivate,omitempty"`
}

// ours is the bundle in the library's own type.
func (b *bundle) ours() *session.Bundle {
	out := &session.Bundle{RegistrationID: b.RegistrationID, PrekeyID: b.PrekeyID, SignedPrekeyID: b.SignedPrekeyID}
	copy(out.IdentityKey[:], b.IdentityKey)
	copy(out.SignedPrekey[:], b.SignedPrekey)
	copy(out.Signature[:], b.Signature)
	copy(out.Prekey[:], b.Prekey)
	return out
}

// theirs is a bundle of the library's in the client's form.
func theirs(b *session.Bundle) *bundle {
	out := &bundle{
		RegistrationID: b.RegistrationID,
		IdentityKey:    b.IdentityKey[:],
		SignedPrekeyID: b.SignedPrekeyID,
		SignedPrekey:   b.SignedPrekey[:],
		Signature:      b.Signature[:],
		PrekeyID:       b.PrekeyID,
	}
	if b.PrekeyID != 0 {
		out.Prekey = b.Prekey[:]
	}
	return out
}

// message is one ciphertext on its way.
type message struct {
	Type       string `json:"type"` // "msg" or "pkmsg", as in <enc type>
	Ciphertext []byte `json:"ciphertext"`
}

func (m message) encType() stanza.EncType {
	if m.Type == "pkmsg" {
		return stanza.EncPkmsg
	}
	return stanza.EncMsg
}

// create makes an account; the same name again is a reinstalled device.
func (p *peer) create(t *testing.T, name string) *account {
	t.Helper()
	a := &account{peer: p, name: name}
	p.call(t, command{Op: "create", Account: name}, a)
	if a.RegistrationID == 0 || a.RegistrationID >= 1<<14 || len(a.IdentityKey) != 32 {
		t.Fatalf("signal-client %s made an account with registration id %d", p.version, a.RegistrationID)
	}
	return a
}

func (a *account) with(t *testing.T, op, jid string) command {
	t.Helper()
	to := addressOf(t, jid)
	return command{Op: op, Account: a.name, Name: to.Name, Device: to.Device}
}

func (a *account) publish(t *testing.T, prekey bool) *bundle {
	t.Helper()
	var b bundle
	a.call(t, command{Op: "publish", Account: a.name, Prekey: prekey}, &b)
	return &b
}

func (a *account) begin(t *testing.T, jid string, b *bundle) {
	t.Helper()
	c := a.with(t, "begin", jid)
	c.Bundle = b
	a.call(t, c, nil)
}

// beginKyber begins from the bundle with a Kyber prekey added, signed by the
// account named signer, which must hold the bundle's identity.
func (a *account) beginKyber(t *testing.T, jid string, b *bundle, signer *account) {
	t.Helper()
	c := a.with(t, "begin", jid)
	c.Bundle, c.KyberSigner = b, signer.name
	a.call(t, c, nil)
}

func (a *account) encrypt(t *testing.T, jid string, plaintext []byte) message {
	t.Helper()
	c := a.with(t, "encrypt", jid)
	c.Plaintext = plaintext
	var m message
	a.call(t, c, &m)
	return m
}

func (a *account) decrypt(t *testing.T, jid string, m message) ([]byte, error) {
	t.Helper()
	c := a.with(t, "decrypt", jid)
	c.Type, c.Ciphertext = m.Type, m.Ciphertext
	var out struct {
		Plaintext []byte `json:"plaintext"`
	}
	err := a.try(t, c, &out)
	return out.Plaintext, err
}

// inspection is what the client reads in a message without any key.
type inspection struct {
	Version        uint32 `json:"version"`
	Counter        uint32 `json:"counter"`
	RegistrationID uint32 `json:"registrationId"`
	PrekeyID       uint32 `json:"prekeyId"`
	SignedPrekeyID uint32 `json:"signedPrekeyId"`
}

func (p *peer) inspect(t *testing.T, m message) (i inspection) {
	t.Helper()
	p.call(t, command{Op: "inspect", Type: m.Type, Ciphertext: m.Ciphertext}, &i)
	return i
}

// prekeys is how many one-time prekeys the account still holds.
func (a *account) prekeys(t *testing.T, jid string) int {
	t.Helper()
	var out struct {
		Prekeys int `json:"prekeys"`
	}
	a.call(t, a.with(t, "state", jid), &out)
	return out.Prekeys
}

func (a *account) trust(t *testing.T, jid string, identity []byte) {
	t.Helper()
	c := a.with(t, "trust", jid)
	c.IdentityKey = identity
	a.call(t, c, nil)
}

func (a *account) export(t *testing.T, jid string) []byte {
	t.Helper()
	var out struct {
		Record []byte `json:"record"`
	}
	a.call(t, a.with(t, "export", jid), &out)
	return out.Record
}

// importSession takes over a session with the device jid, whose identity is given.
func (a *account) importSession(t *testing.T, jid string, record, identity []byte) {
	t.Helper()
	c := a.with(t, "import", jid)
	c.Record, c.IdentityKey = record, identity
	var out struct {
		HasCurrentState bool   `json:"hasCurrentState"`
		RegistrationID  uint32 `json:"registrationId"`
	}
	a.call(t, c, &out)
	if !out.HasCurrentState {
		t.Fatalf("signal-client %s sees no usable session in our record", a.version)
	}
}

func addressOf(t *testing.T, jid string) signal.Address {
	t.Helper()
	parsed, err := stanza.ParseJID(jid)
	if err != nil {
		t.Fatal(err)
	}
	name, device := parsed.Address()
	return signal.Address{Name: name, Device: device}
}
