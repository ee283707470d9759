package session

import (
	"encoding/binary"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

const (
	// maxRegistrationID is the largest registration id that we make: 14 bits.
	maxRegistrationID = 16380
	// maxPrekeyID is the largest id of a prekey: 24 bits.
	maxPrekeyID = 1<<24 - 1
)

// GenerateAccount makes a new identity: it writes the private key to private and returns the
// registration id.
func GenerateAccount(private *[32]byte, random Random) (registrationID uint32) {
	var number [4]byte
	random(number[:])
	generate(private, random)
	return 1 + binary.LittleEndian.Uint32(number[:])%maxRegistrationID
}

// generate makes a key pair. Nothing of the private key stays behind.
func generate(private *[32]byte, random Random) (public [32]byte) {
	secret.Do(func() { random.keyPair(private, &public) })
	return public
}

// OpenAccount returns the account of a private key, which need not be clamped. Wipe it.
// Errors: INVALID_KEY (32 zero bytes).
func OpenAccount(registrationID uint32, private *[32]byte) (*Account, error) {
	a := &Account{RegistrationID: registrationID}
	if err := given("private identity key", &a.Private, private); err != nil {
		return nil, err
	}
	curve.Public(&a.Public, &a.Private)
	return a, nil
}

// given copies a private key that a program kept, and clamps it. Errors: INVALID_KEY.
func given(what string, to, from *[32]byte) error {
	return erasing(func() error {
		if secret.IsZero(from[:]) {
			return status.New(status.InvalidKey, "the %s is 32 zero bytes: a wiped one", what)
		}
		*to = *from
		curve.Clamp(to)
		return nil
	})
}

// Sign makes the account's XEdDSA signature of a message.
func (a *Account) Sign(message []byte) [64]byte { return curve.Sign(&a.Private, message) }

// GeneratePrekey makes a one-time prekey. Errors: ARGUMENT (id).
func GeneratePrekey(private *[32]byte, id uint32, random Random) (public [32]byte, err error) {
	if id == 0 || id > maxPrekeyID {
		return public, status.New(status.Argument, "id %d is not in 1..%d", id, maxPrekeyID)
	}
	return generate(private, random), nil
}

// GenerateSignedPrekey makes a signed prekey and its signature: the account's, of the public key
// with its type byte. Errors: ARGUMENT (id).
func GenerateSignedPrekey(private *[32]byte, a *Account, id uint32, random Random) (public [32]byte, signature [64]byte, err error) {
	if public, err = GeneratePrekey(private, id, random); err != nil {
		return public, signature, err
	}
	typed := curve.Typed(&public)
	return public, a.Sign(typed[:]), nil
}
