package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"

	"go.mau.fi/libsignal/keys/chain"
	"go.mau.fi/libsignal/keys/message"
	"go.mau.fi/libsignal/state/record"

	"libcallkey/core/curve"
)

// writeSession puts a session record as the Go Signal library stores it, JSON, into
// FOLDER/session.json for the host to import, and returns its secrets.
func writeSession(folder string) ([]secret, error) {
	var all []secret
	random := func(name string, n int) []byte {
		b := make([]byte, n)
		rand.Read(b)
		all = append(all, secret{"JSON " + name, b},
			secret{"JSON text of " + name, []byte(base64.StdEncoding.EncodeToString(b))})
		return b
	}
	pair := func() (private, public []byte) {
		var secretKey, publicKey [curve.Bytes]byte
		copy(secretKey[:], random("ratchet key", curve.Bytes))
		curve.Public(&publicKey, &secretKey)
		typed := curve.Typed(&publicKey)
		return secretKey[:], typed[:]
	}
	_, own := pair()
	_, theirs := pair()
	_, base := pair()
	_, ratchet := pair()
	private, public := pair()
	text, err := json.Marshal(record.SessionStructure{SessionState: &record.StateStructure{
		LocalIdentityPublic: own, RemoteIdentityPublic: theirs, SenderBaseKey: base,
		LocalRegistrationID: 1, RemoteRegistrationID: 2, SessionVersion: 3,
		RootKey: random("root key", 32),
		SenderChain: &record.ChainStructure{
			SenderRatchetKeyPublic: public, SenderRatchetKeyPrivate: private,
			ChainKey: &chain.KeyStructure{Key: random("chain key", 32), Index: 3},
		},
		ReceiverChains: []*record.ChainStructure{{
			SenderRatchetKeyPublic: ratchet,
			ChainKey:               &chain.KeyStructure{Key: random("chain key", 32), Index: 2},
			MessageKeys: []*message.KeysStructure{{
				CipherKey: random("message keys", 32), MacKey: random("message keys", 32),
				IV: random("message keys", 16), Index: 1,
			}},
		}},
	}})
	if err != nil {
		return nil, err
	}
	return all, os.WriteFile(filepath.Join(folder, "session.json"), text, 0o600)
}
