package sessiontest

import (
	"libcallkey/core/kdf"
	"libcallkey/core/protobuf"
)

// ChainKey is a chain's key before message number Index.
type ChainKey struct {
	Key   [32]byte
	Index uint32
}

// MessageKeys are the keys of message number Index.
type MessageKeys struct {
	Cipher, MAC [32]byte
	IV          [16]byte
	Index       uint32
}

// Seed is what the chain's next message keys are made from.
func (c *ChainKey) Seed() (seed [32]byte) {
	kdf.HMAC(&seed, c.Key[:], []byte{1})
	return seed
}

// MessageKeys are the keys of the chain's next message.
func (c *ChainKey) MessageKeys() MessageKeys {
	seed := c.Seed()
	k := MessageKeys{Index: c.Index}
	k.expand(&seed)
	clear(seed[:])
	return k
}

func (k *MessageKeys) expand(seed *[32]byte) {
	var material [80]byte
	kdf.HKDF(material[:], nil, seed[:], []byte("WhisperMessageKeys"))
	copy(k.Cipher[:], material[:32])
	copy(k.MAC[:], material[32:64])
	copy(k.IV[:], material[64:])
	clear(material[:])
}

func (c *ChainKey) read(f protobuf.Field) error {
	return f.Fields(func(f protobuf.Field) error {
		switch f.Number {
		case 1:
			return f.Uint32(&c.Index)
		case 2:
			return f.Key(&c.Key)
		}
		return nil
	})
}

func (c *ChainKey) write(e *protobuf.Encoder) {
	mark := e.Begin(3)
	e.Number(1, uint64(c.Index))
	e.Bytes(2, c.Key[:])
	e.End(mark)
}

func (k *MessageKeys) read(f protobuf.Field) error {
	return f.Fields(func(f protobuf.Field) error {
		var iv []byte
		switch f.Number {
		case 1:
			return f.Uint32(&k.Index)
		case 2:
			return f.Key(&k.Cipher)
		case 3:
			return f.Key(&k.MAC)
		case 4:
			err := f.Bytes(&iv)
			copy(k.IV[:], iv)
			return err
		case 5:
			var seed [32]byte
			err := f.Key(&seed)
			k.expand(&seed)
			clear(seed[:])
			return err
		}
		return nil
	})
}

func (k *MessageKeys) write(e *protobuf.Encoder) {
	mark := e.Begin(4)
	e.Number(1, uint64(k.Index))
	e.Bytes(2, k.Cipher[:])
	e.Bytes(3, k.MAC[:])
	e.Bytes(4, k.IV[:])
	e.End(mark)
}
