package session

import (
	"libcallkey/core/protobuf"
	"slices"

	"libcallkey/core/secret"
)

type senderChain struct {
	private, public [32]byte
	chain           chainKey
}

type receiverChain struct {
	ratchet [32]byte
	chain   chainKey
	skipped []messageKeys // oldest first
}

// Numbers of the fields of a chain (ChainStructure).
const (
	chainRatchet     = 1
	chainPrivate     = 2
	chainKeyField    = 3
	chainMessageKeys = 4
)

const (
	chainKeyIndex = 1
	chainKeyKey   = 2

	messageKeysIndex  = 1
	messageKeysCipher = 2
	messageKeysMAC    = 3
	messageKeysIV     = 4
	messageKeysSeed   = 5

	// Beside the keys, from one implementation.
	messageKeysSeedToo = 100
)

func (c *senderChain) encode(e *protobuf.Encoder) {
	chain := e.Begin(sessionSender)
	e.PublicKey(chainRatchet, &c.public)
	e.Bytes(chainPrivate, c.private[:])
	c.chain.encode(e)
	e.End(chain)
}

func (c *receiverChain) encode(e *protobuf.Encoder) {
	chain := e.Begin(sessionReceiver)
	e.PublicKey(chainRatchet, &c.ratchet)
	c.chain.encode(e)
	for i := range c.skipped {
		k := &c.skipped[i]
		keys := e.Begin(chainMessageKeys)
		e.Number(messageKeysIndex, uint64(k.index))
		e.Bytes(messageKeysCipher, k.cipher[:])
		e.Bytes(messageKeysMAC, k.mac[:])
		e.Bytes(messageKeysIV, k.iv[:])
		e.End(keys)
	}
	e.End(chain)
}

func (c *chainKey) encode(e *protobuf.Encoder) {
	key := e.Begin(chainKeyField)
	e.Number(chainKeyIndex, uint64(c.index))
	e.Bytes(chainKeyKey, c.key[:])
	e.End(key)
}

func (c *senderChain) decode(f protobuf.Field) error {
	err := f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case chainRatchet:
			err = f.PublicKey(&c.public)
		case chainPrivate:
			err = f.Key(&c.private)
		case chainKeyField:
			err = c.chain.decode(f)
		case chainMessageKeys:
		default:
			err = protobuf.Unknown("sending chain")
		}
		return err
	})
	if err != nil {
		return err
	}
	if secret.IsZero(c.private[:]) || secret.IsZero(c.public[:]) {
		return malformed("sending chain has no ratchet key")
	}
	if secret.IsZero(c.chain.key[:]) {
		return malformed("sending chain has no chain key")
	}
	return nil
}

func (c *receiverChain) decode(f protobuf.Field) error {
	err := f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case chainRatchet:
			err = f.PublicKey(&c.ratchet)
		case chainKeyField:
			err = c.chain.decode(f)
		case chainMessageKeys:
			var k messageKeys
			if k, err = decodeMessageKeys(f); err == nil {
				c.keep(k)
			}
		case chainPrivate:
		default:
			err = protobuf.Unknown("receiving chain")
		}
		return err
	})
	if err == nil && c.ratchet == [32]byte{} { // public: sent in messages
		err = malformed("receiving chain has no ratchet key")
	}
	if err == nil && secret.IsZero(c.chain.key[:]) {
		err = malformed("receiving chain has no chain key")
	}
	return err
}

func (c *chainKey) decode(f protobuf.Field) error {
	return f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case chainKeyIndex:
			err = f.Uint32(&c.index)
		case chainKeyKey:
			err = f.Key(&c.key)
		default:
			err = protobuf.Unknown("chain key")
		}
		return err
	})
}

// decodeMessageKeys reads the keys themselves, or the seed that newer clients keep.
func decodeMessageKeys(f protobuf.Field) (k messageKeys, err error) {
	var cipher, mac, iv, seed []byte
	err = f.Fields(func(f protobuf.Field) (err error) {
		switch f.Number {
		case messageKeysIndex:
			err = f.Uint32(&k.index)
		case messageKeysCipher:
			err = f.Bytes(&cipher)
		case messageKeysMAC:
			err = f.Bytes(&mac)
		case messageKeysIV:
			err = f.Bytes(&iv)
		case messageKeysSeed, messageKeysSeedToo:
			err = f.Bytes(&seed)
		default:
			err = protobuf.Unknown("message keys")
		}
		return err
	})
	switch {
	case err != nil:
		return k, err
	case len(seed) == 32:
		return expandMessageKeys((*[32]byte)(seed), k.index), nil
	case len(cipher) != 32 || len(mac) != 32 || len(iv) != 16:
		return k, malformed("a message key has the wrong length")
	}
	copy(k.cipher[:], cipher)
	copy(k.mac[:], mac)
	copy(k.iv[:], iv)
	return k, nil
}

func (c *receiverChain) keep(k messageKeys) {
	had := c.skipped
	if len(had) >= maxSkipped {
		had = slices.Delete(had, 0, len(had)-maxSkipped+1)
	}
	c.skipped = had
	if len(had) == cap(had) {
		// append would leave the keys in the outgrown array.
		c.skipped = append(make([]messageKeys, 0, max(8, 2*len(had))), had...)
		clear(had)
	}
	c.skipped = append(c.skipped, k)
}

// wipe clears the chain's keys. Call it before dropping a chain: its skipped keys are
// elsewhere.
func (c *receiverChain) wipe() {
	clear(c.skipped)
	*c = receiverChain{}
}
