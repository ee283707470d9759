package hardening

import (
	"context"
	"errors"
	"fmt"
	"libcallkey/core/session"
	"testing"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/serialize"
	libsession "go.mau.fi/libsignal/session"
	librecord "go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/keyhelper"
	"go.mau.fi/libsignal/util/optional"
)

// Theirs is a device that runs the Signal library's own libsession.Builder and
// libsession.Cipher over a plain store. Sessions are kept as bytes, or, where shares is
// set, as the pointers that the library was handed.
type Theirs struct {
	shares     bool
	stored     map[string][]byte
	serializer *serialize.Serializer
	pair       *identity.KeyPair
	identities map[string]*identity.Key
	prekeys    map[uint32]*librecord.PreKey
	signed     map[uint32]*librecord.SignedPreKey
	sessions   map[string]*librecord.Session
	peer       *protocol.SignalAddress

	// storing, if set, runs once when a session is about to be stored: what another
	// goroutine may do then.
	storing func()
	// crashed is what the removal of a prekey returns: the process is killed before it.
	crashed error
}

func NewTheirs(t testing.TB) *Theirs {
	t.Helper()
	d := &Theirs{
		serializer: serialize.NewProtoBufSerializer(),
		identities: map[string]*identity.Key{},
		prekeys:    map[uint32]*librecord.PreKey{},
		signed:     map[uint32]*librecord.SignedPreKey{},
		sessions:   map[string]*librecord.Session{},
		stored:     map[string][]byte{},
		peer:       protocol.NewSignalAddress("peer", 1),
	}
	var err error
	if d.pair, err = keyhelper.GenerateIdentityKeyPair(); err != nil {
		t.Fatal(err)
	}
	signed, err := keyhelper.GenerateSignedPreKey(d.pair, 1, d.serializer.SignedPreKeyRecord)
	if err != nil {
		t.Fatal(err)
	}
	d.signed[1] = signed
	pair, err := ecc.GenerateKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	d.prekeys[1] = librecord.NewPreKey(1, pair, d.serializer.PreKeyRecord)
	return d
}

func (d *Theirs) Builder() *libsession.Builder {
	return libsession.NewBuilder(d, d, d, d, d.peer, d.serializer)
}

// Bundle has the one-time prekey unless it was used.
func (d *Theirs) Bundle() session.Bundle {
	b := session.Bundle{
		RegistrationID: 7, SignedPrekeyID: 1,
		IdentityKey:  d.pair.PublicKey().PublicKey().PublicKey(),
		SignedPrekey: d.signed[1].KeyPair().PublicKey().PublicKey(),
		Signature:    d.signed[1].Signature(),
	}
	if p := d.prekeys[1]; p != nil {
		b.PrekeyID, b.Prekey = 1, p.KeyPair().PublicKey().PublicKey()
	}
	return b
}

func (d *Theirs) Begin(b *session.Bundle) error {
	id := optional.NewOptionalUint32(b.PrekeyID)
	var oneTime ecc.ECPublicKeyable = ecc.NewDjbECPublicKey(b.Prekey)
	if b.PrekeyID == 0 {
		id, oneTime = optional.NewEmptyUint32(), nil
	}
	return d.Builder().ProcessBundle(context.Background(), prekey.NewBundle(b.RegistrationID, 1, id, b.SignedPrekeyID,
		oneTime, ecc.NewDjbECPublicKey(b.SignedPrekey), b.Signature, identity.NewKey(ecc.NewDjbECPublicKey(b.IdentityKey))))
}

func (d *Theirs) Seal(plaintext string) (session.Ciphertext, error) {
	c, err := libsession.NewCipher(d.Builder(), d.peer).Encrypt(context.Background(), []byte(plaintext))
	if err != nil {
		return session.Ciphertext{}, err
	}
	return session.Ciphertext{Bytes: c.Serialize(), Prekey: c.Type() == protocol.PREKEY_TYPE}, nil
}

var errPanic = errors.New("the library panicked")

// Open opens as an app would that trusts the library; a panic is an error here.
func (d *Theirs) Open(c session.Ciphertext) (plaintext string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	cipher := libsession.NewCipher(d.Builder(), d.peer)
	var opened []byte
	if c.Prekey {
		m, err := protocol.NewPreKeySignalMessageFromBytes(c.Bytes, d.serializer.PreKeySignalMessage, d.serializer.SignalMessage)
		if err != nil {
			return "", err
		}
		opened, err = cipher.DecryptMessage(context.Background(), m)
		return string(opened), err
	}
	m, err := protocol.NewSignalMessageFromBytes(c.Bytes, d.serializer.SignalMessage)
	if err != nil {
		return "", err
	}
	opened, err = cipher.Decrypt(context.Background(), m)
	return string(opened), err
}

func (d *Theirs) GetIdentityKeyPair() *identity.KeyPair { return d.pair }
func (d *Theirs) GetLocalRegistrationID() uint32        { return 7 }

func (d *Theirs) SaveIdentity(_ context.Context, a *protocol.SignalAddress, key *identity.Key) error {
	d.identities[a.String()] = key
	return nil
}

func (d *Theirs) IsTrustedIdentity(_ context.Context, a *protocol.SignalAddress, key *identity.Key) (bool, error) {
	had := d.identities[a.String()]
	return had == nil || had.Fingerprint() == key.Fingerprint(), nil
}

func (d *Theirs) LoadPreKey(_ context.Context, id uint32) (*librecord.PreKey, error) {
	return d.prekeys[id], nil
}

func (d *Theirs) StorePreKey(_ context.Context, id uint32, p *librecord.PreKey) error {
	d.prekeys[id] = p
	return nil
}

func (d *Theirs) ContainsPreKey(_ context.Context, id uint32) (bool, error) {
	return d.prekeys[id] != nil, nil
}

func (d *Theirs) RemovePreKey(_ context.Context, id uint32) error {
	if d.crashed != nil {
		return d.crashed
	}
	delete(d.prekeys, id)
	return nil
}

func (d *Theirs) LoadSignedPreKey(_ context.Context, id uint32) (*librecord.SignedPreKey, error) {
	return d.signed[id], nil
}

func (d *Theirs) LoadSignedPreKeys(context.Context) ([]*librecord.SignedPreKey, error) {
	return nil, nil
}

func (d *Theirs) StoreSignedPreKey(_ context.Context, id uint32, p *librecord.SignedPreKey) error {
	d.signed[id] = p
	return nil
}

func (d *Theirs) ContainsSignedPreKey(_ context.Context, id uint32) (bool, error) {
	return d.signed[id] != nil, nil
}

func (d *Theirs) RemoveSignedPreKey(_ context.Context, id uint32) error {
	delete(d.signed, id)
	return nil
}

func (d *Theirs) LoadSession(_ context.Context, a *protocol.SignalAddress) (*librecord.Session, error) {
	if s := d.sessions[a.String()]; s != nil && d.shares {
		return s, nil
	}
	if b := d.stored[a.String()]; b != nil {
		return librecord.NewSessionFromBytes(b, d.serializer.Session, d.serializer.State)
	}
	return librecord.NewSession(d.serializer.Session, d.serializer.State), nil
}

func (d *Theirs) GetSubDeviceSessions(context.Context, string) ([]uint32, error) { return nil, nil }

func (d *Theirs) StoreSession(_ context.Context, a *protocol.SignalAddress, s *librecord.Session) error {
	if run := d.storing; run != nil {
		d.storing = nil
		run()
	}
	d.sessions[a.String()] = s
	d.stored[a.String()] = s.Serialize()
	return nil
}

func (d *Theirs) ContainsSession(_ context.Context, a *protocol.SignalAddress) (bool, error) {
	return d.sessions[a.String()] != nil, nil
}

func (d *Theirs) DeleteSession(_ context.Context, a *protocol.SignalAddress) error {
	delete(d.sessions, a.String())
	delete(d.stored, a.String())
	return nil
}

func (d *Theirs) DeleteAllSessions(context.Context) error {
	clear(d.sessions)
	clear(d.stored)
	return nil
}

// Stored is the session record as the library wrote it: JSON.
func (d *Theirs) Stored() []byte { return d.stored[d.peer.String()] }
