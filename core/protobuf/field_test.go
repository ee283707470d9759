package protobuf

import (
	"bytes"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/status"
)

// If this failed, a record that another client wrote would be read with a number cut to 32
// bits or a key of another length: a session that opens nothing any more.
func TestFieldsAreReadAsTheirKind(t *testing.T) {
	number := func(v uint64) Field { return Field{Number: 1, Kind: protowire.VarintType, value: v} }
	content := func(b ...byte) Field { return Field{Number: 1, Kind: protowire.BytesType, body: b} }
	fixed := Field{Number: 1, Kind: protowire.Fixed32Type}
	raw := bytes.Repeat([]byte{7}, 32)
	key := [32]byte(raw)
	public := append([]byte{5}, raw...)
	entry := protowire.AppendVarint(protowire.AppendTag(nil, 9, protowire.VarintType), 4)

	for _, row := range []struct {
		name  string
		given Field
		read  func(f Field) (any, error) // from a place that holds something else
		want  any                        // nil: MALFORMED, and the place is as it was
	}{
		{"a number", number(math.MaxUint64), as(1, Field.Varint), uint64(math.MaxUint64)},
		{"the largest uint32", number(math.MaxUint32), as(1, Field.Uint32), uint32(math.MaxUint32)},
		{"one more", number(math.MaxUint32 + 1), as(1, Field.Uint32), nil},
		{"a time", number(1700000000), as(1, Field.UnixTime), int64(1700000000)},
		{"true", number(2), as(false, Field.Bool), true},
		{"false", number(0), as(true, Field.Bool), false},
		{"a key", content(raw...), as([32]byte{1}, Field.Key), key},
		{"a short key", content(raw[1:]...), as([32]byte{1}, Field.Key), nil},
		{"a long key", content(public...), as([32]byte{1}, Field.Key), nil},
		{"a public key", content(public...), as([32]byte{1}, Field.PublicKey), key},
		{"a public key of another type", content(append([]byte{6}, raw...)...), as([32]byte{1}, Field.PublicKey), nil},
		{"a public key without its type", content(raw...), as([32]byte{1}, Field.PublicKey), nil},
		{"a public key that is too long", content(append(public, 0)...), as([32]byte{1}, Field.PublicKey), nil},
		{"a message", content(entry...), as(uint64(1), inner), uint64(4)},
		{"a message cut short", content(entry[:1]...), as(uint64(1), inner), nil},

		{"bytes as a number", content(1), as(1, Field.Varint), nil},
		{"bytes as a uint32", content(1), as(1, Field.Uint32), nil},
		{"bytes as a time", content(1), as(1, Field.UnixTime), nil},
		{"bytes as a truth", content(1), as(true, Field.Bool), nil},
		{"a number as a key", number(1), as([32]byte{1}, Field.Key), nil},
		{"a number as a public key", number(1), as([32]byte{1}, Field.PublicKey), nil},
		{"a number as a message", number(1), as(uint64(1), inner), nil},
		{"fixed 32 bits as a number", fixed, as(1, Field.Uint32), nil},
		{"fixed 32 bits as a key", fixed, as([32]byte{1}, Field.Key), nil},
	} {
		got, err := row.read(row.given)
		if row.want == nil && status.Of(err) != status.Malformed {
			t.Errorf("%s is %v, %v", row.name, got, err)
		}
		if row.want != nil && (err != nil || got != row.want) {
			t.Errorf("%s is %v, %v", row.name, got, err)
		}
	}
	var body []byte
	if err := content(1, 2).Bytes(&body); err != nil || !bytes.Equal(body, []byte{1, 2}) {
		t.Errorf("bytes are %v, %v", body, err)
	}
	if err := number(1).Bytes(&body); status.Of(err) != status.Malformed || !bytes.Equal(body, []byte{1, 2}) {
		t.Errorf("a number is bytes %v, %v", body, err)
	}
}

// as reads a field into a place that holds before. Its error is INTERNAL if the place
// changed and the field was refused.
func as[T comparable](before T, method func(f Field, to *T) error) func(f Field) (any, error) {
	return func(f Field) (any, error) {
		to := before
		err := method(f, &to)
		if err != nil && to != before {
			return to, status.New(status.Internal, "refused, and it is %v: %v", to, err)
		}
		return to, err
	}
}

// inner reads the number in field 9 of a message.
func inner(f Field, to *uint64) error {
	return f.Fields(func(f Field) error { return f.Varint(to) })
}
