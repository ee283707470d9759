package session

import (
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/protobuf"
	"libcallkey/core/secret"
)

type senderChain struct {
	private, public [32]byte
	chain           chainKey
}

type receiverChain struct {
	ratchet [32]byte
	chain   chainKey
	skipped []skippedKey // oldest first
	away    uint32       // the number of those in an archive that was not read
}

// skippedKey opens message number index, which was skipped. It holds the seed of the message's
// keys, because few of them are ever needed, or the keys, if another client wrote those.
type skippedKey struct {
	messageKeys
	seeded bool // cipher is the seed, and the rest is zero
}

func seedOf(seed *[32]byte, index uint32) skippedKey {
	return skippedKey{messageKeys{cipher: *seed, index: index}, true}
}

func (k *skippedKey) keys() messageKeys {
	if k.seeded {
		return expandMessageKeys(&k.cipher, k.index)
	}
	return k.messageKeys
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

	chainAway = 1001 // in a session row
)

func (c *senderChain) bodySize(f form) int {
	return protobuf.PublicKeyBytes + protobuf.KeyBytes + c.chain.size(f == bare)
}

func (c *senderChain) encode(e *protobuf.Encoder, f form) {
	e.Message(sessionSender, c.bodySize(f))
	e.PublicKey(chainRatchet, &c.public)
	e.Bytes(chainPrivate, c.private[:])
	c.chain.encode(e, f == bare)
}

// bodySize is that of encode. away: the chain key is in the chains row.
func (c *receiverChain) bodySize(f form, away bool) int {
	return protobuf.PublicKeyBytes + c.chain.size(away) + c.skippedSize(f)
}

func (c *receiverChain) encode(e *protobuf.Encoder, f form, away bool) {
	e.Message(sessionReceiver, c.bodySize(f, away))
	e.PublicKey(chainRatchet, &c.ratchet)
	c.chain.encode(e, away)
	switch n := c.missing(); {
	case f != bare:
		c.encodeSkipped(e, f)
	case n > 0:
		e.Number(chainAway, n)
	}
}

// missing is the number of skipped keys that a session row only counts.
func (c *receiverChain) missing() uint64 { return uint64(len(c.skipped)) + uint64(c.away) }

func (c *receiverChain) encodeSkipped(e *protobuf.Encoder, f form) {
	for i := range c.skipped {
		c.skipped[i].encode(e, f)
	}
}

// skippedSize is the size of the skipped keys, or of their number.
func (c *receiverChain) skippedSize(f form) (n int) {
	if f == bare {
		if n := c.missing(); n > 0 {
			return protowire.SizeTag(chainAway) + protowire.SizeVarint(n)
		}
		return 0
	}
	for i := range c.skipped {
		n += protobuf.MessageBytes(c.skipped[i].bodySize(f))
	}
	return n
}

func (k *skippedKey) bodySize(f form) int {
	if k.seeded && f == seeds {
		return protobuf.NumberBytes(uint64(k.index)) + protobuf.KeyBytes
	}
	return protobuf.NumberBytes(uint64(k.index)) + 2*protobuf.KeyBytes + 2 + len(k.iv)
}

func (k *skippedKey) encode(e *protobuf.Encoder, f form) {
	if k.seeded && f == seeds {
		k.encodeSeed(e)
		return
	}
	e.Message(chainMessageKeys, k.bodySize(f))
	e.Number(messageKeysIndex, uint64(k.index))
	keys := k.keys()
	e.Bytes(messageKeysCipher, keys.cipher[:])
	e.Bytes(messageKeysMAC, keys.mac[:])
	e.Bytes(messageKeysIV, keys.iv[:])
	keys.wipe()
}

// The tags of an entry with a seed, one byte each. A record may have 8,000 of them, and each message
// reads and writes all: so they are written, and read, without the general way.
const (
	entryTag = chainMessageKeys<<3 | byte(protowire.BytesType)
	indexTag = messageKeysIndex<<3 | byte(protowire.VarintType)
	seedTag  = messageKeysSeed<<3 | byte(protowire.BytesType)
)

func (k *skippedKey) encodeSeed(e *protobuf.Encoder) {
	size := 1 + protowire.SizeVarint(uint64(k.index)) + 2 + len(k.cipher)
	b := append(e.B, entryTag, byte(size), indexTag)
	b = protowire.AppendVarint(b, uint64(k.index))
	b = append(b, seedTag, byte(len(k.cipher)))
	e.B = append(b, k.cipher[:]...)
}

// decodeSeed reads the body of an entry that encodeSeed wrote; ok is false if it is another one.
func (k *skippedKey) decodeSeed(body []byte) (ok bool) {
	const seedAndTag = 2 + len(k.cipher)
	if len(body) < 2+seedAndTag || body[0] != indexTag {
		return false
	}
	index, n := protowire.ConsumeVarint(body[1:])
	seed := body[1+max(n, 0):]
	if n < 0 || index > math.MaxUint32 || len(seed) != seedAndTag || seed[0] != seedTag || int(seed[1]) != len(k.cipher) {
		return false
	}
	k.index, k.seeded = uint32(index), true
	copy(k.cipher[:], seed[2:])
	return true
}

func (c *chainKey) bodySize() int { return protobuf.NumberBytes(uint64(c.index)) + protobuf.KeyBytes }

// size is that of encode. away: the key is in the chains row.
func (c *chainKey) size(away bool) int {
	if away {
		return 0
	}
	return protobuf.MessageBytes(c.bodySize())
}

func (c *chainKey) encode(e *protobuf.Encoder, away bool) {
	if away {
		return
	}
	e.Message(chainKeyField, c.bodySize())
	e.Number(chainKeyIndex, uint64(c.index))
	e.Bytes(chainKeyKey, c.key[:])
}

func (c *senderChain) decode(f protobuf.Field) error {
	return f.Fields(func(f protobuf.Field) (err error) {
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
}

func (c *receiverChain) decode(f protobuf.Field) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	err := protobuf.Fields(body, func(f protobuf.Field) (err error) {
		switch f.Number {
		case chainRatchet:
			err = f.PublicKey(&c.ratchet)
		case chainKeyField:
			err = c.chain.decode(f)
		case chainMessageKeys:
			err = c.decodeSkipped(f, len(body))
		case chainAway:
			err = f.Uint32(&c.away)
		case chainPrivate:
		default:
			err = protobuf.Unknown("receiving chain")
		}
		return err
	})
	if err == nil && c.away > maxSkipped { // more than a chain keeps, and than awayMax is for
		err = malformed("receiving chain has too many keys of skipped messages")
	}
	return err
}

func (c *chainKey) decode(f protobuf.Field) error {
	err := f.Fields(func(f protobuf.Field) (err error) {
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
	if err == nil && secret.IsZero(c.key[:]) {
		err = malformed("chain key has no key")
	}
	return err
}

// decodeSkipped adds the key of a skipped message. chainBytes is the length of its chain, which tells
// how many may follow: they are of nearly one length.
func (c *receiverChain) decodeSkipped(f protobuf.Field, chainBytes int) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	if c.skipped == nil {
		c.reserve(min(maxSkipped, 1+chainBytes/(2+len(body))))
	}
	c.reserve(1)
	c.skipped = append(c.skipped, skippedKey{})
	k := &c.skipped[len(c.skipped)-1]
	if k.decodeSeed(body) {
		return nil
	}
	return k.decode(f)
}

// decode reads the keys themselves, or the seed that newer clients keep.
func (k *skippedKey) decode(f protobuf.Field) error {
	var cipher, mac, iv, seed []byte
	err := f.Fields(func(f protobuf.Field) (err error) {
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
		return err
	case len(seed) == 32:
		k.seeded = true
		copy(k.cipher[:], seed)
		return nil
	case len(cipher) != 32 || len(mac) != 32 || len(iv) != 16:
		return malformed("a message key has the wrong length")
	}
	copy(k.cipher[:], cipher)
	copy(k.mac[:], mac)
	copy(k.iv[:], iv)
	return nil
}

// keep adds the key of a skipped message, the newest of all.
func (c *receiverChain) keep(k skippedKey) {
	c.reserve(1)
	c.skipped = append(c.skipped, k)
}

// reserve makes room for n keys, for which the oldest may have to go.
func (c *receiverChain) reserve(n int) {
	had := c.skipped
	if over := len(had) + n - maxSkipped; over > 0 {
		had = slices.Delete(had, 0, over)
	}
	c.skipped = had
	if len(had)+n > cap(had) {
		// append would leave the keys in the outgrown array.
		c.skipped = append(make([]skippedKey, 0, max(8, 2*len(had), len(had)+n)), had...)
		clear(had)
	}
}

// wipe clears the chain's keys. Call it before dropping a chain: its skipped keys are
// elsewhere.
func (c *receiverChain) wipe() {
	clear(c.skipped)
	*c = receiverChain{}
}
