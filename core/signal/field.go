package signal

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// field is one field of a protobuf message. Its methods read it as the kind that the
// caller expects, into the caller's place; anything else is MALFORMED.
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

// varint reads a number of 64 bits.
func (f field) varint(to *uint64) error {
	if f.kind != protowire.VarintType {
		return malformed("protobuf field is not a number")
	}
	*to = f.value
	return nil
}

func (f field) uint32(to *uint32) error {
	var n uint64
	if err := f.varint(&n); err != nil {
		return err
	}
	if n > math.MaxUint32 {
		return malformed("number is above 32 bits")
	}
	*to = uint32(n)
	return nil
}

// unixTime reads seconds since 1970.
func (f field) unixTime(to *int64) error {
	var n uint64
	if err := f.varint(&n); err != nil {
		return err
	}
	*to = int64(n)
	return nil
}

func (f field) bool(to *bool) error {
	var n uint64
	if err := f.varint(&n); err != nil {
		return err
	}
	*to = n != 0
	return nil
}

// bytes sets to to a part of the message; it is not a copy.
func (f field) bytes(to *[]byte) error {
	if f.kind != protowire.BytesType {
		return malformed("protobuf field is not bytes")
	}
	*to = f.body
	return nil
}

// fields calls each for every field of the message that f is.
func (f field) fields(each func(f field) error) error {
	var body []byte
	if err := f.bytes(&body); err != nil {
		return err
	}
	return fields(body, each)
}

// key reads a secret of 32 bytes.
func (f field) key(to *[32]byte) error {
	var body []byte
	if err := f.bytes(&body); err != nil {
		return err
	}
	if len(body) != len(to) {
		return malformed("key is not 32 bytes")
	}
	copy(to[:], body)
	return nil
}

// publicKey reads a raw public key that was written with its type byte: 33 bytes.
func (f field) publicKey(to *[32]byte) error {
	var body []byte
	if err := f.bytes(&body); err != nil {
		return err
	}
	switch {
	case len(body) != 1+curve.Bytes:
		return malformed("public key is not 33 bytes")
	case body[0] != curve.TypeByte:
		return malformed("public key is not of type 5")
	}
	copy(to[:], body[1:])
	return nil
}
