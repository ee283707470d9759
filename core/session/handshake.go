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

// begin makes h ready for the first secret.
func (h *handshake) begin() {
	h.n = 32
	for i := range h.material[:32] {
		h.material[i] = 0xff
	}
}

// agreement returns the agreement that makes the next secret.
func (h *handshake) agreement(private, public *[32]byte) curve.Agreement {
	shared := (*[32]byte)(h.material[h.n:])
	h.n += len(shared)
	return curve.Agreement{Shared: shared, Private: private, Public: public}
}

// lowOrder returns INVALID_KEY if an agreement was made with a key of low order.
func lowOrder(agreements []curve.Agreement) error {
	for i := range agreements {
		if agreements[i].LowOrder {
			return status.New(status.InvalidKey, "public key of low order")
		}
	}
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

// respond makes the session that a prekey message begins, in its state before the
// message is opened, and the turn of the ratchet that opening it makes: their agreements do not
// depend on each other. prekey is nil if the message names none.
func respond(own *Account, in *Incoming, signedPrekey, prekey *[32]byte, random Random, t *turn) (*state, error) {
	p, ratchet := in.prekey, &in.message.ratchet
	s := &state{
		localIdentity:      own.Public,
		remoteIdentity:     p.identity,
		localRegistration:  own.RegistrationID,
		remoteRegistration: p.registrationID,
		baseKey:            p.baseKey,
	}
	s.sender.private = *signedPrekey
	random.private(&t.private)
	var h handshake
	h.begin()
	defer h.wipe()
	var all [8]curve.Agreement
	agreements := append(all[:0],
		h.agreement(signedPrekey, &p.identity),
		h.agreement(&own.Private, &p.baseKey),
		h.agreement(signedPrekey, &p.baseKey))
	if prekey != nil {
		agreements = append(agreements, h.agreement(prekey, &p.baseKey))
	}
	agreements = append(agreements,
		curve.Agreement{Shared: &s.sender.public, Private: signedPrekey},
		curve.Agreement{Shared: &t.received, Private: signedPrekey, Public: ratchet},
		curve.Agreement{Shared: &t.public, Private: &t.private},
		curve.Agreement{Shared: &t.sent, Private: &t.private, Public: ratchet})
	curve.AgreeAll(agreements)
	if err := lowOrder(agreements); err != nil {
		s.wipe()
		return nil, err
	}
	s.root, s.sender.chain = h.keys()
	return s, nil
}
