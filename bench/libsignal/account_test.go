// Package libsignal measures the alternative: go.mau.fi/libsignal as it comes, with its
// own session.Builder and session.Cipher. It is test code only.
package libsignal

import (
	"context"
	"testing"

	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/serialize"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/keyhelper"
	"go.mau.fi/libsignal/util/optional"
)

var (
	background = context.Background()
	serializer = serialize.NewProtoBufSerializer()
)

const signedPrekeyID = 1

// account is one device: its keys and, in memory, what its sessions need. It has the
// methods that session.Builder asks of its four stores.
type account struct {
	identity     *identity.KeyPair
	registration uint32
	signedPrekey *record.SignedPreKey
	prekeys      map[uint32]*record.PreKey
	nextPrekey   uint32
	sessions     sessions
	trusted      map[string]string // identity keys by address
}

func newAccount(tb testing.TB, s sessions) *account {
	tb.Helper()
	own, err := keyhelper.GenerateIdentityKeyPair()
	if err != nil {
		tb.Fatal(err)
	}
	signed, err := keyhelper.GenerateSignedPreKey(own, signedPrekeyID, serializer.SignedPreKeyRecord)
	if err != nil {
		tb.Fatal(err)
	}
	return &account{
		identity: own, registration: 1, signedPrekey: signed, prekeys: map[uint32]*record.PreKey{},
		nextPrekey: 1, sessions: s, trusted: map[string]string{},
	}
}

// bundle publishes the account with a fresh one-time prekey.
func (a *account) bundle(tb testing.TB, device uint32) *prekey.Bundle {
	tb.Helper()
	id := a.nextPrekey
	a.nextPrekey++
	made, err := keyhelper.GeneratePreKeys(int(id), int(id), serializer.PreKeyRecord)
	if err != nil {
		tb.Fatal(err)
	}
	a.prekeys[id] = made[0]
	return prekey.NewBundle(a.registration, device, optional.NewOptionalUint32(id), signedPrekeyID,
		made[0].KeyPair().PublicKey(), a.signedPrekey.KeyPair().PublicKey(), a.signedPrekey.Signature(),
		a.identity.PublicKey())
}

func (a *account) builder(peer *protocol.SignalAddress) *session.Builder {
	return session.NewBuilder(a, a, a, a, peer, serializer)
}

func (a *account) cipher(peer *protocol.SignalAddress) *session.Cipher {
	return session.NewCipher(a.builder(peer), peer)
}

// seal is what an app does per device with this library: encrypt, then serialize.
func (a *account) seal(peer *protocol.SignalAddress, plaintext []byte) (ciphertext []byte, isPrekey bool, err error) {
	message, err := a.cipher(peer).Encrypt(background, plaintext)
	if err != nil {
		return nil, false, err
	}
	return message.Serialize(), message.Type() == protocol.PREKEY_TYPE, nil
}

func (a *account) open(peer *protocol.SignalAddress, ciphertext []byte, isPrekey bool) ([]byte, error) {
	if isPrekey {
		message, err := protocol.NewPreKeySignalMessageFromBytes(ciphertext, serializer.PreKeySignalMessage, serializer.SignalMessage)
		if err != nil {
			return nil, err
		}
		return a.cipher(peer).DecryptMessage(background, message)
	}
	message, err := protocol.NewSignalMessageFromBytes(ciphertext, serializer.SignalMessage)
	if err != nil {
		return nil, err
	}
	return a.cipher(peer).Decrypt(background, message)
}
