package session

import (
	"libcallkey/core/curve"
	"libcallkey/core/kdf"
)

// Labels of the Double Ratchet's key derivations, the same in every Signal client.
const (
	handshakeLabel   = "WhisperText"
	ratchetLabel     = "WhisperRatchet"
	messageKeysLabel = "WhisperMessageKeys"
)

var (
	messageSeed = []byte{1}
	chainSeed   = []byte{2}
)

// chainKey is a sending or receiving chain's key before message number index.
type chainKey struct {
	key   [32]byte
	index uint32
}

// step advances the chain by one message, without its keys.
func (c *chainKey) step() {
	kdf.HMAC(&c.key, c.key[:], chainSeed)
	c.index++
}

// messageKeys are the keys of message number index.
type messageKeys struct {
	cipher, mac [32]byte
	iv          [16]byte
	index       uint32
}

func (k *messageKeys) wipe() { *k = messageKeys{} }

// take advances the chain by one message, and returns its keys.
func (c *chainKey) take() messageKeys {
	var chain kdf.Key
	var seed [32]byte
	chain.Set(c.key[:])
	kdf.Both(&seed, &c.key, &chain, &chain, messageSeed, chainSeed)
	chain.Clear()
	k := expandMessageKeys(&seed, c.index)
	c.index++
	clear(seed[:])
	return k
}

func expandMessageKeys(seed *[32]byte, index uint32) messageKeys {
	var material [80]byte
	kdf.HKDF(material[:], nil, seed[:], []byte(messageKeysLabel))
	k := messageKeys{index: index}
	copy(k.cipher[:], material[:32])
	copy(k.mac[:], material[32:64])
	copy(k.iv[:], material[64:])
	clear(material[:])
	return k
}

// stepRoot is one Diffie-Hellman step of the ratchet: the root key advances and a new
// chain begins. Errors: INVALID_KEY.
func stepRoot(root *[32]byte, private, public *[32]byte) (chain chainKey, err error) {
	var shared [32]byte
	if err := curve.Agree(&shared, private, public); err != nil {
		return chain, err
	}
	chain = mixRoot(root, &shared)
	clear(shared[:])
	return chain, nil
}

// mixRoot is stepRoot with the shared secret of its agreement.
func mixRoot(root, shared *[32]byte) (chain chainKey) {
	var keys [64]byte
	kdf.HKDF(keys[:], root[:], shared[:], []byte(ratchetLabel))
	copy(root[:], keys[:32])
	copy(chain.key[:], keys[32:])
	clear(keys[:])
	return chain
}
