package libsignal

import (
	"context"
	"errors"

	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/state/record"
)

// sessions is where the records are: in one of the two ways that apps keep them.
type sessions interface {
	load(address string) (*record.Session, error)
	store(address string, r *record.Session) error
	contains(address string) bool
	remove(address string)
}

// pointers keeps the records themselves: the fastest that the library can be, and not
// safe, for a refused message has changed them all the same.
type pointers map[string]*record.Session

func (p pointers) load(address string) (*record.Session, error)  { return p[address], nil }
func (p pointers) store(address string, r *record.Session) error { p[address] = r; return nil }
func (p pointers) contains(address string) bool                  { return p[address] != nil }
func (p pointers) remove(address string)                         { delete(p, address) }

// serialized keeps the records as bytes, as every app with a database does, and as
// libcallkey's own store in memory does.
type serialized map[string][]byte

func (s serialized) load(address string) (*record.Session, error) {
	if s[address] == nil {
		return nil, nil
	}
	return record.NewSessionFromBytes(s[address], serializer.Session, serializer.State)
}

func (s serialized) store(address string, r *record.Session) error {
	s[address] = r.Serialize()
	return nil
}

func (s serialized) contains(address string) bool { return s[address] != nil }
func (s serialized) remove(address string)        { delete(s, address) }

func (a *account) LoadSession(_ context.Context, address *protocol.SignalAddress) (*record.Session, error) {
	r, err := a.sessions.load(address.String())
	if r == nil && err == nil {
		r = record.NewSession(serializer.Session, serializer.State)
	}
	return r, err
}

func (a *account) StoreSession(_ context.Context, address *protocol.SignalAddress, r *record.Session) error {
	return a.sessions.store(address.String(), r)
}

func (a *account) ContainsSession(_ context.Context, address *protocol.SignalAddress) (bool, error) {
	return a.sessions.contains(address.String()), nil
}

func (a *account) DeleteSession(_ context.Context, address *protocol.SignalAddress) error {
	a.sessions.remove(address.String())
	return nil
}

func (a *account) GetIdentityKeyPair() *identity.KeyPair { return a.identity }
func (a *account) GetLocalRegistrationID() uint32        { return a.registration }

func (a *account) SaveIdentity(_ context.Context, address *protocol.SignalAddress, key *identity.Key) error {
	a.trusted[address.String()] = string(key.Serialize())
	return nil
}

func (a *account) IsTrustedIdentity(_ context.Context, address *protocol.SignalAddress, key *identity.Key) (bool, error) {
	known, ok := a.trusted[address.String()]
	return !ok || known == string(key.Serialize()), nil
}

func (a *account) LoadPreKey(_ context.Context, id uint32) (*record.PreKey, error) {
	return a.prekeys[id], nil
}

func (a *account) StorePreKey(_ context.Context, id uint32, r *record.PreKey) error {
	a.prekeys[id] = r
	return nil
}

func (a *account) ContainsPreKey(_ context.Context, id uint32) (bool, error) {
	return a.prekeys[id] != nil, nil
}

func (a *account) RemovePreKey(_ context.Context, id uint32) error {
	delete(a.prekeys, id)
	return nil
}

func (a *account) LoadSignedPreKey(context.Context, uint32) (*record.SignedPreKey, error) {
	return a.signedPrekey, nil
}

func (a *account) LoadSignedPreKeys(context.Context) ([]*record.SignedPreKey, error) {
	return []*record.SignedPreKey{a.signedPrekey}, nil
}

func (a *account) ContainsSignedPreKey(context.Context, uint32) (bool, error) { return true, nil }

// What the interfaces ask for besides and no session needs.
var errUnused = errors.New("not part of the measurement")

func (a *account) GetSubDeviceSessions(context.Context, string) ([]uint32, error) {
	return nil, errUnused
}

func (a *account) DeleteAllSessions(context.Context) error { return errUnused }

func (a *account) StoreSignedPreKey(context.Context, uint32, *record.SignedPreKey) error {
	return errUnused
}

func (a *account) RemoveSignedPreKey(context.Context, uint32) error { return errUnused }
