package signal

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// field is one field of a protobuf message. Its methods read it as the kind that the
// caller expects; anything else is MALFORMED.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64
	body   []byte // part of the message, not a copy
}

// fields calls each for every field of b, in order. Errors: MALFORMED, and each's.
func fields(b []byte, each func(f field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return malformed("protobuf tag does not parse")
		}
		b = b[n:]
		f := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.body, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return malformed("protobuf field does not parse")
		}
		b = b[n:]
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (f field) varint() (uint64, error) {
	if f.kind != protowire.VarintType {
		return 0, malformed("protobuf field is not a number")
	}
	return f.value, nil
}

func (f field) uint32() (uint64, error) {
	v, err := f.varint()
	if err == nil && v > math.MaxUint32 {
		return 0, malformed("number is above 32 bits")
	}
	return v, err
}

func (f field) bytes() ([]byte, error) {
	if f.kind != protowire.BytesType {
		return nil, malformed("protobuf field is not bytes")
	}
	return f.body, nil
}

// key is a secret of 32 bytes.
func (f field) key() (key [32]byte, err error) {
	body, err := f.bytes()
	if err == nil && len(body) != len(key) {
		err = malformed("key is not 32 bytes")
	}
	if err == nil {
		copy(key[:], body)
	}
	return key, err
}

// publicKey is a raw public key that was written with its type byte: 33 bytes.
func (f field) publicKey() (key [32]byte, err error) {
	body, err := f.bytes()
	switch {
	case err != nil:
	case len(body) != 1+curve.Bytes:
		err = malformed("public key is not 33 bytes")
	case body[0] != curve.TypeByte:
		err = malformed("public key is not of type 5")
	default:
		copy(key[:], body[1:])
	}
	return key, err
}
