// Package protobuf reads and writes the messages that sessions and their records are made
// of: strictly, without reflection, and so that a secret is in one buffer only.
package protobuf

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// Field is one field of a protobuf message. Its methods read it as the kind that the
// caller expects, into the caller's place; anything else is MALFORMED.
type Field struct {
	Number protowire.Number
	Kind   protowire.Type
	value  uint64
	body   []byte // part of the message, not a copy
}

// Fields calls each for every field of b, in order. Errors: MALFORMED, and each's.
func Fields(b []byte, each func(f Field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return malformed("protobuf tag does not parse")
		}
		b = b[n:]
		f := Field{Number: number, Kind: kind}
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

// Varint reads a number of 64 bits.
func (f Field) Varint(to *uint64) error {
	if f.Kind != protowire.VarintType {
		return malformed("protobuf field is not a number")
	}
	*to = f.value
	return nil
}

// Uint32 reads a number of 32 bits.
func (f Field) Uint32(to *uint32) error {
	var n uint64
	if err := f.Varint(&n); err != nil {
		return err
	}
	if n > math.MaxUint32 {
		return malformed("number is above 32 bits")
	}
	*to = uint32(n)
	return nil
}

// UnixTime reads seconds since 1970.
func (f Field) UnixTime(to *int64) error {
	var n uint64
	if err := f.Varint(&n); err != nil {
		return err
	}
	*to = int64(n)
	return nil
}

// Bool reads a truth value.
func (f Field) Bool(to *bool) error {
	var n uint64
	if err := f.Varint(&n); err != nil {
		return err
	}
	*to = n != 0
	return nil
}

// Bytes sets to to a part of the message; it is not a copy.
func (f Field) Bytes(to *[]byte) error {
	if f.Kind != protowire.BytesType {
		return malformed("protobuf field is not bytes")
	}
	*to = f.body
	return nil
}

// Fields calls each for every field of the message that f is.
func (f Field) Fields(each func(f Field) error) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	return Fields(body, each)
}

// Key reads a secret of 32 bytes.
func (f Field) Key(to *[32]byte) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
		return err
	}
	if len(body) != len(to) {
		return malformed("key is not 32 bytes")
	}
	copy(to[:], body)
	return nil
}

// PublicKey reads a raw public key that was written with its type byte: 33 bytes.
func (f Field) PublicKey(to *[32]byte) error {
	var body []byte
	if err := f.Bytes(&body); err != nil {
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

// Unknown is the error for a field that a newer library or another client wrote: UNSUPPORTED.
func Unknown(where string) error {
	return status.New(status.Unsupported, "%s has a field that this library does not know", where)
}

func malformed(what string) error { return status.New(status.Malformed, "%s", what) }
