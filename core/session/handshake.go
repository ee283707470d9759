package session

import (
	"libcallkey/core/curve"
	"libcallkey/core/kdf"
	"libcallkey/core/status"
)

// handshake collects the shared secrets of X3DH: 32 bytes of 0xff, then each secret.
type handshake struct {
	material [5 * 32]byte
	n        int
}

func newHandshake() *handshake {
	h := handshake{n: 32}
	for i := range h.material[:32] {
		h.material[i] = 0xff
	}
	return &h
}

func (h *handshake) agree(private, public *[32]byte) error {
	var shared [32]byte
	if err := curve.Agree(&shared, private, public); err != nil {
		return err
	}
	h.n += copy(h.material[h.n:], shared[:])
	clear(shared[:])
	return nil
}

// keys derives the root key and the first chain from the secrets, and wipes those.
func (h *handshake) keys() (root [32]byte, chain chainKey) {
	var out [64]byte
	kdf.HKDF(out[:], nil, h.material[:h.n], []byte(handshakeLabel))
	copy(root[:], out[:32])
	copy(chain.key[:], out[32:])
	clear(out[:])
	h.wipe()
	return root, chain
}

func (h *handshake) wipe() { *h = handshake{} }

// Bundle is published by a device so that others can begin a session with it. Public
// keys are raw 32-byte X25519.
type Bundle struct {
	RegistrationID uint32
	PrekeyID       uint32 // 0: no one-time prekey
	SignedPrekeyID uint32
	IdentityKey    [32]byte
	Prekey         [32]byte
	SignedPrekey   [32]byte
	Signature      [64]byte // of the signed prekey with its type byte, by IdentityKey
}

// Check returns INVALID_KEY for keys that no honest device makes and for a wrong
// signature.
func (b *Bundle) Check() error {
	if err := curve.Validate(&b.IdentityKey); err != nil {
		return status.New(status.InvalidKey, "bundle's identity key: %v", err)
	}
	if err := curve.Validate(&b.SignedPrekey); err != nil {
		return status.New(status.InvalidKey, "bundle's signed prekey: %v", err)
	}
	if b.PrekeyID != 0 {
		if err := curve.Validate(&b.Prekey); err != nil {
			return status.New(status.InvalidKey, "bundle's one-time prekey: %v", err)
		}
	}
	typed := curve.Typed(&b.SignedPrekey)
	if !curve.Verify(&b.IdentityKey, typed[:], &b.Signature) {
		return status.New(status.InvalidKey, "bundle's signed prekey is not signed by its identity key")
	}
	return nil
}

// initiate begins a session with the owner of a checked bundle (X3DH, and the first
// step of the ratchet).
func initiate(own *Account, b *Bundle, now int64, random Random) (*state, error) {
	var basePrivate [32]byte
	s := &state{
		localIdentity:      own.Public,
		remoteIdentity:     b.IdentityKey,
		localRegistration:  own.RegistrationID,
		remoteRegistration: b.RegistrationID,
		pending:            pendingPrekey{true, b.PrekeyID, b.SignedPrekeyID, now},
	}
	random.keyPair(&basePrivate, &s.baseKey)
	defer clear(basePrivate[:])
	h := newHandshake()
	for _, pair := range [][2]*[32]byte{
		{&own.Private, &b.SignedPrekey},
		{&basePrivate, &b.IdentityKey},
		{&basePrivate, &b.SignedPrekey},
		{&basePrivate, &b.Prekey},
	} {
		if pair[1] == &b.Prekey && b.PrekeyID == 0 {
			continue
		}
		if err := h.agree(pair[0], pair[1]); err != nil {
			h.wipe()
			return nil, err
		}
	}
	root, chain := h.keys()
	s.receivers = append(s.room[:0], receiverChain{ratchet: b.SignedPrekey, chain: chain})
	random.keyPair(&s.sender.private, &s.sender.public)
	sending, err := stepRoot(&root, &s.sender.private, &b.SignedPrekey)
	if err != nil {
		s.wipe()
		return nil, err
	}
	s.root, s.sender.chain = root, sending
	return s, nil
}

// respond makes the session that a prekey message begins, in its state before the
// message is opened. prekey is nil if the message names none.
func respond(own *Account, p *prekeyMessage, signedPrekey, prekey *[32]byte) (*state, error) {
	h := newHandshake()
	for _, pair := range [][2]*[32]byte{
		{signedPrekey, &p.identity},
		{&own.Private, &p.baseKey},
		{signedPrekey, &p.baseKey},
		{prekey, &p.baseKey},
	} {
		if pair[0] == nil {
			continue
		}
		if err := h.agree(pair[0], pair[1]); err != nil {
			h.wipe()
			return nil, err
		}
	}
	s := state{
		localIdentity:      own.Public,
		remoteIdentity:     p.identity,
		localRegistration:  own.RegistrationID,
		remoteRegistration: p.registrationID,
		baseKey:            p.baseKey,
	}
	s.root, s.sender.chain = h.keys()
	s.sender.private = *signedPrekey
	curve.Public(&s.sender.public, signedPrekey)
	return &s, nil
}
